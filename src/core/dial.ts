import type { Instant } from './event.ts'
import type { Rules } from './rules.ts'
import type { Credential, Dial, Down, MachineState, Purpose } from './state.ts'
import type { Step } from './step.ts'

/** May be dialled with: nothing needed, or held and not expired by the wall clock. */
export function usable(credential: Credential, { wall }: Instant): boolean {
  return (
    credential.type === 'unneeded' ||
    (credential.type === 'held' && (credential.expiresAt === null || credential.expiresAt > wall))
  )
}

/** From now on nothing serves. */
export function downFrom(rules: Rules, now: number): Down {
  return { type: 'brief', since: now, limitedAt: now + rules.limitedAfterMs }
}

/** Each failed attempt gets half as long again: an overloaded server is slow, and every abandoned handshake costs it a slot. */
function timeoutMs(rules: Rules, attempt: number): number {
  return Math.min(rules.connectTimeoutCapMs, rules.connectTimeoutMs * rules.connectTimeoutGrowth ** attempt)
}

/** Begins a connection: fetches what the dial needs, or dials at once when it needs nothing. */
export function begin(rules: Rules, state: MachineState, purpose: Purpose, at: Instant): Step {
  const { retry, session, connections } = state
  const { credential } = session
  const dial: Dial = {
    number: connections + 1,
    id: Math.floor(at.roll * 0x10000)
      .toString(16)
      .padStart(4, '0'),
    transport: purpose === 'promote' ? 0 : retry.transport,
    purpose,
    phase: 'authorizing',
    startedAt: at.now,
    deadlineAt: at.now + timeoutMs(rules, retry.attempt),
  }
  const next: MachineState = { ...state, dial, wait: null, connections: dial.number }
  if (usable(credential, at) && !rules.authorizes) return connect(rules, next, dial, at)
  return [next, [{ type: 'authorize', number: dial.number, attempt: retry.attempt, credential: credential.type }]]
}

/** Dials, and tells the dial guard. */
export function connect(rules: Rules, state: MachineState, dial: Dial, { now }: Instant): Step {
  const { number, id, transport, purpose } = dial
  const { attempt, previousMs, dials, evidence } = state.retry
  return [
    {
      ...state,
      dial: {
        number,
        id,
        transport,
        purpose,
        phase: 'connecting',
        startedAt: now,
        deadlineAt: now + timeoutMs(rules, attempt),
      },
      retry: {
        attempt,
        previousMs,
        transport: state.retry.transport,
        dials: [...dials, now].slice(-rules.guardDials),
        evidence,
      },
    },
    [{ type: 'dial', number, id, transport, attempt }],
  ]
}

/** The connection is ready: it serves, and the one that served until now is retired. */
export function serve(rules: Rules, state: MachineState, dial: Dial, { now }: Instant): Step {
  const { serving, retry, session } = state
  const { number, id, transport } = dial
  return [
    {
      ...state,
      serving: { number, id, transport, openedAt: now, stableAt: now + rules.stableMs },
      dial: null,
      wait: null,
      down: null,
      cause: null,
      retry: {
        attempt: retry.attempt,
        previousMs: retry.previousMs,
        transport,
        dials: retry.dials,
        evidence: retry.evidence,
      },
      session: { everOpen: true, credential: session.credential, refusals: session.refusals },
    },
    [
      {
        type: 'serve',
        number,
        reconnected: session.everOpen,
        attempt: retry.attempt,
        replaces: serving && serving.number,
      },
      ...(serving ? ([{ type: 'retire', number: serving.number }] as const) : []),
    ],
  ]
}
