import type { Clock } from './clock.ts'
import type { Rate, RateOptions } from './limits.ts'
import { Buckets, TokenBucket } from './token-bucket.ts'

/** How fast one connection may send. */
export class Pace {
  readonly frames: TokenBucket
  readonly messages: TokenBucket | undefined
  /** Of messages, by their type. */
  readonly types: ReadonlyMap<string, TokenBucket>

  constructor({ frames, connection, type = {} }: RateOptions & { readonly frames: Rate }, now: number) {
    this.frames = new TokenBucket(frames, now)
    this.messages = connection && new TokenBucket(connection, now)
    this.types = new Map(Object.entries(type).map(([name, rate]) => [name, new TokenBucket(rate, now)]))
  }

  /** Nothing would be lost by forgetting it. */
  full(now: number): boolean {
    return [this.frames, this.messages, ...this.types.values()].every(bucket => bucket?.full(now) ?? true)
  }
}

/** Of those whose connection is one request: the next one goes on where it stopped. */
export class Paces {
  readonly #buckets: Buckets<Pace>

  constructor(rates: RateOptions & { readonly frames: Rate }, clock: Pick<Clock, 'now'>) {
    this.#buckets = new Buckets(now => new Pace(rates, now), clock)
  }

  /** Of one client of one user; where nobody is authenticated, of one network. */
  of({ identity, network, client }: { readonly identity: string | undefined; network: string; client: string }): Pace {
    return this.#buckets.of(identity === undefined ? `network ${network}|${client}` : `identity ${identity}|${client}`)
  }
}
