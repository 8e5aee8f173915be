import { type Agenda, KIND } from './agenda.ts'
import { boundMs, type Overflow, type Restart } from './scenario.ts'
import type { Tally } from './tally.ts'

/** Unused capacity is kept for so long: a server takes handshakes as they come, not one every 1 / C seconds. */
const SLACK_MS = 100

/** A server that takes everybody, until it restarts. */
export class Server {
  readonly #agenda: Agenda
  readonly #tally: Tally
  /** One way, in ms, by client. */
  readonly #latency: Float64Array
  #overflow: Overflow = 'refused'
  /** `null` before the restart. */
  #upAt: number | null = null
  #msPerHandshake = 0
  /** When the capacity is used up to: the next handshake begins then, or now. */
  #busyUntil = 0

  constructor(agenda: Agenda, tally: Tally, latency: Float64Array) {
    this.#agenda = agenda
    this.#tally = tally
    this.#latency = latency
  }

  /** It goes now. What is on its way to it is refused. */
  goes(outageMs: number): void {
    const { now } = this.#agenda
    this.#upAt = now + outageMs
    // Nothing was kept while it was away.
    this.#busyUntil = this.#upAt
    this.#tally.begin(now, this.#upAt)
  }

  /** How it will be when it is back. */
  comesBack(restart: Restart): void {
    this.#overflow = restart.overflow
    this.#msPerHandshake = boundMs(restart) / this.#latency.length
  }

  /** Another one in the same state, in a copy of the simulation. */
  copy(agenda: Agenda, tally: Tally): Server {
    const copy = new Server(agenda, tally, this.#latency)
    copy.#upAt = this.#upAt
    copy.#busyUntil = this.#busyUntil
    return copy
  }

  /** A dial arrives. */
  arrives(client: number, number: number): void {
    const { now } = this.#agenda
    const upAt = this.#upAt
    const overflow = this.#overflow
    if (upAt === null) {
      this.#answer(KIND.opens, client, number)
      return
    }
    this.#tally.dial(now)
    if (now < upAt) this.#answer(KIND.fails, client, number)
    else if (overflow === 'queued') {
      // Whoever gave up meanwhile still costs a handshake.
      this.#busyUntil = Math.max(this.#busyUntil, now) + this.#msPerHandshake
      this.#answer(KIND.opens, client, number, this.#busyUntil)
    } else {
      const busyUntil = Math.max(this.#busyUntil, now - SLACK_MS) + this.#msPerHandshake
      const taken = busyUntil <= now
      if (taken) this.#busyUntil = busyUntil
      if (taken || overflow === '1013') this.#answer(KIND.opens, client, number)
      if (!taken) this.#answer(overflow === '1013' ? KIND.turnedAway : KIND.fails, client, number)
    }
  }

  /** A message arrives: it is answered. */
  hears(client: number, number: number): void {
    this.#agenda.post(this.#agenda.now + (this.#latency[client] ?? 0), KIND.pong, client, number)
  }

  #answer(kind: (typeof KIND)['opens' | 'fails' | 'turnedAway'], client: number, number: number, at = this.#agenda.now): void {
    this.#agenda.post(at + (this.#latency[client] ?? 0), kind, client, number)
  }
}
