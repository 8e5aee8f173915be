import { asOwn, ResilientError } from '../core/resilient-error.ts'
import type { Near } from './http-carrier.ts'
import { broken, type End, endOf } from './http-end.ts'
import type { RequestQuestion } from './http-request.ts'
import { PlainConnection } from './plain-connection.ts'
import type { SendFunction } from './plain-outlet.ts'
import type { DialRequest } from './transport.ts'

/** What the app's function is asked. */
export interface PollQuestion extends RequestQuestion {
  /** What the last answer gave; `undefined` at first. */
  readonly since: unknown
}

/** What the app's function answers. */
export interface PollAnswer {
  /** Each becomes a `message` event, with that as its `data`. */
  readonly messages: readonly unknown[]
  /** Given to the next poll. @defaultValue what it was */
  readonly since?: unknown
}

/** Asks a server for what is new. */
export type PollFunction = (question: PollQuestion) => PollAnswer | PromiseLike<PollAnswer>

/** What a server that is not ours is polled with. */
export interface PlainPollingOptions {
  readonly poll: PollFunction
  readonly everyMs: number
  readonly timeoutMs: number
  readonly send: SendFunction | undefined
  /** Where the last connection was. */
  readonly memory: { since: unknown }
}

/** Any endpoint that can be asked for what is new, by a function of the app's. */
export class PlainPolling extends PlainConnection {
  readonly #url: string
  readonly #options: PlainPollingOptions
  #opened = false

  constructor(near: Near, url: string, request: DialRequest, options: PlainPollingOptions) {
    super(near, request, url, options.send)
    this.#url = url
    this.#options = options
    void this.#run()
  }

  async #run(): Promise<void> {
    const { clock } = this.request
    const { everyMs } = this.#options
    // Nothing is reported before the carrier was returned.
    await undefined
    while (!this.signal.aborted) {
      const askedAt = clock.now()
      const end = await this.#ask()
      if (end) this.fail(end)
      if (!this.signal.aborted) await this.#until(askedAt + everyMs)
    }
  }

  async #ask(): Promise<End | null> {
    const { poll, memory, timeoutMs } = this.#options
    const { clock, token } = this.request
    const request = new AbortController()
    const stop = (): void => request.abort()
    this.signal.addEventListener('abort', stop)
    let cancel: (() => void) | undefined
    const late = new Promise<End>(resolve => {
      cancel = clock.schedule(clock.now() + timeoutMs, () => {
        request.abort()
        resolve(broken(`no answer within ${timeoutMs / 1_000} s`, !this.#opened))
      })
    })
    try {
      const asked = poll({ url: this.#url, since: memory.since, signal: request.signal, token })
      const first = await Promise.race([late, asked])
      if (this.signal.aborted) return null
      if ('wasClean' in first) return first
      return this.#take(first)
    } catch (cause) {
      return this.signal.aborted ? null : this.#failed(cause)
    } finally {
      cancel?.()
      this.signal.removeEventListener('abort', stop)
    }
  }

  #take(answer: PollAnswer): null {
    const { memory } = this.#options
    const { messages } = answer
    if (!Array.isArray(messages)) {
      throw new ResilientError('ERR_PROVIDER', 'Expected `polling.poll` to answer with a list of `messages`.')
    }
    if (!this.#opened) this.near.opened('')
    this.#opened = true
    for (const message of messages) if (!this.signal.aborted) this.near.message(message)
    if (!this.signal.aborted && 'since' in answer) memory.since = answer.since
    return null
  }

  /** A function that throws the answer says what it means; anything else is told to the app. */
  #failed(cause: unknown): End {
    if (globalThis.Response && cause instanceof Response) return endOf(cause)
    this.request.report(asOwn(cause, 'ERR_PROVIDER', '`polling.poll` failed; backing off.'))
    return broken('a poll failed', !this.#opened)
  }

  #until(at: number): Promise<void> {
    const { clock } = this.request
    return new Promise(resolve => {
      const over = (): void => {
        cancel()
        this.signal.removeEventListener('abort', over)
        resolve()
      }
      const cancel = clock.schedule(at, over)
      this.signal.addEventListener('abort', over)
    })
  }
}
