import { deadline } from '../../src/core/deadline.ts'
import type { MachineEvent } from '../../src/core/event.ts'
import { CONNECT_TIMEOUT_MS, MAX_ATTEMPTS, STABLE_MS } from '../../src/core/limits.ts'
import type { Rules } from '../../src/core/rules.ts'
import { initialState, type MachineState } from '../../src/core/state.ts'
import { transition } from '../../src/core/transition.ts'
import { fullJitter } from '../../src/policies/backoff.ts'
import { standardPolicy } from '../../src/policies/close-policy.ts'
import { Agenda, KIND } from './agenda.ts'
import { Chance } from './chance.ts'
import { latencies } from './network.ts'
import { boundMs, CALM_MS, EPOCH, GIVEN_UP_AFTER, type Restart, type RestartCode } from './scenario.ts'
import { Server } from './server.ts'
import { Tally } from './tally.ts'

/** What a socket without options runs by. */
export const DEFAULT_RULES: Rules = {
  transports: ['websocket'],
  authorizes: false,
  credentials: false,
  overlaps: false,
  rotates: true,
  maxAgeMs: Infinity,
  life: null,
  presumes: true,
  decide: standardPolicy,
  backoff: fullJitter(),
  maxAttempts: MAX_ATTEMPTS,
  stableMs: STABLE_MS,
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
}

/**
 * Clients that are nothing but the machine of the library: the same transitions under the same rules, without the
 * class around them, which takes ten times as long. That both dial at the same instants is a test.
 */
export class Machines {
  readonly #rules: Rules
  #latency: Float64Array
  #agenda = new Agenda()
  #chance: Chance
  #tally: Tally
  #server: Server
  #states: MachineState[]
  /** The deadline that the timer of each client is for. */
  #armedAt: Float64Array
  /** Which of the timers of each client is the one that counts. */
  #timers: Int32Array

  constructor(clients: number, seed: number, rules: Rules = DEFAULT_RULES) {
    this.#rules = rules
    this.#latency = latencies(clients, seed)
    this.#chance = Chance.of(clients, seed)
    this.#tally = new Tally(clients)
    this.#server = new Server(this.#agenda, this.#tally, this.#latency)
    this.#states = Array.from({ length: clients }, () => initialState('held'))
    this.#armedAt = new Float64Array(clients).fill(Infinity)
    this.#timers = new Int32Array(clients)
    for (let client = 0; client < clients; client++) this.#dispatch(client, { type: 'start' })
    this.#run(CALM_MS)
  }

  /** The server goes. This simulation stays what it is; what comes of it is another one. */
  drops(code: RestartCode): Machines {
    const copy = this.#copy()
    copy.#server.goes()
    copy.#latency.forEach((latency, client) => {
      copy.#agenda.post(CALM_MS + latency, KIND.dropped, client, code)
    })
    return copy
  }

  /** It is away for so long in all: goes on in this simulation. */
  waits(outageMs: number): this {
    this.#run(CALM_MS + outageMs)
    return this
  }

  /** It is back: goes on in another simulation, until everybody is back too. */
  comesBack(restart: Restart): Tally {
    const copy = this.#copy()
    copy.#server.isBack(restart)
    copy.#run(this.#agenda.now + GIVEN_UP_AFTER * boundMs(restart), copy.#tally)
    return copy.#tally
  }

  #copy(): Machines {
    const copy = new Machines(0, 0, this.#rules)
    copy.#latency = this.#latency
    copy.#agenda = this.#agenda.copy()
    copy.#chance = this.#chance.copy()
    copy.#tally = this.#tally.copy()
    copy.#server = this.#server.copy(copy.#agenda, copy.#tally)
    copy.#states = [...this.#states]
    copy.#armedAt = this.#armedAt.slice()
    copy.#timers = this.#timers.slice()
    return copy
  }

  #run(until: number, enough?: Tally): void {
    const agenda = this.#agenda
    while (!enough?.complete && agenda.take(until)) this.#happens(agenda.kind, agenda.client, agenda.number)
    agenda.now = until
  }

  #happens(kind: number, client: number, number: number): void {
    const { serving, dial } = this.#state(client)
    switch (kind) {
      case KIND.timer:
        if (number !== this.#timers[client]) break
        this.#armedAt[client] = Infinity
        this.#dispatch(client, { type: 'tick' })
        break
      case KIND.arrives:
        this.#server.arrives(client, number)
        break
      case KIND.opens:
        // One that was given up is not listened to any more.
        if (dial?.number === number) this.#dispatch(client, { type: 'connected', number })
        break
      case KIND.fails:
        if (dial?.number === number) this.#end(client, number, 1006)
        break
      case KIND.turnedAway:
        if (serving?.number === number) this.#end(client, number, 1013)
        break
      case KIND.dropped:
        if (serving) this.#end(client, serving.number, number)
    }
  }

  #end(client: number, number: number, code: number): void {
    this.#dispatch(client, { type: 'ended', number, code, reason: '', wasClean: code !== 1006 })
  }

  #state(client: number): MachineState {
    const state = this.#states[client]
    if (!state) throw new Error(`No client ${client}.`)
    return state
  }

  /** As the driver does it: one event at a time, its effects, and then one timer. */
  #dispatch(client: number, event: MachineEvent): void {
    const { now } = this.#agenda
    const before = this.#state(client)
    const at = { now, wall: EPOCH + now, roll: this.#chance.roll(client) }
    const [state, effects] = transition(this.#rules, before, event, at)
    this.#states[client] = state
    for (const effect of effects) {
      if (effect.type === 'dial') {
        this.#agenda.post(now + (this.#latency[client] ?? 0), KIND.arrives, client, effect.number)
      } else if (effect.type === 'greet') this.#dispatch(client, { type: 'ready', number: effect.number })
      else if (effect.type === 'serve') this.#tally.opened(client, now)
      else if (effect.type === 'disconnected' && effect.disconnect.openMs !== null) this.#tally.lost(client)
    }
    this.#arm(client)
  }

  #arm(client: number): void {
    const at = deadline(this.#state(client))
    if (at === this.#armedAt[client]) return
    this.#armedAt[client] = at
    const timer = (this.#timers[client] ?? 0) + 1
    this.#timers[client] = timer
    const { now } = this.#agenda
    // As the system's clock sets its timers: whole milliseconds, never early.
    if (at < Infinity) this.#agenda.post(now + Math.max(0, Math.ceil(at - now)), KIND.timer, client, timer)
  }
}
