import { ResilientError } from '../core/resilient-error.ts'
import { type Carrier, detach, type Sendable } from '../transports/transport.ts'
import { isSecret } from './secrets.ts'
import type { Target } from './targets.ts'

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

interface Claim {
  readonly wants: (event: MessageEvent) => boolean
  readonly take: (event: MessageEvent) => void
  readonly drop: () => void
}

/** What is kept while a connection is made ready: as much as the outbox holds. */
const KEPT_MESSAGES = 1_000
const KEPT_BYTES = 1_048_576

function sizeOf({ data }: MessageEvent): number {
  return data.length ?? data.byteLength ?? data.size ?? 0
}

/** What a link tells. */
export interface Listener {
  message(event: MessageEvent): void
  report(error: unknown): void
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
  readonly target: Target
  readonly #listener: Listener
  #claims: readonly Claim[] | undefined
  #kept: MessageEvent[] | undefined
  #keptBytes = 0
  #abort: AbortController | undefined

  constructor(number: number, carrier: Carrier, target: Target, listener: Listener) {
    this.number = number
    this.carrier = carrier
    this.target = target
    this.#listener = listener
    this.#listenDirectly()
  }

  /** The way of every message when nobody claims any: nothing is looked at. */
  #listenDirectly(): void {
    this.carrier.onmessage = event => {
      this.received++
      this.#listener.message(event)
    }
  }

  /** Looks at each message first: somebody claims one, or they are kept. */
  #listenClosely(): void {
    this.carrier.onmessage = event => {
      this.received++
      const claim = this.#claims?.find(each => this.#wanted(each, event))
      // What was asked may have ended it.
      if (this.#abort?.signal.aborted) return
      if (claim) this.#settle(claim, event)
      else if (this.#kept) this.#keep(this.#kept, event)
      else this.#listener.message(event)
    }
  }

  #wanted({ wants }: Claim, event: MessageEvent): boolean {
    try {
      return wants(event)
    } catch (cause) {
      this.#listener.report(new ResilientError('ERR_HANDLER', '`receive()` was given a test that threw.', cause))
      return false
    }
  }

  #settle(claim: Claim, event: MessageEvent): void {
    this.#claims = this.#claims?.filter(each => each !== claim)
    if (!this.#claims?.length && !this.#kept) this.#listenDirectly()
    claim.take(event)
  }

  #keep(kept: MessageEvent[], event: MessageEvent): void {
    this.#keptBytes += sizeOf(event)
    kept.push(event)
    if (kept.length > KEPT_MESSAGES || this.#keptBytes > KEPT_BYTES) this.#listener.flooded(this)
  }

  /** Keeps what arrives until {@link release}. */
  keep(): void {
    this.#kept = []
    this.#listenClosely()
  }

  /** Gives what was kept, in order, while `wanted` holds. */
  release(wanted: () => boolean): void {
    const kept = this.#kept
    if (!kept) return
    this.#kept = undefined
    if (!this.#claims?.length) this.#listenDirectly()
    for (const event of kept) if (wanted()) this.#listener.message(event)
  }

  /** Nobody waits for a message of it any more. */
  giveUp(): void {
    const claims = this.#claims
    this.#kept = this.#claims = undefined
    this.#abort?.abort()
    for (const { drop } of claims ?? []) drop()
  }

  /** Stops listening, for good. */
  end(): void {
    detach(this.carrier)
    this.giveUp()
  }

  /** As hooks and subscriptions are given it. */
  connection(): HookConnection {
    this.#abort ??= new AbortController()
    const { signal } = this.#abort
    const gone = (): ResilientError => new ResilientError('ERR_CLOSED', 'This connection has ended.')
    return {
      signal,
      protocol: this.protocol,
      send: data => {
        if (signal.aborted) throw gone()
        this.sent++
        this.carrier.send(data)
      },
      receive: (wants = () => true) => {
        const received = new Promise<MessageEvent>((take, reject) => {
          const claim = { wants, take, drop: () => reject(gone()) }
          const index = this.#kept?.findIndex(event => this.#wanted(claim, event)) ?? -1
          const [early] = index < 0 ? [] : (this.#kept?.splice(index, 1) ?? [])
          if (signal.aborted) claim.drop()
          else if (early) {
            this.#keptBytes -= sizeOf(early)
            take(early)
          } else {
            this.#claims = [...(this.#claims ?? []), claim]
            this.#listenClosely()
          }
        })
        // Whoever awaits it is told; whoever does not is not to be told by an unhandled rejection.
        received.catch(() => {})
        return received
      },
      close: (code, reason = '') => {
        if (!signal.aborted) this.#listener.ended(this.number, code, reason)
      },
    }
  }

  /** The URL, without what was put behind it for this dial alone. */
  get url(): string {
    const { url } = this.carrier
    const { hidden } = this.target
    return url.endsWith(hidden) ? url.slice(0, url.length - hidden.length) : ''
  }

  /** The subprotocol that was selected; nothing where that is a secret. */
  get protocol(): string {
    const { protocol } = this.carrier
    return isSecret(protocol, this.target.secrets) ? '' : protocol
  }
}
