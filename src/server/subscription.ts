import type { Cursor } from '../session/frames.ts'
import type { Feed } from './feed.ts'

/** Sequence numbers that were jumped over by a gap: nothing to be acknowledged. */
interface Hole {
  /** The last one before it. */
  readonly after: number
  readonly to: number
}

/** Where one connection stands in one topic. Everything up to `at` was sent or is a gap that was told. */
export class Subscription {
  readonly topic: string
  readonly feed: Feed
  #epoch: string
  #sent: number
  #acked: number
  #holes: readonly Hole[] = []

  constructor(feed: Feed, from: Cursor) {
    this.topic = feed.topic
    this.feed = feed
    this.#epoch = from.epoch
    this.#sent = from.seq
    this.#acked = from.seq
  }

  get at(): Cursor {
    return { epoch: this.#epoch, seq: this.#sent }
  }

  /** Where its log stands, as far as it may be told: a new epoch is told with its gap. */
  get head(): Cursor {
    const { epoch, seq } = this.feed.at
    return epoch === this.#epoch ? { epoch, seq: Math.max(seq, this.#sent) } : this.at
  }

  /** Events that were sent and are not acknowledged. */
  get unacked(): number {
    return this.#holes.reduce((sum, { after, to }) => sum - (to - after), this.#sent - this.#acked)
  }

  /** There is more in the log than was sent. */
  get behind(): boolean {
    const { epoch, seq } = this.feed.at
    return epoch !== this.#epoch || seq > this.#sent
  }

  /** Whether that is the next one. A later one is a reason to read the log; an earlier one was sent. */
  next({ epoch, seq }: Cursor): boolean {
    return epoch === this.#epoch && seq === this.#sent + 1
  }

  sent(): void {
    this.#sent++
  }

  /** Events up to there are gone. */
  jump({ epoch, seq }: Cursor): void {
    if (epoch === this.#epoch) {
      this.#holes = [...this.#holes, { after: this.#sent, to: seq }]
    } else {
      // Numbers of two epochs cannot be compared, and `ack` names none: what was on its way counts no more.
      this.#holes = []
      this.#acked = seq
    }
    this.#epoch = epoch
    this.#sent = seq
  }

  /** Nobody acknowledges what was not sent, nor takes back what was acknowledged. */
  acknowledge(seq: number): void {
    this.#acked = Math.min(Math.max(seq, this.#acked), this.#sent)
    this.#holes = this.#holes
      .filter(({ to }) => to > this.#acked)
      .map(({ after, to }) => ({ after: Math.max(after, this.#acked), to }))
  }
}
