import type { Effect } from './effect.ts'
import type { Instant, MachineEvent } from './event.ts'
import type { Answer, Beat, Rules } from './rules.ts'
import type { MachineState, State } from './state.ts'
import { transition } from './transition.ts'

/** What a policy, a backoff or a heartbeat answered; `null` where it abstained. */
export type Answered = Answer | number | Beat | null

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
  readonly answers: readonly Answered[]
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
    const next = (): Answered | undefined => stored.shift()
    const decide = (): Answer | undefined => {
      const answer = next()
      return isBeat(answer) || typeof answer === 'number' ? undefined : (answer ?? undefined)
    }
    const backoff = (): number => Number(next())
    const judge = (): Beat => {
      const answer = next()
      return isBeat(answer) ? answer : { type: 'wait', ms: null }
    }
    const life = rules.life && { pings: rules.life.pings, judge }
    state = transition({ ...rules, decide, backoff, life }, state, event, at)[0]
    return state
  })
}

/** What a heartbeat answered, and no policy. */
export function isBeat(answer: Answered | undefined): answer is Beat {
  return typeof answer === 'object' && answer !== null && 'type' in answer
}
