import { type Agenda, KIND } from './agenda.ts'
import type { Chance } from './chance.ts'
import { Page } from './page.ts'
import { type Network, SimulatedSocket } from './socket.ts'
import type { Tally } from './tally.ts'

/** What a server does when something arrives at it. */
export interface Far {
  /** A dial. */
  arrives(client: number, number: number): void
  /** A message. */
  hears(client: number, number: number): void
}

/** How many things happen before the loop of Node is asked again. */
const BATCH = 256
const { setImmediate } = globalThis

/**
 * Clients that are a library's own class, with its timers and its native sockets simulated. Promises run as they do in
 * a page: all of them after each thing that happens.
 */
export class Fleet implements Network {
  readonly page: Page
  readonly #agenda: Agenda
  readonly #latency: Float64Array
  readonly #tally: Tally
  readonly #far: Far
  readonly #sockets = new Map<number, SimulatedSocket>()
  /** The connection of each client that is open; 0 for none. */
  readonly #open: Int32Array
  #made = 0
  /** What the server says when it turns somebody away. */
  busyCode = 1013

  constructor(agenda: Agenda, chance: Chance, latency: Float64Array, tally: Tally, far: Far) {
    this.page = new Page(agenda, chance)
    this.#agenda = agenda
    this.#latency = latency
    this.#tally = tally
    this.#far = far
    this.#open = new Int32Array(latency.length)
    SimulatedSocket.network = this
  }

  /** Every client opens its socket. */
  begin(open: () => unknown): void {
    for (let client = 0; client < this.#latency.length; client++) {
      this.page.client = client
      open()
    }
  }

  /** Lets time pass, until then or until there is enough. */
  async run(until: number, enough?: Tally): Promise<void> {
    const agenda = this.#agenda
    const step = (): boolean => {
      if (enough?.complete || !agenda.take(until)) return false
      this.#happens(agenda.kind, agenda.client, agenda.number)
      return true
    }
    await new Promise<void>((resolve, reject) => {
      const batch = (): void => {
        let left = BATCH
        const one = (): void => {
          try {
            const more = step()
            if (--left === 0) {
              if (more) batch()
              else resolve()
            }
          } catch (cause) {
            reject(cause)
          }
        }
        for (let i = 0; i < BATCH; i++) setImmediate(one)
      }
      batch()
    })
    agenda.now = until
  }

  /** Everybody who is connected is sent something. */
  broadcast(): void {
    const { now } = this.#agenda
    this.#open.forEach((number, client) => {
      if (number) this.#agenda.post(now + (this.#latency[client] ?? 0), KIND.message, client, number)
    })
  }

  /** The server restarts: every connection ends. */
  drop(code: number): void {
    const { now } = this.#agenda
    this.#latency.forEach((latency, client) => {
      this.#agenda.post(now + latency, KIND.dropped, client, code)
    })
  }

  #happens(kind: number, client: number, number: number): void {
    this.page.client = client
    const socket = this.#sockets.get(number)
    switch (kind) {
      case KIND.timer:
        this.page.fire(number)
        break
      case KIND.arrives:
        this.#far.arrives(client, number)
        break
      case KIND.ping:
        this.#far.hears(client, number)
        break
      case KIND.opens:
        if (socket?.readyState !== SimulatedSocket.CONNECTING) break
        this.#open[client] = number
        this.#tally.opened(client, this.#agenda.now)
        socket.opens()
        break
      case KIND.message:
        socket?.hears('news')
        break
      case KIND.pong:
        socket?.hears('pong')
        break
      case KIND.fails:
      case KIND.closed:
        this.#ends(client, number, 1006)
        break
      case KIND.turnedAway:
        this.#ends(client, number, this.busyCode)
        break
      case KIND.dropped:
        this.#ends(client, this.#open[client] ?? 0, number)
    }
  }

  #ends(client: number, number: number, code: number): void {
    const socket = this.#sockets.get(number)
    this.#sockets.delete(number)
    if (this.#open[client] === number) {
      this.#open[client] = 0
      this.#tally.lost(client)
    }
    socket?.ends(code)
  }

  // ── what the sockets ask ──

  dial(socket: SimulatedSocket): number {
    const { client } = this.page
    const number = ++this.#made
    this.#sockets.set(number, socket)
    this.#agenda.post(this.#agenda.now + (this.#latency[client] ?? 0), KIND.arrives, client, number)
    return number
  }

  sends(number: number): void {
    const { client } = this.page
    this.#agenda.post(this.#agenda.now + (this.#latency[client] ?? 0), KIND.ping, client, number)
  }

  closes(number: number, opened: boolean): void {
    const { client } = this.page
    // A close frame and its answer; a dial is dropped at once.
    const ms = opened ? 2 * (this.#latency[client] ?? 0) : 0
    this.#agenda.post(this.#agenda.now + ms, KIND.closed, client, number)
  }
}
