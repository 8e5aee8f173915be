import type { Effect } from './effect.ts'
import type { Instant, MachineEvent } from './event.ts'
import type { Answer, Rules } from './rules.ts'
import type { MachineState, State } from './state.ts'
import { transition } from './transition.ts'

/** One transition as plain data: what happened, when, what it led to, and what the policies answered. JSON-safe. */
export interface TransitionRecord extends Instant {
  readonly event: MachineEvent
  /** The public state before and after. */
  readonly from: State
  readonly to: State
  /** The whole state after. */
  readonly state: MachineState
  readonly effects: readonly Effect[]
  /** What policies answered during this transition, in order of asking; `null` where one abstained. */
  readonly answers: readonly (Answer | number | null)[]
  /** Messages received and sent on the connection that this record is about. */
  readonly received: number
  readonly sent: number
  /** Messages that waited in the outbox. */
  readonly queued: number
}

/** Runs a trace again, with the stored answers fed back to the machine: the states it goes through. */
export function replay(
  rules: Rules,
  initial: MachineState,
  records: readonly Pick<TransitionRecord, 'event' | 'now' | 'wall' | 'roll' | 'answers'>[],
): readonly MachineState[] {
  let state = initial
  return records.map(({ event, answers, ...at }) => {
    const stored = [...answers]
    const next = (): Answer | number | null | undefined => stored.shift()
    const decide = (): Answer | undefined => {
      const answer = next()
      return typeof answer === 'number' ? undefined : (answer ?? undefined)
    }
    const backoff = (): number => Number(next())
    state = transition({ ...rules, decide, backoff }, state, event, at)[0]
    return state
  })
}
