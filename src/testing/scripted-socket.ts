/** The client's end of a scripted connection: the platform's WebSocket as far as a program can observe it. */
import type { Sendable } from '../transports/transport.ts'
import { bytesOf, type Payload, payloadOf, received } from './payload.ts'

/** How a connection ends for the client. `erred`: an `error` event comes first. */
export interface End {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  readonly erred: boolean
}

/** What reaches the client. Each is called in a task of its own. */
export interface Near {
  readonly binaryType: BinaryType
  opened(protocol: string): void
  message(payload: Payload): void
  /** The network has taken that many bytes. */
  taken(bytes: number): void
  ended(end: End): void
}

/** What the client does. */
export interface Far {
  sent(payload: Payload, bytes: number): void
  /** Its `close()` on an open connection: a close frame is on its way. */
  closed(code: number | undefined, reason: string): void
  /** Its `close()` before the handshake was done: the handshake is given up. */
  abandoned(): void
}

/** Joins a client's end to the server. */
export type Connect = (near: Near, url: string, protocols: readonly string[]) => Far

type EventType = keyof WebSocketEventMap
type Handler = (this: WebSocket, event: Event) => unknown

const Target: new () => Pick<WebSocket, keyof EventTarget> = EventTarget
const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/

function isCallable(value: unknown): value is Handler {
  return typeof value === 'function'
}

function urlOf(url: string | URL): string {
  const base = globalThis.location?.href
  if (!URL.canParse(`${url}`, base)) throw new DOMException(`The URL '${url}' is invalid.`, 'SyntaxError')
  const parsed = new URL(url, base)
  parsed.protocol = parsed.protocol.replace('http', 'ws')
  if (!['ws:', 'wss:'].includes(parsed.protocol) || parsed.href.includes('#')) {
    throw new DOMException(`The URL '${url}' has a fragment or another scheme than ws, wss.`, 'SyntaxError')
  }
  return parsed.href
}

function protocolsOf(protocols: string | string[]): readonly string[] {
  const asked = Array.isArray(protocols) ? protocols.map(String) : [`${protocols}`]
  if (new Set(asked).size < asked.length || !asked.every(protocol => TOKEN.test(protocol))) {
    throw new DOMException(`The subprotocols '${asked}' are invalid.`, 'SyntaxError')
  }
  return asked
}

/** Node 20 has no CloseEvent. */
function closeEvent({ code, reason, wasClean }: End): Event {
  const { CloseEvent } = globalThis
  if (CloseEvent) return new CloseEvent('close', { code, reason, wasClean })
  return Object.assign(new Event('close'), { code, reason, wasClean })
}

/** A WebSocket whose server is a script. */
export class ScriptedSocket extends Target implements WebSocket {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  readonly url: string
  readonly extensions = ''
  binaryType: BinaryType = 'blob'
  #protocol = ''
  #readyState: number = STATES.CONNECTING
  #bufferedAmount = 0
  readonly #far: Far
  readonly #handlers: Partial<Record<EventType, { handler: Handler | null }>> = {}

  constructor(url: string | URL, protocols: string | string[], connect: Connect) {
    super()
    this.url = urlOf(url)
    const socket = this
    this.#far = connect(
      {
        get binaryType() {
          return socket.binaryType
        },
        opened(protocol) {
          if (socket.#readyState !== STATES.CONNECTING) return
          socket.#readyState = STATES.OPEN
          socket.#protocol = protocol
          socket.dispatchEvent(new Event('open'))
        },
        message(payload) {
          // Nothing is delivered once the client has begun to close [WHATWG WebSockets §4].
          if (socket.#readyState !== STATES.OPEN) return
          const { origin } = new URL(socket.url)
          socket.dispatchEvent(new MessageEvent('message', { data: received(payload, socket.binaryType), origin }))
        },
        taken(bytes) {
          socket.#bufferedAmount -= bytes
        },
        ended(end) {
          if (socket.#readyState === STATES.CLOSED) return
          socket.#readyState = STATES.CLOSED
          if (end.erred) socket.dispatchEvent(new Event('error'))
          socket.dispatchEvent(closeEvent(end))
        },
      },
      this.url,
      protocolsOf(protocols),
    )
  }

  get readyState(): WebSocket['readyState'] {
    return this.#readyState
  }

  get protocol(): string {
    return this.#protocol
  }

  /** Bytes that the network has not taken; what is sent after the end stays counted [WHATWG WebSockets §3]. */
  get bufferedAmount(): number {
    return this.#bufferedAmount
  }

  send(data: Sendable): void {
    if (this.#readyState === STATES.CONNECTING) throw new DOMException('Still connecting.', 'InvalidStateError')
    const payload = payloadOf(data)
    const bytes = bytesOf(payload)
    this.#bufferedAmount += bytes
    if (this.#readyState === STATES.OPEN) this.#far.sent(payload, bytes)
  }

  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`The close code must be 1000 or 3000-4999, got ${code}.`, 'InvalidAccessError')
    }
    if (bytesOf(reason) > 123) throw new DOMException('The close reason is over 123 bytes.', 'SyntaxError')
    if (this.#readyState >= STATES.CLOSING) return
    const wasOpen = this.#readyState === STATES.OPEN
    this.#readyState = STATES.CLOSING
    if (wasOpen) this.#far.closed(code, reason)
    else this.#far.abandoned()
  }

  get onopen(): Handler | null {
    return this.#handler('open')
  }

  set onopen(handler: WebSocket['onopen']) {
    this.#handle('open', handler)
  }

  get onmessage(): Handler | null {
    return this.#handler('message')
  }

  set onmessage(handler: WebSocket['onmessage']) {
    this.#handle('message', handler)
  }

  get onerror(): Handler | null {
    return this.#handler('error')
  }

  set onerror(handler: WebSocket['onerror']) {
    this.#handle('error', handler)
  }

  get onclose(): Handler | null {
    return this.#handler('close')
  }

  set onclose(handler: WebSocket['onclose']) {
    this.#handle('close', handler)
  }

  #handler(type: EventType): Handler | null {
    return this.#handlers[type]?.handler ?? null
  }

  /** A handler attribute keeps its place among the listeners [HTML §8.1.8.1]. */
  #handle(type: EventType, handler: unknown): void {
    const given = isCallable(handler) ? handler : null
    const known = this.#handlers[type]
    if (known) {
      known.handler = given
      return
    }
    const slot = { handler: given }
    this.#handlers[type] = slot
    this.addEventListener(type, event => slot.handler?.call(this, event))
  }

  static {
    for (const [name, value] of Object.entries(STATES)) {
      for (const owner of [ScriptedSocket, ScriptedSocket.prototype]) {
        Object.defineProperty(owner, name, { value, enumerable: true })
      }
    }
  }
}
