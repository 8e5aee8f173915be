import { type Agenda, KIND } from './agenda.ts'
import type { Far } from './fleet.ts'

/** How long it stays open. */
const OPEN_MS = 30

/** A server that accepts everybody and closes the connection a moment later. */
export class Revolving implements Far {
  readonly #agenda: Agenda
  readonly #latency: Float64Array
  /** When the dials of each client arrived. */
  readonly arrivals: readonly number[][]

  constructor(agenda: Agenda, latency: Float64Array) {
    this.#agenda = agenda
    this.#latency = latency
    this.arrivals = Array.from(latency, () => [])
  }

  arrives(client: number, number: number): void {
    const { now } = this.#agenda
    const at = now + (this.#latency[client] ?? 0)
    this.arrivals[client]?.push(now)
    this.#agenda.post(at, KIND.opens, client, number)
    this.#agenda.post(at + OPEN_MS, KIND.turnedAway, client, number)
  }

  hears(): void {}
}
