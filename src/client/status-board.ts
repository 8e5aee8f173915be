import type { MachineState } from '../core/state.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Degraded } from '../transports/transport.ts'
import { STATUS_EVERY_MS } from './defaults.ts'
import type { Lifecycle } from './lifecycle.ts'
import { type Status, statusOf } from './status.ts'

/** What the board shows of the socket. */
interface Shown extends Lifecycle {
  readonly state: MachineState
  readonly clock: Clock
  readonly rules: { readonly transports: readonly string[] }
  readonly ways: { readonly ladder: { readonly degraded: Degraded | null } | undefined } | undefined
  /** When the public state last changed, epoch ms. */
  readonly since: number
  /** Epoch time minus monotonic time. */
  readonly drift: number
  readonly lastMessageAt: number | null
  readonly roundTripMs: number | null
  readonly queued: { readonly messages: number; readonly bytes: number }
}

/** The status of a socket, and who is told of it. Made when somebody first looks: most sockets of a page are not looked at. */
export class StatusBoard {
  /** When the counters want refreshing, monotonic ms. */
  countersAt: number = Infinity
  readonly #socket: Shown
  /** The status that was last made, of which state, when, and the one that listeners were last told. */
  #made: Status | undefined
  #madeOf: MachineState | undefined
  #madeAt = -Infinity
  #told: Status | undefined

  constructor(socket: Shown) {
    this.#socket = socket
  }

  get status(): Status {
    const { state, clock } = this.#socket
    const fresh = this.#madeOf === state && clock.now() - this.#madeAt < STATUS_EVERY_MS
    return this.#made && fresh ? this.#made : this.#make()
  }

  /** Whoever listens from now on is told of what changes from now on. */
  begin(): void {
    this.#told = this.status
  }

  /** Tells whoever listens that the status is another one. */
  refresh(): void {
    this.countersAt = Infinity
    if (!this.#socket.heard('status')) return
    const made = this.#make()
    if (made === this.#told) return
    this.#told = made
    this.#socket.emit('status', made)
  }

  /** A counter moved: whoever listens is told soon, and `true` says that it was not known before. Whoever does not listen finds out by asking. */
  count(): boolean {
    if (this.countersAt < Infinity || !this.#socket.heard('status')) return false
    this.countersAt = this.#madeAt + STATUS_EVERY_MS
    return true
  }

  /** The same object until something changes. */
  #make(): Status {
    const { state, clock, rules, since, drift, lastMessageAt, roundTripMs, queued } = this.#socket
    const { messages, bytes } = queued
    const degraded = this.#socket.ways?.ladder?.degraded ?? null
    const counters = { lastMessageAt, messages, bytes, roundTripMs, degraded }
    const made = statusOf(state, rules.transports, since, drift, counters)
    this.#madeAt = clock.now()
    this.#madeOf = state
    if (!this.#made || JSON.stringify(made) !== JSON.stringify(this.#made)) this.#made = made
    return this.#made
  }
}
