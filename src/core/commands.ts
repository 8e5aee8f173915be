/** What the app asks for. None of it asks a policy. */
import { downFrom } from './dial.ts'
import type { Effect } from './effect.ts'
import { endingOf, lost, nextAfter } from './ending.ts'
import type { Instant, MachineEvent } from './event.ts'
import type { Rules } from './rules.ts'
import type { MachineState, Purpose, Session } from './state.ts'
import type { Step } from './step.ts'
import { soonest } from './wait.ts'

/** The app's `close()`: polite to what is up, and final. */
export function close(
  state: MachineState,
  { code, reason }: Extract<MachineEvent, { readonly type: 'close' }>,
  { now }: Instant,
): Step {
  const { serving, dial } = state
  if (state.intent !== 'run') return [state, []]
  const effects: Effect[] = [{ type: 'discard' }]
  let closing = serving ? null : dial
  if (dial && dial !== closing) effects.push({ type: 'retire', number: dial.number })
  if (closing?.phase === 'authorizing') {
    // Nothing to be polite to: end it in the next task.
    effects.push({ type: 'retire', number: closing.number })
    closing = { ...closing, deadlineAt: now }
  } else {
    const live = serving ?? closing
    if (live) effects.push({ type: 'shut', number: live.number, code, reason })
  }
  return [
    {
      ...state,
      intent: 'closing',
      serving: serving && { ...serving, stableAt: null },
      dial: closing,
      wait: null,
      down: null,
    },
    effects,
  ]
}

/** The app's `reconnect()`, from every state: drop what there is, dial as soon as the guard allows. */
export function reconnect(rules: Rules, state: MachineState, at: Instant): Step {
  const { intent, serving, dial, session } = state
  const base = intent === 'closed' ? newLife(rules, state, at) : state
  const wait = soonest(rules, base.retry, recovering(session), at.now)
  const next: MachineState = {
    ...base,
    intent: 'run',
    serving: null,
    dial: null,
    wait,
    down: base.down ?? downFrom(rules, at.now),
  }
  const live = serving ?? dial
  if (!live) return [next, []]
  const facts = endingOf(rules, state, live, lost(live.number, 'client'), at)
  const disconnect = { ...facts, next: nextAfter(wait, at.now) }
  const retired = [serving, dial].flatMap(each => (each ? [{ type: 'retire', number: each.number } as const] : []))
  return [{ ...next, cause: disconnect }, [...retired, { type: 'disconnected', disconnect, silent: false }]]
}

/** Replace the serving connection, or try a better transport: dial first where two connections may overlap. */
export function handOver(rules: Rules, state: MachineState, purpose: 'replace' | 'promote', at: Instant): Step {
  const { serving, dial, wait } = state
  if (state.intent !== 'run' || !serving) return [state, []]
  const current = dial ?? wait
  if (current) {
    // A stronger reason relabels what is under way, and never adds a second dial.
    if (purpose !== 'replace' || current.purpose !== 'promote') return [state, []]
    return [{ ...state, dial: dial && { ...dial, purpose }, wait: wait && { ...wait, purpose } }, []]
  }
  if (!rules.overlaps) return reconnect(rules, state, at)
  return [{ ...state, wait: soonest(rules, state.retry, purpose, at.now, 'policy') }, []]
}

/** A dial that is older than what the network can still be expected to deliver. */
export function hangs(rules: Rules, { serving, dial }: MachineState, { now }: Instant): boolean {
  return !serving && dial !== null && now - dial.startedAt >= rules.hungDialMs
}

/** What the next dial is for when nothing serves. */
export function recovering(session: Session): Purpose {
  return session.everOpen ? 'recover' : 'first'
}

/** A new life, after `closed`: counts begin again, the dial guard's memory does not. */
export function newLife(rules: Rules, state: MachineState, { now }: Instant): MachineState {
  const { retry, session } = state
  return {
    ...state,
    intent: 'run',
    down: downFrom(rules, now),
    retry: { attempt: 0, previousMs: 0, transport: 0, dials: retry.dials, evidence: retry.evidence },
    session: { everOpen: session.everOpen, credential: session.credential, refusals: 0 },
    cause: null,
  }
}
