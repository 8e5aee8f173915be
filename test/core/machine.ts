import { deadline } from '../../src/core/deadline.ts'
import type { Disconnect, Origin } from '../../src/core/disconnect.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { MachineEvent, Signal } from '../../src/core/event.ts'
import { CONNECT_TIMEOUT_MS, MAX_ATTEMPTS, STABLE_MS } from '../../src/core/limits.ts'
import type { Rules } from '../../src/core/rules.ts'
import { initialState, type MachineState, type State, stateOf } from '../../src/core/state.ts'
import { transition } from '../../src/core/transition.ts'

/** A machine in virtual time, for examples: it begins at 0 ms, and chance says one half unless told. */
export interface Machine {
  readonly state: MachineState
  readonly shows: State
  readonly now: number
  /** Monotonic instants of all dials. */
  readonly dials: readonly number[]
  /** The effects of the last event. */
  readonly effects: readonly Effect[]
  /** Every disconnect so far, silent ones included. */
  readonly disconnects: readonly Disconnect[]
  /** What chance says from now on. */
  roll: number
  /** Added to the monotonic time for the wall clock; epoch ms. */
  wallOffset: number
  /** Lets something happen now. */
  on(event: MachineEvent): void
  start(): void
  /** Brings up the connection that is on its way, through all of its phases. */
  open(): void
  /** The newest connection ends. */
  end(code?: number, reason?: string, origin?: Origin): void
  signal(signal: Signal): void
  /** Time passes; a tick at every deadline on the way. */
  pass(ms: number): void
  /** Time passes without a tick, as timers of hidden tabs are late. */
  stall(ms: number): void
  /** Time passes until the next dial; gives the instant. */
  passUntilDial(): number
}

/** Rules with the defaults, a backoff of two seconds, and nothing optional. */
export function machine(rules: Partial<Rules> = {}): Machine {
  const all: Rules = {
    transports: ['websocket'],
    authorizes: false,
    credentials: false,
    overlaps: false,
    rotates: true,
    maxAgeMs: Infinity,
    life: null,
    presumes: false,
    maxAttempts: MAX_ATTEMPTS,
    stableMs: STABLE_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    decide: () => undefined,
    backoff: () => 2_000,
    ...rules,
  }
  let state = initialState(all.credentials ? 'missing' : 'held')
  let now = 0
  let effects: readonly Effect[] = []
  const dials: number[] = []
  const disconnects: Disconnect[] = []

  const self: Machine = {
    get state() {
      return state
    },
    get shows() {
      return stateOf(state)
    },
    get now() {
      return now
    },
    get effects() {
      return effects
    },
    dials,
    disconnects,
    roll: 0.5,
    wallOffset: 1_700_000_000_000,
    on(event) {
      ;[state, effects] = transition(all, state, event, { now, wall: now + self.wallOffset, roll: self.roll })
      for (const effect of effects) {
        if (effect.type === 'dial') dials.push(now)
        if (effect.type === 'disconnected') disconnects.push(effect.disconnect)
      }
    },
    start: () => self.on({ type: 'start' }),
    open() {
      const { connections: number } = state
      if (state.dial?.phase === 'authorizing') self.on({ type: 'authorized', number, expiresAt: null })
      self.on({ type: 'connected', number })
      self.on({ type: 'ready', number })
    },
    end(code = 1006, reason = '', origin) {
      const { connections: number } = state
      self.on({ type: 'ended', number, code, reason, wasClean: code !== 1006, ...(origin && { origin }) })
    },
    signal: signal => self.on({ type: 'signal', signal }),
    pass(ms) {
      const end = now + ms
      for (let ticks = 0; deadline(state) <= end; ticks++) {
        if (ticks === 10_000) throw new Error('Ticks without end.')
        now = Math.max(now, deadline(state))
        self.on({ type: 'tick' })
      }
      now = end
    },
    stall(ms) {
      now += ms
    },
    passUntilDial() {
      const already = dials.length
      for (let rounds = 0; dials.length === already; rounds++) {
        const due = deadline(state)
        if (due === Infinity || rounds === 1_000) throw new Error('Nothing is due that would dial.')
        self.pass(Math.max(0, due - now))
      }
      return now
    },
  }
  return self
}

/** A machine whose only connection so far ended at once. */
export function ended(rules: Partial<Rules> = {}, code = 1006, reason = ''): Machine {
  const m = machine(rules)
  m.start()
  m.end(code, reason)
  return m
}

/** Connected with a credential that lives that long, as a machine with an auth provider. */
export function signedIn(lifeMs: number | null = 3_600_000, rules: Partial<Rules> = {}): Machine {
  const m = machine({ credentials: true, ...rules })
  m.start()
  m.on({ type: 'authorized', number: 1, expiresAt: expiry(m, lifeMs) })
  m.on({ type: 'connected', number: 1 })
  m.on({ type: 'ready', number: 1 })
  return m
}

/** A fresh credential arrives that lives that long. */
export function renewed(m: Machine, lifeMs: number | null = 3_600_000, changed = false): void {
  m.on({ type: 'renewed', expiresAt: expiry(m, lifeMs), ...(changed && { changed }) })
}

function expiry(m: Machine, lifeMs: number | null): number | null {
  return lifeMs === null ? null : m.now + m.wallOffset + lifeMs
}
