import { deadline } from '../core/deadline.ts'
import type { Effect } from '../core/effect.ts'
import type { MachineEvent, Vitals } from '../core/event.ts'
import { LATE_MS } from '../core/limits.ts'
import type { Rules } from '../core/rules.ts'
import { initialState, type MachineState, stateOf } from '../core/state.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { transition } from '../core/transition.ts'
import type { Clock } from './clock.ts'

/** Wall time that runs ahead of monotonic time by this much, or a tick this late: the machine slept. Less is a busy machine. */
const SLEPT_MS = 5_000
/** Timers of a hidden page fire once a minute: that late, they say nothing. */
const HIDDEN_TIMERS_MS = 60_000
/** A smaller difference between the clocks is how they are read, or slewed. */
const CLOCK_SET_MS = 1_000

/** A record before the connections have added their traffic. */
export type StepRecord = Omit<TransitionRecord, 'received' | 'sent' | 'queued'>

const SETTLED = Promise.resolve()

// Shared: an idle socket has neither, and an array that was pushed to keeps room for 17.
const NONE: readonly never[] = []

type OfLife = Extract<MachineEvent, { readonly type: 'tick' | 'signal' | 'stirred' | 'not-pinged' }>

function concernsLife(event: MachineEvent): event is OfLife {
  return ['tick', 'signal', 'stirred', 'not-pinged'].includes(event.type)
}

/** What the driver needs of the world. */
export interface World {
  readonly clock: Clock
  /** `take()`: what the policies answered since it was last asked. */
  readonly rules: Rules & { take(): TransitionRecord['answers'] }
  /** When the status wants refreshing, beside the machine's own deadline: there is one timer. `Infinity` for never. */
  readonly refreshAt: number
  readonly connections: {
    /** See the event `tick`. */
    readonly traffic: number | undefined
    /** What is known of the traffic of the serving connection. */
    vitals(): Vitals | undefined
    perform(effect: Effect): void
  }
  refresh(): void
  /** The wall clock was set back by so many ms. */
  setBack(ms: number): void
  observe(record: StepRecord): void
  /** A due tick changed nothing, against law 9: the driver stops its timer rather than spin. */
  defect(): void
}

/** Runs the machine: one event at a time to completion, then the effects in order, then one timer. */
export class Driver {
  state: MachineState
  /** Epoch time minus monotonic time: it moves when the wall clock is set and when the machine sleeps, not by a fraction of a millisecond. */
  drift: number
  /** When the public state last changed, epoch ms. */
  since: number
  /** In this task {@link notice} has looked. */
  noticed = false
  readonly #world: World
  #inbox: readonly MachineEvent[] = NONE
  #records: readonly StepRecord[] = NONE
  #deciding = false
  #performing = false
  #armedAt = Infinity
  #disarm: (() => void) | undefined

  constructor(world: World) {
    const { clock, rules } = world
    this.#world = world
    this.state = initialState(rules.credentials ? 'missing' : 'held')
    this.since = clock.wall()
    this.drift = this.since - clock.now()
  }

  /** The state changes at once, so that `readyState` is right in the next line; the effects wait for their turn. */
  dispatch(event: MachineEvent): void {
    // A policy that calls back into the socket is heard after the transition that asked it.
    this.#inbox = [...this.#inbox, event]
    if (this.#deciding) return
    for (let [next, ...rest] = this.#inbox; next; [next, ...rest] = this.#inbox) {
      this.#inbox = rest
      this.#step(next)
    }
    this.#inbox = NONE
    if (this.#performing) return
    this.#performing = true
    try {
      for (let [record, ...rest] = this.#records; record; [record, ...rest] = this.#records) {
        this.#records = rest
        this.#world.observe(record)
        for (const effect of record.effects) this.#world.connections.perform(effect)
      }
      this.#records = NONE
    } finally {
      this.#performing = false
    }
    this.arm()
  }

  /** Before something is sent: has the machine slept, so that nobody knows whether it arrives? Asked once in a task: a burst of messages does not read the clock for each. */
  notice(): void {
    if (this.noticed) return
    this.noticed = true
    // A promise: fake timers leave it alone.
    SETTLED.then(() => {
      this.noticed = false
    })
    const { clock } = this.#world
    const sleptMs = clock.wall() - clock.now() - this.drift
    if (sleptMs <= SLEPT_MS) return
    this.drift += sleptMs
    this.dispatch({ type: 'signal', signal: 'woke', sleptMs })
  }

  /** With what is known of the traffic, where the machine may want to know. */
  #told(event: MachineEvent): MachineEvent {
    const { serving } = this.state
    if (!serving || !concernsLife(event) || (event.type === 'tick' && !serving.heart)) return event
    const vitals = this.#world.connections.vitals()
    return vitals ? { ...event, vitals } : event
  }

  #step(given: MachineEvent): void {
    const { clock, rules } = this.#world
    const now = clock.now()
    const wall = clock.wall()
    const gained = wall - now - this.drift
    if (Math.abs(gained) > CLOCK_SET_MS) this.drift += gained
    if (gained < -CLOCK_SET_MS) this.#world.setBack(-gained)
    // Closing needs no evidence, and a hung dial that it ends is told of in a later task.
    if (gained > SLEPT_MS && given.type !== 'close') this.#step({ type: 'signal', signal: 'woke', sleptMs: gained })
    const roll = clock.roll()
    const event = this.#told(given)
    const before = this.state
    this.#deciding = true
    const [state, effects] = transition(rules, before, event, { now, wall, roll })
    this.#deciding = false
    if (state === before) return
    this.state = state
    const from = stateOf(before)
    const to = stateOf(state)
    if (from !== to) this.since = wall
    const record = { now, wall, roll, event, from, to, state, effects, answers: rules.take() }
    this.#records = [...this.#records, record]
  }

  /** Looks at the deadlines again. */
  arm(): void {
    const at = Math.min(deadline(this.state), this.#world.refreshAt)
    if (at === this.#armedAt) return
    this.#cancel()
    this.#armedAt = at
    this.#disarm = at < Infinity ? this.#world.clock.schedule(at, () => this.#fire()) : undefined
  }

  #fire(): void {
    const { state } = this
    const world = this.#world
    // Read once, before the tick: a timer may fire a fraction of a millisecond early, and the clock passes the deadline meanwhile.
    const now = world.clock.now()
    const lateMs = now - this.#armedAt
    const slept = lateMs > SLEPT_MS + (state.page.hiddenSince === null ? 0 : HIDDEN_TIMERS_MS)
    this.#armedAt = Infinity
    // Let go of the fired timer.
    this.#cancel()
    if (slept) this.dispatch({ type: 'signal', signal: 'woke', sleptMs: lateMs })
    if (world.refreshAt <= now) world.refresh()
    const { traffic } = world.connections
    const told = { ...(traffic !== undefined && { traffic }), ...(lateMs > LATE_MS && { lateMs }) }
    this.dispatch({ type: 'tick', ...told })
    if (this.state === state && deadline(state) <= now) {
      this.#cancel()
      world.defect()
    }
  }

  #cancel(): void {
    this.#disarm?.()
    this.#disarm = undefined
  }
}
