import type { Clock } from '../runtime/clock.ts'
import { Attention } from './attention.ts'

/** When a socket last heard something. A base and not a part: a page may hold thousands of sockets. */
export abstract class Hearing extends Attention {
  readonly clock: Clock
  /** NaN before the first message: a number from the start, so that each message is a store and no allocation. */
  #messageAt = Number.NaN
  /** When something was last heard that was no message of the app's, epoch ms. */
  #otherAt = 0

  constructor(clock: Clock) {
    super()
    this.clock = clock
  }

  get lastMessageAt(): number | null {
    return Number.isNaN(this.#messageAt) ? null : this.#messageAt
  }

  /** How long nothing was heard, in ms of the wall clock, which does not stand still during sleep. */
  get silentMs(): number {
    return Math.max(0, this.clock.wall() - Math.max(this.#messageAt || 0, this.#otherAt))
  }

  /** The wall clock was set back by `ms`: what was heard before is not in the future. */
  setBack(ms: number): void {
    this.#messageAt -= ms
    this.#otherAt -= ms
  }

  /** A message of the app's arrived. */
  hearMessage(): void {
    this.#messageAt = this.clock.wall()
  }

  /** Something else was heard: an answer to a ping, or what a hook claimed. */
  hear(): void {
    this.#otherAt = this.clock.wall()
  }
}
