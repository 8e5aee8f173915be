import { HeldLines } from './held-lines.ts'
import type { Answer } from './http-answer.ts'
import type { Outgoing } from './outgoing.ts'
import type { Receiver, Wire } from './wire.ts'

/** What is asked for in a request that sends, and so is answered in it. */
const ANSWERS: ReadonlySet<string> = new Set(['ok', 'err', 'pong'])

/** A request with messages as a wire. */
export class SendWire implements Wire {
  readonly transport = 'send'
  readonly mostBuffered: number = Infinity
  readonly #answer: Answer
  readonly #lines: HeldLines
  #receiver: Receiver | undefined

  /** Answers of so many bytes are held until it is known how it ends. */
  constructor(answer: Answer, mostHeld: number) {
    this.#answer = answer
    this.#lines = new HeldLines(answer, mostHeld)
  }

  get buffered(): number {
    return this.#lines.buffered
  }

  attach(receiver: Receiver, gone: () => void): void {
    this.#receiver = receiver
    this.#answer.onOver = () => {
      receiver.lost(1006, '', 'network')
      gone()
    }
  }

  send(frame: Outgoing): void {
    if (ANSWERS.has(frame.t)) this.#lines.add(frame, () => this.#receiver?.flushed())
  }

  end(code: number, reason: string): void {
    this.#lines.close(code, reason)
  }

  /** All of it was answered. */
  finish(): void {
    this.#receiver?.lost(1000, '', 'client')
    this.#lines.finish()
  }

  pause(): void {}

  resume(): void {}
}
