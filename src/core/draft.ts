import type { Effect } from './effect.ts'
import type { Instant } from './event.ts'
import type { Rules } from './rules.ts'
import type { Dial, MachineState, Retry, Serving, Session } from './state.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** One step in the making: the state before, the draft of the state after, and the effects so far. Slots are replaced, never edited. */
export interface Draft extends Instant {
  readonly rules: Rules
  readonly before: MachineState
  /** Shares neither `retry` nor `session` with `before`: they are drafts too. */
  readonly after: Writable<Omit<MachineState, 'retry' | 'session'>> & {
    readonly retry: Writable<Retry>
    readonly session: Writable<Session>
  }
  readonly effects: Effect[]
}

/** Begins a step. */
export function draftOf(rules: Rules, before: MachineState, { now, wall, roll }: Instant): Draft {
  const { retry, session } = before
  // Whole literals: a spread leaves a third of the fields in an array beside the object, in every idle socket.
  const after: Draft['after'] = {
    intent: before.intent,
    serving: before.serving,
    dial: before.dial,
    wait: before.wait,
    down: before.down,
    renewal: before.renewal,
    retry: {
      attempt: retry.attempt,
      failingSince: retry.failingSince,
      previousMs: retry.previousMs,
      transport: retry.transport,
      better: retry.better,
      dials: retry.dials,
      evidenceAt: retry.evidenceAt,
      evidenceUsedAt: retry.evidenceUsedAt,
      history: retry.history,
    },
    session: {
      everOpen: session.everOpen,
      credential: session.credential,
      issued: session.issued,
      expiresAt: session.expiresAt,
      renewAt: session.renewAt,
      refusals: session.refusals,
    },
    page: before.page,
    lesson: before.lesson,
    cause: before.cause,
    connections: before.connections,
  }
  const { credential, expiresAt } = session
  if (credential === 'held' && expiresAt !== null && expiresAt <= wall) after.session.credential = 'expired'
  return { rules, before, after, effects: [], now, wall, roll }
}

/** Gives up a dial. The credential that is fetched for it is what the next one waits for: the server may have seen that refresh. */
export function drop(t: Draft, dial: Dial | null): void {
  retire(t, dial)
  if (dial?.phase !== 'authorizing' || !t.rules.credentials) return
  const { deadlineAt } = dial
  if (deadlineAt !== null && deadlineAt > t.now) t.after.renewal = { deadlineAt }
  else t.effects.push({ type: 'abandon' })
}

/** Stops listening to a connection and closes it in the background. */
export function retire({ effects }: Draft, was: Serving | Dial | null): void {
  if (was) effects.push({ type: 'retire', number: was.number })
}
