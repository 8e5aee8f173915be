/** How long to wait before the next dial. */
import type { Draft } from './draft.ts'
import {
  DELAY_CAP_MS,
  EVIDENCE_DELAY_MS,
  EVIDENCE_FOR_MS,
  GUARD_DIALS,
  GUARD_WINDOW_MS,
  HIDDEN_PAUSE_MS,
  OFFLINE_EVERY_MS,
} from './limits.ts'
import type { Answer } from './rules.ts'
import { LONG_AGO, type Purpose, type WaitedBy } from './state.ts'

/** Local evidence (a network change, waking up, coming back online) that is recent and may still shorten a wait. */
export function evident({ after: { retry }, now }: Draft): boolean {
  return now - retry.evidenceAt <= EVIDENCE_FOR_MS && now - retry.evidenceUsedAt >= EVIDENCE_FOR_MS
}

/** Why the page should not dial at all just now. */
export function paused({ after: { page }, now }: Draft): 'frozen' | 'hidden' | null {
  if (page.frozen) return 'frozen'
  return page.hiddenSince !== null && now - page.hiddenSince >= HIDDEN_PAUSE_MS ? 'hidden' : null
}

/**
 * Draws a wait: paused, as long as somebody asked for, short on local evidence, else by backoff.
 *
 * @param serverMs - What the server asked for.
 * @param notBefore - What was asked for before, when a wait is drawn anew.
 */
export function draw(
  t: Draft,
  purpose: Purpose,
  answer: Answer = 'retry',
  serverMs: number | null = null,
  notBefore: number = t.now,
): void {
  const { after, now, roll, rules } = t
  const { retry } = after
  const by = paused(t)
  const fixed = typeof answer === 'object'
  let floor = Math.max(notBefore, now + Math.min(fixed ? answer.afterMs : (serverMs ?? 0), DELAY_CAP_MS))
  let until = floor
  let asked: WaitedBy = 'policy'
  const slow = answer === 'retry-slowly'
  const local = !fixed && !slow && !by && evident(t)
  if (local) {
    until += roll * EVIDENCE_DELAY_MS
    asked = 'local-evidence'
  } else if (!fixed) {
    const { attempt, previousMs, failingSince } = retry
    const failingMs = failingSince === null ? 0 : now - failingSince
    retry.previousMs = rules.backoff({ attempt, previousMs, failingMs, slow, roll })
    // Spread even after a delay that the server asked for: it asked everybody for the same one.
    until = Math.max(floor, (serverMs === null ? now : floor) + retry.previousMs)
    if (slow) floor = until
    else asked = serverMs === null ? 'backoff' : 'server'
  }
  if (by) after.wait = { purpose, until: null, notBefore: floor, by }
  else hold(t, purpose, until, asked, floor)
  // A laptop wakes first, and is online seconds later: what did not help offline is kept for then.
  if (local && after.wait?.by !== 'offline') {
    retry.evidenceAt = LONG_AGO
    retry.evidenceUsedAt = now
  }
}

/**
 * Waits until then, or later: sparsely while offline, and never past the dial guard. Applied here and not at the dial,
 * so that what the status promises (`nextRetryAt`) is when the dial happens.
 */
export function hold(
  { after, now }: Draft,
  purpose: Purpose,
  until: number,
  by: WaitedBy,
  notBefore: number = now,
): void {
  const { retry, page } = after
  const { dials } = retry
  const sparse = page.online || by === 'app' ? until : (dials.at(-1) ?? LONG_AGO) + OFFLINE_EVERY_MS
  const guarded = (dials.at(-GUARD_DIALS) ?? LONG_AGO) + GUARD_WINDOW_MS
  after.wait = { purpose, until, notBefore, by }
  if (sparse > until) after.wait = { purpose, until: sparse, notBefore, by: 'offline' }
  if (guarded > Math.max(until, sparse)) after.wait = { purpose, until: guarded, notBefore, by: 'dial-guard' }
}
