import { deadline } from '../core/deadline.ts'
import type { Effect } from '../core/effect.ts'
import type { MachineEvent } from '../core/event.ts'
import type { Rules } from '../core/rules.ts'
import { initialState, type MachineState, stateOf } from '../core/state.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { transition } from '../core/transition.ts'
import type { Clock } from './clock.ts'

/** Wall time that runs ahead of monotonic time by this much, or a tick this late: the machine slept. */
const SLEPT_MS = 5_000

/** What the driver needs of the world. */
export interface World {
  readonly clock: Clock
  readonly rules: Rules
  perform(effect: Effect): void
  observe(record: Omit<TransitionRecord, 'received' | 'sent' | 'queued'>): void
  /** When the status wants refreshing, beside the machine's own deadline: there is one timer. `Infinity` for never. */
  refreshAt(): number
  refresh(): void
  /** A due tick changed nothing, against law 9: the driver stops its timer rather than spin. */
  defect(): void
}

/** Runs the machine: one event at a time to completion, then the effects in order, then one timer. */
export interface Driver {
  state(): MachineState
  dispatch(event: MachineEvent): void
  /** Looks at the deadlines again. */
  arm(): void
}

/** A driver around a machine that was not started. */
export function driver(world: World): Driver {
  const { clock } = world
  let state = initialState()
  let deciding = false
  let performing = false
  let drift = clock.wall() - clock.now()
  let armedAt = Infinity
  let disarm: (() => void) | undefined
  let answers: TransitionRecord['answers'][number][] = []
  const inbox: MachineEvent[] = []
  const records: Parameters<World['observe']>[0][] = []
  const rules: Rules = {
    ...world.rules,
    decide: ending => {
      const answer = world.rules.decide(ending)
      answers.push(answer ?? null)
      return answer
    },
    backoff: question => {
      const delay = world.rules.backoff(question)
      answers.push(delay)
      return delay
    },
  }

  /** The state changes at once, so that `readyState` is right in the next line; the effects wait for their turn. */
  function dispatch(event: MachineEvent): void {
    inbox.push(event)
    // A policy that calls back into the socket is heard after the transition that asked it.
    if (deciding) return
    for (let next = inbox.shift(); next; next = inbox.shift()) step(next)
    if (performing) return
    performing = true
    try {
      for (let record = records.shift(); record; record = records.shift()) {
        world.observe(record)
        for (const effect of record.effects) world.perform(effect)
      }
    } finally {
      performing = false
    }
    arm()
  }

  function step(event: MachineEvent): void {
    const now = clock.now()
    const wall = clock.wall()
    const gained = wall - now - drift
    drift += gained
    if (gained > SLEPT_MS) step({ type: 'signal', signal: 'woke' })
    const roll = clock.roll()
    const before = state
    deciding = true
    const [after, effects] = transition(rules, before, event, { now, wall, roll })
    deciding = false
    if (after === before) return
    state = after
    records.push({ now, wall, roll, event, from: stateOf(before), to: stateOf(after), state, effects, answers })
    answers = []
  }

  function arm(): void {
    const at = Math.min(deadline(state), world.refreshAt())
    if (at === armedAt) return
    disarm?.()
    armedAt = at
    disarm = at < Infinity ? clock.schedule(at, fire) : undefined
  }

  function fire(): void {
    const before = state
    // Read once, before the tick: a timer may fire a fraction of a millisecond early, and the clock passes the deadline meanwhile.
    const now = clock.now()
    const late = now - armedAt > SLEPT_MS
    armedAt = Infinity
    if (late) dispatch({ type: 'signal', signal: 'woke' })
    if (world.refreshAt() <= now) world.refresh()
    dispatch({ type: 'tick' })
    if (state === before && deadline(state) <= now) {
      disarm?.()
      world.defect()
    }
  }

  return { state: () => state, dispatch, arm }
}
