import type { RequestQuestion } from './http-request.ts'
import type { Sendable } from './transport.ts'

/** The app's own way of sending, where the server takes messages by other requests than it gives them. */
export type SendFunction = (data: Sendable, question: RequestQuestion) => void | PromiseLike<void>

/** Sends by a function of the app's: in order, one after the other. */
export class PlainOutlet {
  #waiting: Sendable[] = []
  #bytes = 0
  #sending: Promise<void> | undefined
  readonly #send: SendFunction
  readonly #question: RequestQuestion
  readonly #failed: (cause: unknown) => void

  constructor(send: SendFunction, question: RequestQuestion, failed: (cause: unknown) => void) {
    this.#send = send
    this.#question = question
    this.#failed = failed
  }

  get bytes(): number {
    return this.#bytes
  }

  push(data: Sendable): void {
    this.#waiting.push(data)
    this.#bytes += sizeOf(data)
    this.#sending ??= this.#run()
  }

  /** Resolves when everything was sent, or will never be; `undefined` when there is nothing. */
  end(): Promise<void> | undefined {
    return this.#sending
  }

  async #run(): Promise<void> {
    try {
      // The platform's send() returns before anything happens.
      await undefined
      for (let data = this.#waiting.shift(); data !== undefined; data = this.#waiting.shift()) {
        await this.#send(data, this.#question)
        this.#bytes -= sizeOf(data)
      }
    } catch (cause) {
      this.#waiting = []
      this.#failed(cause)
    } finally {
      this.#sending = undefined
    }
  }
}

/** Bytes on the wire. */
export function sizeOf(data: Sendable): number {
  if (typeof data === 'string') return new TextEncoder().encode(data).length
  return 'size' in data ? data.size : data.byteLength
}
