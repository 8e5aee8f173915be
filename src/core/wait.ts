import type { Instant } from './event.ts'
import type { Answer, Rules } from './rules.ts'
import type { MachineState, Page, Purpose, Retry, Wait, WaitedBy } from './state.ts'

/** When the dial guard allows the next dial: at most `guardDials` in any `guardWindowMs`, whatever policies and chance say. */
function guardedFrom(rules: Rules, retry: Retry, now: number): number {
  const oldest = retry.dials.at(-rules.guardDials)
  return retry.dials.length < rules.guardDials || oldest === undefined
    ? now
    : Math.max(now, oldest + rules.guardWindowMs)
}

/** Local evidence (a network change, waking up, coming back online) that is recent and may still shorten a wait. */
export function evident(rules: Rules, { evidence: { seenAt, usedAt } }: Retry, now: number): boolean {
  return (
    seenAt !== null && now - seenAt <= rules.evidenceForMs && (usedAt === null || now - usedAt >= rules.evidenceForMs)
  )
}

/** Why the page should not dial at all just now. */
export function pausedBy(rules: Rules, page: Page, now: number): 'frozen' | 'hidden' | null {
  if (page.frozen) return 'frozen'
  return page.hiddenSince !== null && now - page.hiddenSince >= rules.hiddenPauseMs ? 'hidden' : null
}

/** While the browser says offline, dials are this sparse; 0 while it does not. */
export function offlineUntil(rules: Rules, { page, retry }: MachineState, now: number): number {
  return page.online ? 0 : (retry.dials.at(-1) ?? now) + rules.offlineEveryMs
}

/** A wait for somebody who does not want to wait: as short as the dial guard allows. */
export function soonest(rules: Rules, retry: Retry, purpose: Purpose, now: number, by: WaitedBy = 'app'): Wait {
  return { type: 'backoff', purpose, until: guardedFrom(rules, retry, now), notBefore: now, by }
}

/** What was asked about a wait: by a policy, by the server (a delay in ms), by an earlier wait (a floor). */
export interface Asked {
  readonly answer?: Answer
  readonly serverMs?: number | null
  readonly notBefore?: number
}

/**
 * Draws the wait before the next dial. The guard is applied here and not at the dial, so that what the status
 * promises (`nextRetryAt`) is when the dial happens.
 */
export function drawWait(
  rules: Rules,
  state: MachineState,
  purpose: Purpose,
  { now, roll }: Instant,
  { answer = 'retry', serverMs = null, notBefore = now }: Asked = {},
): { readonly wait: Wait; readonly retry: Retry } {
  const { retry, down } = state
  const slow = answer === 'retry-slowly'
  const fixedMs = typeof answer === 'object' ? answer.afterMs : serverMs
  let floor = Math.max(now, notBefore)
  if (fixedMs !== null) floor = Math.max(floor, now + Math.min(fixedMs, rules.serverDelayCapMs))

  const paused = pausedBy(rules, state.page, now)
  if (paused) return { wait: { type: 'paused', purpose, notBefore: floor, by: paused }, retry }

  let until = floor
  let by: WaitedBy = 'policy'
  let { previousMs, evidence } = retry
  if (typeof answer !== 'object') {
    if (fixedMs === null && !slow && evident(rules, retry, now)) {
      until = Math.max(floor, now + roll * rules.evidenceDelayMs)
      by = 'local-evidence'
      evidence = { seenAt: null, usedAt: now }
    } else {
      const downMs = down ? now - down.since : 0
      previousMs = rules.backoff({ attempt: retry.attempt, previousMs: retry.previousMs, downMs, slow, roll })
      // Spread over the window even after a delay the server asked for: it asked everybody for the same one.
      until = fixedMs === null ? Math.max(floor, now + previousMs) : floor + previousMs
      if (slow) floor = until
      else by = fixedMs === null ? 'backoff' : 'server'
    }
  }

  const sparse = offlineUntil(rules, state, now)
  if (sparse > until) {
    until = sparse
    by = 'offline'
  }
  const guarded = guardedFrom(rules, retry, now)
  if (guarded > until) {
    until = guarded
    by = 'dial-guard'
  }
  return {
    wait: { type: 'backoff', purpose, until, notBefore: floor, by },
    retry: { attempt: retry.attempt, previousMs, transport: retry.transport, dials: retry.dials, evidence },
  }
}
