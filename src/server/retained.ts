import type { Body, Head, Stored } from './log.ts'

interface Kept extends Stored {
  /** When it was appended, monotonic ms. */
  readonly at: number
  readonly bytes: number
}

/** What an event costs beyond its body: the object, its slot, the key. */
const OVERHEAD_BYTES = 128

/** UTF-8 bytes of a body. */
export function bytesOf(body: Body): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
}

/** What one topic retains: dense, oldest first. Appending and forgetting take constant time, amortized. */
export class Retained {
  readonly epoch: string
  bytes = 0
  #events: Kept[] = []
  /** Index of the oldest one; what stands before it is forgotten already. */
  #first = 0
  #seq = 0

  constructor(epoch: string) {
    this.epoch = epoch
  }

  get size(): number {
    return this.#events.length - this.#first
  }

  head(): Head {
    return { epoch: this.epoch, seq: this.#seq, oldest: this.#seq - this.size + 1 }
  }

  append(body: Body, key: string | undefined, at: number): Stored {
    this.#seq++
    const bytes = bytesOf(body) + OVERHEAD_BYTES
    const kept: Kept = { epoch: this.epoch, seq: this.#seq, body, at, bytes, ...(key !== undefined && { key }) }
    this.#events.push(kept)
    this.bytes += bytes
    return kept
  }

  /** Events after `seq`, at most `limit`; `null` when the first of them is forgotten. */
  after(seq: number, limit: number): readonly Stored[] | null {
    const { oldest } = this.head()
    if (seq + 1 < oldest) return null
    const from = this.#first + seq + 1 - oldest
    return this.#events.slice(from, from + limit)
  }

  /** When the oldest one was appended; `Infinity` when nothing is retained. */
  get oldestAt(): number {
    return this.#events[this.#first]?.at ?? Infinity
  }

  /** Forgets the oldest one. */
  forget(): void {
    const oldest = this.#events[this.#first]
    if (!oldest) return
    this.bytes -= oldest.bytes
    this.#first++
    // The forgotten ones are let go when they are the greater half: each event is moved once for each that is forgotten.
    if (this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
  }
}
