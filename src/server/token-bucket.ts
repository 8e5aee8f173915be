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
/** More than this are not kept after that: the oldest are forgotten. */
const MOST = 50_000

/** One for each name. Full ones are forgotten when there are many. */
export class Buckets<Bucket extends { full(now: number): boolean }> {
  readonly #made: (now: number) => Bucket
  readonly #clock: Pick<Clock, 'now'>
  readonly #buckets = new Map<string, Bucket>()
  #sweepAt = SWEEP_AT

  constructor(made: (now: number) => Bucket, clock: Pick<Clock, 'now'>) {
    this.#made = made
    this.#clock = clock
  }

  get size(): number {
    return this.#buckets.size
  }

  of(name: string): Bucket {
    const known = this.#buckets.get(name)
    if (known) return known
    const now = this.#clock.now()
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now)
    const bucket = this.#made(now)
    this.#buckets.set(name, bucket)
    return bucket
  }

  #sweep(now: number): void {
    for (const [other, bucket] of this.#buckets) if (bucket.full(now)) this.#buckets.delete(other)
    for (const [oldest] of this.#buckets) {
      if (this.#buckets.size <= MOST) break
      this.#buckets.delete(oldest)
    }
    // Each sweep is paid for by as many new names as it walks over.
    this.#sweepAt = Math.max(SWEEP_AT, this.#buckets.size * 2)
  }
}

/** A bucket for each name, where there is a rate. */
export class TokenBuckets {
  readonly #buckets: Buckets<TokenBucket> | undefined

  constructor(rate: Rate | undefined, clock: Pick<Clock, 'now'>) {
    this.#buckets = rate && new Buckets(now => new TokenBucket(rate, now), clock)
  }

  of(name: string): TokenBucket | undefined {
    return this.#buckets?.of(name)
  }
}
