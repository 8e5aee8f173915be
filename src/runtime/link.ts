import { type Carrier, detach, type Sendable } from '../transports/transport.ts'
import { connectionEnded, Inbox, type Reader } from './inbox.ts'
import { isSecret } from './secrets.ts'
import type { Confidential } from './targets.ts'
import type { VitalSigns } from './vital-signs.ts'

/** A connection, as hooks and subscriptions are given it. */
export interface HookConnection {
  /** Aborted when the connection ends, or `socket.close()` begins to end it. */
  readonly signal: AbortSignal
  /** The subprotocol that the server selected. */
  readonly protocol: string
  /** Sends at once, ahead of the outbox. @throws ResilientError `ERR_CLOSED` when the connection has ended. */
  send(data: Sendable): void
  /**
   * The first message that `wants` says yes to, of those that arrive and those kept so far: it reaches no listener of
   * the socket. Rejects with `ERR_CLOSED` when the connection ends before.
   */
  receive(wants?: (event: MessageEvent) => boolean): Promise<MessageEvent>
  /** Ends this connection, as if the server had closed it so: the close policy decides. */
  close(code: number, reason?: string): void
}

/** Run before a connection counts as open; it may be async. */
export type ConnectionHook = (connection: HookConnection) => void | PromiseLike<void>

/** What a link tells. */
export interface Listener extends Reader {
  /** More arrived than can be kept. */
  flooded(link: Link): void
  /** The hook ended it. */
  ended(number: number, code: number, reason: string): void
}

/** A connection with its number and its traffic. */
export class Link {
  received = 0
  sent = 0
  readonly number: number
  readonly carrier: Carrier
  readonly confidential: Confidential
  /** Where there is a session: takes what is not the app's as it is. */
  takes: ((event: MessageEvent) => boolean) | undefined
  /** Where there is a heartbeat. */
  readonly signs: VitalSigns | undefined
  readonly #listener: Listener
  /** Made for whoever looks through the messages first: hooks and subscriptions. */
  #inbox: Inbox | undefined

  constructor(number: number, carrier: Carrier, confidential: Confidential, listener: Listener, signs?: VitalSigns) {
    this.number = number
    this.carrier = carrier
    this.confidential = confidential
    this.signs = signs
    this.#listener = listener
  }

  get #opened(): Inbox {
    const listener = this.#listener
    this.#inbox ??= new Inbox(this, listener, () => listener.flooded(this))
    return this.#inbox
  }

  /** Keeps what arrives until {@link release}. */
  keep(): void {
    this.#opened.keep()
  }

  /** Gives what was kept, in order, while `wanted` holds. */
  release(wanted: () => boolean): void {
    this.#inbox?.release(wanted)
  }

  /** Something arrived. `true`: it was an answer to a ping, or the session's, and is not for the app. */
  hears(event: MessageEvent): boolean {
    this.received++
    return !!this.signs?.hears(this, event) || !!this.takes?.(event)
  }

  /** Since when an answer is awaited, monotonic ms; `null` when none is. */
  get awaitedAt(): number | null {
    return this.#inbox?.awaitedAt ?? null
  }

  /** Nobody waits for a message of it any more. */
  giveUp(): void {
    this.#inbox?.end()
  }

  /** Stops listening, for good. */
  end(): void {
    detach(this.carrier)
    this.giveUp()
  }

  /** As hooks and subscriptions are given it. */
  connection(): HookConnection {
    const inbox = this.#opened
    const { signal } = inbox
    return {
      signal,
      protocol: this.protocol,
      send: data => {
        if (signal.aborted) throw connectionEnded()
        this.sent++
        this.carrier.send(data)
      },
      receive: (wants = () => true) => inbox.claim(wants),
      close: (code, reason = '') => {
        if (!signal.aborted) this.#listener.ended(this.number, code, reason)
      },
    }
  }

  /** The URL, without what was put behind it for this dial alone. */
  get url(): string {
    const { url = '' } = this.carrier
    const { hidden } = this.confidential
    return url.endsWith(hidden) ? url.slice(0, url.length - hidden.length) : ''
  }

  /** The subprotocol that was selected; nothing where that is a secret. */
  get protocol(): string {
    const { protocol = '' } = this.carrier
    return isSecret(protocol, this.confidential.secrets) ? '' : protocol
  }
}
