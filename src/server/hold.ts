import type { Clock } from './clock.ts'
import { Refused } from './refused.ts'

/** Until the one that is waited for comes again, or this long after it should have: it may have expired at the client. */
const HOLD_MS = 30_000

/** A message that was refused for now holds those behind it, so that they stay in order. */
export class Hold {
  readonly #clock: Pick<Clock, 'now'>
  #held: { readonly id: string; readonly until: number } | undefined

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** `id` was refused, and may come again in so many ms. */
  begin(id: string, afterMs: number): void {
    this.#held = { id, until: this.#clock.now() + afterMs + HOLD_MS }
  }

  /** Ends when the one that was waited for has come. @throws Refused when this one is behind it. */
  check(id: string): void {
    const held = this.#held
    if (held && held.id !== id && held.until > this.#clock.now()) {
      throw new Refused('held', { retry: 'later', message: `behind ${held.id}` })
    }
    this.#held = undefined
  }
}
