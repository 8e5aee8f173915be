import { type Agenda, KIND, type Kind } from './agenda.ts'
import { boundMs, type Overflow, type Restart } from './scenario.ts'
import type { Tally } from './tally.ts'

/** The capacity is counted by the second: that many handshakes in each second since the server came back. */
const SECOND_MS = 1_000

/** A server that takes everybody, until it restarts. */
export class Server {
  readonly #agenda: Agenda
  readonly #tally: Tally
  /** One way, in ms, by client. */
  readonly #latency: Float64Array
  #overflow: Overflow = 'refused'
  /** `null` before the restart. */
  #upAt: number | null = null
  #frozenUntil = 0
  #msPerHandshake = 0
  /** Which second since it came back the last dial arrived in, and how many handshakes are left of that. */
  #second = -1
  #left = 0
  /** Of those who wait in a queue: when the handshakes of all are done. */
  #busyUntil = 0

  constructor(agenda: Agenda, tally: Tally, latency: Float64Array) {
    this.#agenda = agenda
    this.#tally = tally
    this.#latency = latency
  }

  /** It goes now: whatever reaches it is refused, until it is {@link isBack}. */
  goes(): void {
    this.#upAt = Infinity
    this.#tally.begin(this.#agenda.now)
    this.#tally.allAreGone()
  }

  /** It is back from now on, and like that. */
  isBack({ capacity, overflow }: Pick<Restart, 'capacity' | 'overflow'>): void {
    const { now } = this.#agenda
    this.#upAt = this.#busyUntil = now
    this.#second = -1
    this.#overflow = overflow
    this.#msPerHandshake = boundMs({ capacity }) / this.#latency.length
    this.#tally.isUp(now)
  }

  /** It stands still from now on: what reaches it meanwhile waits, and no connection is lost. */
  freezes(ms: number, capacity: number): void {
    this.#tally.begin(this.#agenda.now)
    this.isBack({ capacity, overflow: 'queued' })
    this.#busyUntil = this.#frozenUntil = this.#agenda.now + ms
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
      const second = Math.floor((now - upAt) / SECOND_MS)
      if (second !== this.#second) this.#left = SECOND_MS / this.#msPerHandshake
      this.#second = second
      const taken = this.#left >= 1
      if (taken) this.#left--
      if (taken || overflow === '1013') this.#answer(KIND.opens, client, number)
      if (!taken) this.#answer(overflow === '1013' ? KIND.turnedAway : KIND.fails, client, number)
    }
  }

  /** A message arrives: it is answered. */
  hears(client: number, number: number): void {
    this.#answer(KIND.pong, client, number, Math.max(this.#agenda.now, this.#frozenUntil))
  }

  #answer(kind: Kind, client: number, number: number, at = this.#agenda.now): void {
    this.#agenda.post(at + (this.#latency[client] ?? 0), kind, client, number)
  }
}
