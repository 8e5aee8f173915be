import { asOwn } from '../core/resilient-error.ts'
import type { Far, Near } from './http-carrier.ts'
import { broken, type End, LAST_SENDS_MS } from './http-end.ts'
import { PlainOutlet, type SendFunction } from './plain-outlet.ts'
import type { DialRequest, Sendable } from './transport.ts'

/** A connection to a server that knows nothing of sessions: listening is up to whoever extends it, sending to the app. */
export abstract class PlainConnection implements Far {
  readonly readOnly: boolean
  protected readonly near: Near
  protected readonly request: DialRequest
  readonly #outlet: PlainOutlet | undefined
  /** Ends everything: listening at once, sending when its time is over. */
  readonly #listening = new AbortController()
  readonly #sending = new AbortController()

  constructor(near: Near, request: DialRequest, url: string, send: SendFunction | undefined) {
    this.near = near
    this.request = request
    this.readOnly = !send
    const { token } = request
    if (send) {
      this.#outlet = new PlainOutlet(send, { url, token, signal: this.#sending.signal }, cause => {
        if (this.signal.aborted) return
        request.report(asOwn(cause, 'ERR_SEND', '`send` of the transport failed: that connection is given up.'))
        this.fail(broken('a message could not be sent'))
      })
    }
  }

  get buffered(): number {
    return this.#outlet?.bytes ?? 0
  }

  protected get signal(): AbortSignal {
    return this.#listening.signal
  }

  send(data: Sendable): void {
    if (!this.#outlet) throw new DOMException('This transport cannot send: it has no `send`.', 'NotSupportedError')
    this.#outlet.push(data)
  }

  end(): Promise<void> | undefined {
    this.#listening.abort()
    const sent = this.#outlet?.end()
    if (!sent) return undefined
    const { clock } = this.request
    return new Promise(resolve => {
      const over = (): void => {
        cancel()
        this.#sending.abort()
        resolve()
      }
      const cancel = clock.schedule(clock.now() + LAST_SENDS_MS, over)
      sent.then(over, over)
    })
  }

  protected fail(end: End): void {
    if (this.signal.aborted) return
    this.#listening.abort()
    this.#sending.abort()
    this.near.ended(end)
  }
}
