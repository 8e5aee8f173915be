// The WebSocket that a client holds: one connection, from `new` to `close`, as the platform's has it.
import type { ResilientCloseEvent, ResilientWebSocket } from 'holdfast'

/** How a connection ended. `failed`: the platform itself gave it up. */
export type Ended = Pick<ResilientCloseEvent, 'code' | 'reason' | 'wasClean' | 'willReconnect'> & {
  readonly failed: boolean
}

/** A dial that was given up. */
const ABANDONED: Ended = { code: 1006, reason: '', wasClean: false, willReconnect: false, failed: true }

const Target: new () => Pick<WebSocket, keyof EventTarget> = EventTarget

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

/** Lends the next connection of one of its sockets. */
export type Take = (holder: LentSocket) => ResilientWebSocket

/** One connection of a socket of Holdfast. */
export class LentSocket extends Target implements WebSocket {
  static readonly CONNECTING = CONNECTING
  static readonly OPEN = OPEN
  static readonly CLOSING = CLOSING
  static readonly CLOSED = CLOSED
  readonly CONNECTING = CONNECTING
  readonly OPEN = OPEN
  readonly CLOSING = CLOSING
  readonly CLOSED = CLOSED

  onopen: WebSocket['onopen'] = null
  onmessage: WebSocket['onmessage'] = null
  onerror: WebSocket['onerror'] = null
  onclose: WebSocket['onclose'] = null

  readonly url: string
  readonly protocols: string | string[]
  protocol = ''
  extensions = ''
  #state = CONNECTING
  #opened = false
  #binaryType: BinaryType = 'blob'
  readonly #socket: ResilientWebSocket

  constructor(url: string | URL, protocols: string | string[], take: Take) {
    super()
    this.url = `${url}`
    this.protocols = protocols
    this.addEventListener('open', event => this.onopen?.(event))
    this.addEventListener('message', event => this.onmessage?.(event))
    this.addEventListener('error', event => this.onerror?.(event))
    this.addEventListener('close', event => this.onclose?.(event))
    this.#socket = take(this)
  }

  get readyState(): WebSocket['readyState'] {
    // The close frame of the server is here, and the event is not yet.
    return this.#state === OPEN && this.#socket.readyState !== OPEN ? CLOSING : this.#state
  }

  get bufferedAmount(): number {
    return this.#state === CONNECTING ? 0 : this.#socket.bufferedAmount
  }

  get binaryType(): BinaryType {
    return this.#binaryType
  }

  set binaryType(type: BinaryType) {
    this.#binaryType = type
    if (this.#state !== CLOSED) this.#socket.binaryType = type
  }

  send(message: Parameters<WebSocket['send']>[0]): void {
    if (this.#state === CONNECTING) throw new DOMException('Still connecting.', 'InvalidStateError')
    if (this.readyState === OPEN) this.#socket.send(message)
  }

  close(...given: [code?: number, reason?: string]): void {
    if (this.#state >= CLOSING) return
    this.#socket.close(...given)
    if (this.#state === CLOSED) return
    this.#state = CLOSING
    // It was closed before, for good, and says no more.
    if (this.#socket.readyState === CLOSED) queueMicrotask(() => this.ended(ABANDONED))
  }

  /** Its client has closed it. */
  get left(): boolean {
    return this.#state === CLOSING
  }

  /** The connection is open. */
  opened(): void {
    this.#state = OPEN
    this.#opened = true
    this.protocol = this.#socket.protocol
    this.extensions = this.#socket.extensions
    this.dispatchEvent(new Event('open'))
  }

  /** A message has come. */
  heard({ data, origin }: MessageEvent): void {
    if (this.#state === OPEN) this.dispatchEvent(new MessageEvent('message', { data, origin }))
  }

  /** The connection is over. One that never opened has failed: `error` comes first, and some clients wait for nothing else. */
  ended({ failed, willReconnect, ...facts }: Ended): void {
    if (this.#state === CLOSED) return
    this.#state = CLOSED
    if (failed || !this.#opened) this.dispatchEvent(new Event('error'))
    const { CloseEvent } = globalThis
    // Node 20 has no CloseEvent.
    const event = CloseEvent ? new CloseEvent('close', facts) : Object.assign(new Event('close'), facts)
    this.dispatchEvent(Object.assign(event, { willReconnect }))
  }
}
