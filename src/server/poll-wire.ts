import type { Clock } from './clock.ts'
import { HeldLines } from './held-lines.ts'
import type { Answer } from './http-answer.ts'
import type { Outgoing } from './outgoing.ts'
import type { Receiver, Wire } from './wire.ts'

/** The longest that a poll waits: proxies cut what is idle for 30 s and more. */
export const MOST_WAIT_MS = 25_000
/** More may join what came first. */
const JOIN_MS = 20
/** Who comes to a server that asks everybody to go is answered by then, and not at once: or it would come again at once. */
const GOING_MS = 1_000
/** Bytes of events in one answer, and the event that goes beyond it; the rest comes with the next poll. */
const MOST_BYTES = 65_536

/** What a poll does not wait beyond. */
const NEWS: ReadonlySet<string> = new Set(['event', 'gap', 'err', 'goaway'])

/** How a poll waits. */
export interface Waiting {
  /** 0: for no more than what is there. */
  readonly waitMs: number
  /** It knows where each of its topics stands: `subbed` alone is no news to it. */
  readonly knows: boolean
}

/** A long poll as a wire: what is said within a while is the answer. */
export class PollWire implements Wire {
  readonly transport = 'poll'
  readonly mostBuffered: number = MOST_BYTES
  readonly #answer: Answer
  readonly #lines: HeldLines
  readonly #clock: Clock
  #waiting: Waiting = { waitMs: 0, knows: false }
  #receiver: Receiver | undefined
  #eventBytes = 0
  #news = false
  #greeted = false
  /** When it is to be over, and whether that was while its topics were still being asked for. */
  #at = Infinity
  #due = false
  #undo: (() => void) | undefined

  constructor(answer: Answer, clock: Clock) {
    this.#answer = answer
    this.#lines = new HeldLines(answer, Infinity)
    this.#clock = clock
  }

  /** Of events alone: what answers the hello always has room. */
  get buffered(): number {
    return this.#eventBytes
  }

  attach(receiver: Receiver, gone: () => void): void {
    this.#receiver = receiver
    this.#answer.onOver = () => {
      this.#undo?.()
      receiver.lost(1006, '', 'network')
      gone()
    }
  }

  /** From now on it waits. */
  begin(waiting: Waiting): void {
    this.#waiting = waiting
    this.#finishIn(waiting.waitMs || MOST_WAIT_MS)
  }

  /** Every topic was answered. */
  greeted(): void {
    this.#greeted = true
    if (this.#due) this.finish()
  }

  send(frame: Outgoing): void {
    const bytes = this.#lines.add(frame, () => {})
    if (frame.t === 'event') this.#eventBytes += bytes
    if (!NEWS.has(frame.t)) return
    this.#news = true
    if (this.#waiting.waitMs > 0) this.#finishIn(frame.t === 'goaway' && !this.#greeted ? GOING_MS : JOIN_MS)
  }

  end(code: number, reason: string): void {
    this.#undo?.()
    this.#lines.close(code, reason)
  }

  /** It is answered. */
  finish(): void {
    this.#undo?.()
    if (!this.#greeted) {
      this.#due = true
      return
    }
    this.#receiver?.lost(1000, '', 'client')
    const { waitMs, knows } = this.#waiting
    if (waitMs > 0 && knows && !this.#news) this.#lines.finishEmpty()
    else this.#lines.finish()
  }

  pause(): void {}

  resume(): void {}

  #finishIn(ms: number): void {
    const at = this.#clock.now() + ms
    if (at >= this.#at) return
    this.#at = at
    this.#undo?.()
    this.#undo = this.#clock.schedule(at, () => this.finish())
  }
}
