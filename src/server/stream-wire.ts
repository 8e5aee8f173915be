import { type Answer, closeLine, lineOf, shared } from './http-answer.ts'
import type { Outgoing } from './outgoing.ts'
import type { Receiver, Wire } from './wire.ts'

/** What is still to be written when it ends is not waited for any longer. */
const CLOSING_MS = 5_000

/** A proxy that buffers or rewrites what it passes on is asked not to. */
const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const

/** A frame as an event of the stream [WHATWG HTML §9.2]. A ping is a comment too: what counts these alone as life sees it. */
const eventOf = shared(frame =>
  Buffer.concat([Buffer.from(frame.t === 'ping' ? ':\n\ndata: ' : 'data: '), lineOf(frame), Buffer.from('\n\n')]),
)

/** An event stream as a wire: it is written to, and nothing is heard on it. */
export class StreamWire implements Wire {
  readonly transport = 'stream'
  readonly mostBuffered: number = Infinity
  readonly #answer: Answer
  #written: () => void = () => {}

  constructor(answer: Answer) {
    this.#answer = answer
  }

  get buffered(): number {
    return this.#answer.buffered
  }

  attach(receiver: Receiver, gone: () => void): void {
    this.#written = () => receiver.flushed()
    this.#answer.onOver = () => {
      receiver.lost(1006, '', 'network')
      gone()
    }
  }

  /** The headers go at once: whoever waits for them knows that the way is open. */
  begin(): void {
    this.#answer.begin(200, HEADERS)
    this.#answer.flush()
  }

  send(frame: Outgoing): void {
    this.#answer.write(eventOf(frame), this.#written)
  }

  end(code: number, reason: string): void {
    if (!this.#answer.begun) this.begin()
    this.#answer.end(CLOSING_MS, `data: ${closeLine(code, reason)}\n\n`)
  }

  pause(): void {}

  resume(): void {}
}
