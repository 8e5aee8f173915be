import { deadline } from '../core/deadline.ts'
import type { Effect } from '../core/effect.ts'
import type { MachineEvent } from '../core/event.ts'
import type { Rules } from '../core/rules.ts'
import { type MachineState, stateOf } from '../core/state.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { transition } from '../core/transition.ts'
import type { Clock } from './clock.ts'
import type { Policies } from './policies.ts'

/** Wall time that runs ahead of monotonic time by this much, or a tick this late: the machine slept. */
const SLEPT_MS = 5_000

/** What the driver needs of the world. */
export interface World {
  readonly clock: Clock
  readonly rules: Rules
  /** The answers that belong into the record. */
  readonly policies: Pick<Policies, 'take'>
  perform(effect: Effect): void
  observe(record: TransitionRecord): void
  /** Traffic of the connection at hand, for the record. */
  traffic(): Pick<TransitionRecord, 'received' | 'sent' | 'queued'>
  /** When the status wants refreshing, beside the machine's own deadline: there is one timer. `Infinity` for never. */
  refreshAt(): number
  refresh(): void
  /** A due tick changed nothing, against law 9. */
  defect(state: MachineState): void
}

/** Runs the machine: one event at a time to completion, then the effects in order, then one timer. */
export interface Driver {
  readonly state: MachineState
  dispatch(event: MachineEvent): void
  /** Looks at the deadlines again. */
  arm(): void
}

/** A driver around a machine state. */
export function driver(world: World, initial: MachineState): Driver {
  const { clock } = world
  let state = initial
  let deciding = false
  let performing = false
  let drift = clock.wall() - clock.now()
  let armedAt = Infinity
  let disarm: (() => void) | undefined
  const inbox: MachineEvent[] = []
  const records: TransitionRecord[] = []

  /** The state changes at once, so that `readyState` is right in the next line; the effects wait for their turn. */
  function dispatch(event: MachineEvent): void {
    inbox.push(event)
    // A policy that calls back into the socket is heard after the transition that asked it.
    if (deciding) return
    for (let next = inbox.shift(); next; next = inbox.shift()) step(next)
    perform()
  }

  function step(event: MachineEvent): void {
    const at = { now: clock.now(), wall: clock.wall(), roll: clock.roll() }
    const gained = at.wall - at.now - drift
    drift += gained
    if (gained > SLEPT_MS && event.type !== 'signal') step({ type: 'signal', signal: 'woke' })
    const before = state
    deciding = true
    const [after, effects] = transition(world.rules, before, event, at)
    deciding = false
    const answers = world.policies.take()
    if (after === before && effects.length === 0) return
    state = after
    records.push({
      ...at,
      event,
      from: stateOf(before),
      to: stateOf(after),
      state: after,
      effects,
      answers,
      ...world.traffic(),
    })
  }

  function perform(): void {
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

  function arm(): void {
    const at = Math.min(deadline(state), world.refreshAt())
    if (at === armedAt) return
    disarm?.()
    armedAt = at
    disarm = at < Infinity ? clock.schedule(at, fire) : undefined
  }

  function fire(): void {
    const before = state
    const due = armedAt
    armedAt = Infinity
    if (clock.now() - due > SLEPT_MS) dispatch({ type: 'signal', signal: 'woke' })
    if (world.refreshAt() <= clock.now()) world.refresh()
    dispatch({ type: 'tick' })
    // Re-arms a timer that fired early or was cut to what setTimeout can hold.
    if (state === before && deadline(state) <= clock.now()) world.defect(state)
    else arm()
  }

  return {
    get state() {
      return state
    },
    dispatch,
    arm,
  }
}
