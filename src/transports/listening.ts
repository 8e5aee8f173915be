import { Conversation, type Downstream } from './conversation.ts'
import type { Far, Near } from './http-carrier.ts'
import type { Http } from './http-request.ts'
import type { DialRequest, Sendable } from './transport.ts'

/** What all sessions over HTTP have in common behind their carrier, however they listen. */
export abstract class Listening implements Far, Downstream {
  protected readonly talk: Conversation
  readonly #cancels = new Set<() => void>()

  constructor(near: Near, http: Http, request: DialRequest) {
    this.talk = new Conversation(near, http, request, this)
  }

  abstract begin(): void
  abstract again(): void
  abstract ping(): void

  get buffered(): number {
    return this.talk.upstream.bytes
  }

  send(data: Sendable): void {
    this.talk.send(data)
  }

  end(): Promise<void> | undefined {
    return this.talk.end()
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }

  protected get now(): number {
    return this.talk.clock.now()
  }

  /** Calls `fn` in `ms`, unless it is over by then. */
  protected later(ms: number, fn: () => void): void {
    const { clock } = this.talk
    const cancel = clock.schedule(clock.now() + ms, () => {
      this.#cancels.delete(cancel)
      fn()
    })
    this.#cancels.add(cancel)
  }
}
