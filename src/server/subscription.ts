import type { Cursor } from '../session/frames.ts'
import type { Feed } from './feed.ts'

/** Sequence numbers that were jumped over by a gap: nothing to be acknowledged. */
interface Hole {
  /** The last one before it. */
  readonly after: number
  readonly to: number
}

/** What is on its way within one epoch. */
class Flight {
  /** What it began after: the cursor, or the gap that a new epoch begins with. */
  readonly from: number
  sent: number
  acked: number
  #holes: readonly Hole[] = []

  constructor(from: number) {
    this.from = from
    this.sent = from
    this.acked = from
  }

  get unacked(): number {
    return this.#holes.reduce((sum, { after, to }) => sum - (to - after), this.sent - this.acked)
  }

  jump(to: number): void {
    this.#holes = [...this.#holes, { after: this.sent, to }]
    this.sent = to
  }

  /** Nobody acknowledges what was not sent, nor takes back what was acknowledged. */
  acknowledge(seq: number): void {
    this.acked = Math.min(Math.max(seq, this.acked), this.sent)
    this.#holes = this.#holes
      .filter(({ to }) => to > this.acked)
      .map(({ after, to }) => ({ after: Math.max(after, this.acked), to }))
  }
}

/** Where one connection stands in one topic. Everything up to `at` was sent or is a gap that was told. */
export class Subscription {
  readonly topic: string
  readonly feed: Feed
  #epoch: string
  #flight: Flight
  /** Of the epoch before: the client may have those still, and `ack` names no epoch. */
  #before: Flight | undefined
  /** Of those before that one. */
  #older = 0

  constructor(feed: Feed, from: Cursor) {
    this.topic = feed.topic
    this.feed = feed
    this.#epoch = from.epoch
    this.#flight = new Flight(from.seq)
  }

  get at(): Cursor {
    return { epoch: this.#epoch, seq: this.#flight.sent }
  }

  /** Where its log stands, as far as it may be told: a new epoch is told with its gap. */
  get head(): Cursor {
    const { epoch, seq } = this.feed.at
    return epoch === this.#epoch ? { epoch, seq: Math.max(seq, this.#flight.sent) } : this.at
  }

  /** Events that were sent and are not acknowledged. */
  get unacked(): number {
    return this.#flight.unacked + (this.#before?.unacked ?? 0) + this.#older
  }

  /** There is more in the log than was sent. */
  get behind(): boolean {
    const { epoch, seq } = this.feed.at
    return epoch !== this.#epoch || seq > this.#flight.sent
  }

  /** Whether that is the next one. A later one is a reason to read the log; an earlier one was sent. */
  next({ epoch, seq }: Cursor): boolean {
    return epoch === this.#epoch && seq === this.#flight.sent + 1
  }

  sent(): void {
    this.#flight.sent++
  }

  /** Events up to there are gone. */
  jump({ epoch, seq }: Cursor): void {
    if (epoch === this.#epoch) {
      this.#flight.jump(seq)
      return
    }
    this.#older += this.#before?.unacked ?? 0
    this.#before = this.#flight
    this.#epoch = epoch
    this.#flight = new Flight(seq)
  }

  /**
   * Everything up to there was handled. While events of the epoch before are out, a number that may be one of theirs is
   * taken for one, so that too little is freed rather than too much. The end of the gap between says that all of them
   * were handled, and so does a number that they do not have.
   */
  acknowledge(seq: number): void {
    const { from } = this.#flight
    const before = this.#before
    if (before && seq !== from && seq > before.acked && seq <= before.sent) {
      before.acknowledge(seq)
      if (before.unacked === 0) this.#before = undefined
      if (!this.#before) this.#older = 0
    } else if (seq >= from) {
      this.#before = undefined
      this.#older = 0
      this.#flight.acknowledge(seq)
    }
  }
}
