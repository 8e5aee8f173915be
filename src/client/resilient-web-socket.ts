import { unexpected } from '../core/resilient-error.ts'
import type { Endpoints, Protocols, Provided } from '../runtime/targets.ts'
import type { RequestOptions, SessionLayer } from '../session/layer.ts'
import type { Topic } from '../session/topic.ts'
import type { Sendable } from '../transports/transport.ts'
import { closeArguments } from './close-arguments.ts'
import { Engine } from './engine.ts'
import { type EventHandler, EventHandlers } from './event-handlers.ts'
import type { LifecycleEvents, ResilientEventMap } from './events.ts'
import { checkOptions, checkSendOptions, checkSubscription, type Options } from './options.ts'
import { whenOpen } from './readiness.ts'
import type { Message, SendOptions } from './sending.ts'
import { Target } from './socket-target.ts'
import type { Status } from './status.ts'
import type { Subscription } from './subscriptions.ts'

/** What an event handler attribute may be set to. */
export type EventAttribute<K extends keyof ResilientEventMap> =
  | ((this: ResilientWebSocket, event: ResilientEventMap[K]) => unknown)
  | null

function need(given: number, what: string): void {
  if (!given) throw new TypeError(`ResilientWebSocket ${what}: 1 argument required, but only 0 present.`)
}

const CONSTANTS = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const
const NO_PROTOCOLS: string[] = []
const DEFAULTS: Options = {}
const BINARY_TYPES: readonly BinaryType[] = ['blob', 'arraybuffer']

/** The event handler attributes: read as the platform's, written with the events that Holdfast dispatches. */
export interface ResilientWebSocket {
  /** Called for every connection that is ready, before the outbox is flushed. */
  get onopen(): WebSocket['onopen']
  set onopen(handler: EventAttribute<'open'>)
  /** Called for every message. */
  get onmessage(): WebSocket['onmessage']
  set onmessage(handler: EventAttribute<'message'>)
  /** Called before `onclose` for a dial that never opened, and for a connection that the browser failed. */
  get onerror(): WebSocket['onerror']
  set onerror(handler: EventAttribute<'error'>)
  /** Called for every lost connection, with its real code. */
  get onclose(): WebSocket['onclose']
  set onclose(handler: EventAttribute<'close'>)
}

/**
 * A WebSocket that survives production. Use it where `new WebSocket(url)` stood: it has the whole interface of the
 * platform's class [WHATWG WebSockets §3] and connects again when a connection is lost.
 *
 * What differs from the platform, by default: `send()` while connecting queues; `readyState` is CONNECTING between
 * connections, also inside a `close` listener whose `willReconnect` is true; `open`, `close` and `error` may repeat.
 * With `{ reconnect: false, outbox: false }` nothing does.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: see the interface
export class ResilientWebSocket extends Target implements WebSocket {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  readonly #engine: Engine
  #handlers: EventHandlers | undefined

  /**
   * Dials at once, unless `startClosed`. With a plain `url` the native socket is made in here, so what it throws is
   * thrown here: SyntaxError for an invalid URL, protocol or mixed content.
   *
   * @param url - Absolute or relative; http and https become ws and wss. Or a list, in order of preference: an endpoint that fails makes room for the next. Or a function, called anew for every dial.
   * @param protocols - Subprotocols to ask for. Or a function, called anew for every dial.
   * @throws ResilientError `ERR_OPTION` for a wrong option, `ERR_NO_WEBSOCKET` where there is no WebSocket to dial with.
   */
  constructor(url: Endpoints, protocols: Provided<Protocols> = NO_PROTOCOLS, options?: Options) {
    super()
    // biome-ignore lint/complexity/noArguments: `new WebSocket()` is an error, `new WebSocket(undefined)` is a relative URL
    need(arguments.length, 'constructor')
    // The platform ignores further arguments: `urls.map(...)` and the like pass an index.
    const chosen = options && typeof options === 'object' ? options : DEFAULTS
    checkOptions(chosen)
    // Without reconnecting no endpoints take turns: an array becomes a string, as the platform makes it one.
    const list = Array.isArray(url) && chosen.reconnect !== false
    // A function in the list would never be called, and nothing would be dialled.
    if (list && !(url.length && url.every(each => typeof each !== 'function')))
      throw unexpected('ERR_OPTION', 'url', 'a URL, or a list of at least one', url)
    this.#engine = new Engine(this, Array.isArray(url) && !list ? `${url}` : url, protocols, chosen)
  }

  /** The URL of the current connection; empty before the first dial. */
  get url(): string {
    return this.#engine.link?.url ?? ''
  }

  /** 0 connecting, 1 open, 2 closing, 3 closed. CLOSED is terminal: between connections it is 0. */
  get readyState(): WebSocket['readyState'] {
    return this.#engine.readyState
  }

  /** Bytes of UTF-8 that `send()` was given and the network was not, the outbox included. */
  get bufferedAmount(): number {
    return this.#engine.bufferedAmount
  }

  /** The extensions of the current connection. */
  get extensions(): string {
    return this.#engine.carrier?.extensions ?? ''
  }

  /** The subprotocol that the server of the current connection selected. */
  get protocol(): string {
    return this.#engine.link?.protocol ?? ''
  }

  /** How binary messages arrive; kept across reconnects. @defaultValue 'blob' */
  get binaryType(): BinaryType {
    return this.#engine.binaryType
  }

  set binaryType(type: BinaryType) {
    // A value outside of the enumeration is ignored [WebIDL §3.2.18].
    const self = this.#engine
    const known = BINARY_TYPES.find(each => each === `${type}`)
    if (!known) return
    self.binaryType = known
    // In a session the bytes are taken apart first.
    if (self.carrier && !self.session) self.carrier.binaryType = known
  }

  /** What the socket is doing: an immutable snapshot, the same object until something changes. */
  get status(): Status {
    return this.#engine.status
  }

  /** When the last message arrived, epoch ms, live; `null` before the first. */
  get lastMessageAt(): number | null {
    return this.#engine.lastMessageAt
  }

  /**
   * Closes for good: cancels every timer, aborts every provider, empties the outbox. Final until `reconnect()`.
   *
   * @throws DOMException InvalidAccessError for a code that is neither 1000 nor 3000-4999, SyntaxError for a reason
   * over 123 bytes of UTF-8; nothing has changed then.
   */
  close(...given: [code?: number, reason?: string]): void {
    const self = this.#engine
    const checked = closeArguments(given, self.carrier)
    self.dispatch({ type: 'close', ...checked })
  }

  /**
   * Sends, or queues while nothing is open (buffers are copied). After `close()` it discards, as the platform does.
   *
   * @throws ResilientError `ERR_OUTBOX_FULL` when the message would break a bound of the outbox; it is not queued.
   */
  send(data: Sendable): void
  /** Sends with a say in what happens if it has to wait; gives a handle on it. */
  send(data: Sendable, options: SendOptions): Message
  // A default keeps `send.length` 1, as the platform's is.
  send(data: Sendable, options: SendOptions | undefined = undefined): Message | undefined {
    const self = this.#engine
    // biome-ignore lint/complexity/noArguments: `send()` is an error, `send(undefined)` sends a string
    need(arguments.length, 'send')
    // The platform ignores further arguments: `messages.forEach(socket.send, socket)` passes an index.
    const chosen = options && typeof options === 'object' ? options : undefined
    if (chosen) checkSendOptions(chosen)
    else if (self.sendNow(data)) return undefined
    if (!chosen && !self.measures) {
      self.send(data)
      return undefined
    }
    const message = self.sendAs(data, chosen)
    // The platform's send() gives nothing.
    return chosen ? message : undefined
  }

  /**
   * Resolves when nothing waits any more, neither in the outbox nor in the platform's buffer. For back-pressure: await it
   * before you send more. Rejects with `ERR_CLOSED` when the socket is closed for good.
   */
  drained(): Promise<void> {
    return this.#engine.session?.drained() ?? this.#engine.waiting.drained()
  }

  /**
   * Joins now, or when the socket is open, and again on every connection. Counted: the second user of a key joins
   * nothing, and only the last one to leave leaves. The result leaves, once however often it is called.
   */
  subscribe(key: string, subscription: Subscription): () => void {
    checkSubscription(key, subscription)
    if (this.#engine.session)
      throw unexpected('ERR_OPTION', 'session', 'absent for subscribe(): use topic()', undefined)
    return this.#engine.subscribe(key, subscription)
  }

  /**
   * A topic of the session: events in order, each once, across reconnects. The same object for the same name.
   *
   * @throws ResilientError `ERR_OPTION` without the option `session`, or for a name that is empty or over 256 bytes.
   */
  topic(name: string): Topic {
    return this.#session.topic(name)
  }

  /**
   * Asks the server, and resolves with its answer; asked again under the same id after a reconnect. Rejects with
   * `ERR_REJECTED` when the server refuses, `ERR_TIMEOUT` after `timeoutMs`, the reason of `signal` when that is aborted,
   * `ERR_OPTION` without the option `session`.
   */
  request(data: unknown, options?: RequestOptions): Promise<unknown> {
    return this.#session.request(data, options)
  }

  get #session(): SessionLayer {
    const { layer } = this.#engine
    if (!layer) throw unexpected('ERR_OPTION', 'session', 'given: there are no topics without', undefined)
    return layer
  }

  /**
   * Replaces the connection, because the address, a region or a setting is another one now. In a session, the second
   * one is dialled beside the first and takes over without a gap; without one, the first is closed before. Does nothing
   * while none is open.
   */
  handover(): void {
    this.#engine.dispatch({ type: 'handover', purpose: 'replace' })
  }

  /**
   * Fetches a fresh credential, because somebody else signed in or the old one is not good any more, and puts it to use
   * as `auth.onRotate` says; at once if it is of another identity. While nothing is open, the next dial fetches it.
   *
   * @throws ResilientError `ERR_OPTION` without the option `auth`.
   */
  refreshAuth(): void {
    const self = this.#engine
    if (!self.rules.credentials) throw unexpected('ERR_OPTION', 'auth', 'given: there is nothing to refresh', undefined)
    self.dispatch({ type: 'renew' })
  }

  /** Listens to a lifecycle event; the result stops it. A handler that throws is reported and stops nobody. */
  on<K extends keyof LifecycleEvents>(type: K, handler: (event: LifecycleEvents[K]) => void): () => void {
    return this.#engine.on(type, handler)
  }

  /** Drops what there is and dials as soon as the dial guard allows, from every state, `closed` included. */
  reconnect(): void {
    this.#engine.dispatch({ type: 'reconnect' })
  }

  /** Ends the current wait, or a dial that hangs, as soon as the dial guard allows. Leaves an open connection alone; after `closed` it is `reconnect()`. */
  retryNow(): void {
    this.#engine.dispatch({ type: 'retry-now' })
  }

  /** Resolves when the socket is open. Rejects with `ERR_CLOSED` when it is closed for good before that. */
  ready(): Promise<void> {
    return whenOpen(this.#engine)
  }

  /** The brand check of a platform attribute [WebIDL §3.7.6]. */
  static #socketOf(value: object): ResilientWebSocket {
    if (#engine in value) return value
    throw new TypeError('Illegal invocation')
  }

  static {
    const { prototype } = ResilientWebSocket
    for (const [name, value] of Object.entries(CONSTANTS)) {
      for (const owner of [ResilientWebSocket, prototype])
        Object.defineProperty(owner, name, { value, enumerable: true })
    }
    for (const type of ['open', 'message', 'error', 'close'] as const) {
      const name = `on${type}`
      // From a literal, so that they are called `get onopen` and `set onopen`, as the platform's are.
      const accessors = {
        get [name](): EventHandler | null {
          return ResilientWebSocket.#socketOf(this).#handlers?.get(type) ?? null
        },
        set [name](handler: unknown) {
          const socket = ResilientWebSocket.#socketOf(this)
          socket.#handlers ??= new EventHandlers(socket)
          socket.#handlers.set(type, handler)
        },
      }
      Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(accessors))
    }
    // Members of a platform interface are enumerable [WebIDL §3.7.6, §3.7.7]; those of a class are not.
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name !== 'constructor') Object.defineProperty(prototype, name, { enumerable: true })
    }
    const named = { value: 'WebSocket', configurable: true }
    Object.defineProperty(prototype, Symbol.toStringTag, named)
    // Not that of the declaration, which bundlers change anyway [WebIDL §3.7.1].
    Object.defineProperty(ResilientWebSocket, 'name', named)
  }
}
