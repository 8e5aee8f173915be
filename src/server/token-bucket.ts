import type { Clock } from './clock.ts'
import type { Rate } from './limits.ts'

/** Lets `burst` through at once, and `perSecond` in the long run. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor({ perSecond, burst = Math.max(1, perSecond) }: Rate, now: number) {
    this.#perMs = perSecond / 1_000
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  /** 0 when there is one; otherwise in how many ms there will be. Takes nothing. */
  wait(now: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs)
    this.#at = now
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMs)
  }

  take(): void {
    this.#tokens--
  }

  /** Nothing would be lost by forgetting it. */
  full(now: number): boolean {
    this.wait(now)
    return this.#tokens >= this.#burst
  }
}

/** More than this are looked through for full ones. */
const SWEEP_AT = 10_000

/** A bucket for each name. Full ones are forgotten when there are many. */
export class TokenBuckets {
  readonly #rate: Rate | undefined
  readonly #clock: Pick<Clock, 'now'>
  readonly #buckets = new Map<string, TokenBucket>()
  #sweepAt = SWEEP_AT

  constructor(rate: Rate | undefined, clock: Pick<Clock, 'now'>) {
    this.#rate = rate
    this.#clock = clock
  }

  of(name: string): TokenBucket | undefined {
    if (!this.#rate) return undefined
    const known = this.#buckets.get(name)
    if (known) return known
    const now = this.#clock.now()
    if (this.#buckets.size >= this.#sweepAt) {
      for (const [other, bucket] of this.#buckets) if (bucket.full(now)) this.#buckets.delete(other)
      // Each sweep is paid for by as many new names as it walks over.
      this.#sweepAt = Math.max(SWEEP_AT, this.#buckets.size * 2)
    }
    const bucket = new TokenBucket(this.#rate, now)
    this.#buckets.set(name, bucket)
    return bucket
  }
}
