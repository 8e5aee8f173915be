type Handler = (event: Event) => void

interface Handlers {
  open: Handler | null
  message: Handler | null
  error: Handler | null
  close: Handler | null
}

const CONNECTING = 0
const OPEN = 1
const CLOSED = 3
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const
// Shared: a buffer of its own would count as heap of every idle socket.
const FRAME = new Uint8Array(4_096)
const encoder = new TextEncoder()

/**
 * A WebSocket without a network, shaped as that of the platform: an EventTarget whose `on*` attributes are
 * listeners [HTML §8.1.8.1] and whose messages are MessageEvents. `send()` does what a client must do with the bytes:
 * it encodes and masks them into a frame [RFC 6455 §5.3].
 */
export class SyntheticSocket extends EventTarget {
  static readonly CONNECTING = CONNECTING
  static readonly OPEN = OPEN
  static readonly CLOSING = 2
  static readonly CLOSED = CLOSED
  /** The one that was made last: the native socket inside the wrapper that was made last. */
  static latest: SyntheticSocket | undefined

  readonly CONNECTING = CONNECTING
  readonly OPEN = OPEN
  readonly CLOSING = 2
  readonly CLOSED = CLOSED
  readonly url: string
  readonly #origin: string
  readonly protocol = ''
  readonly extensions = ''
  readonly bufferedAmount = 0
  binaryType: BinaryType = 'blob'
  /** Bytes of payload sent so far. */
  sentBytes = 0
  #readyState = CONNECTING
  readonly #handlers: Handlers = { open: null, message: null, error: null, close: null }

  constructor(url: string | URL, _protocols?: string | string[]) {
    super()
    const { href, origin } = new URL(url)
    this.url = href
    this.#origin = origin
    SyntheticSocket.latest = this
    setImmediate(() => {
      if (this.#readyState !== CONNECTING) return
      this.#readyState = OPEN
      this.dispatchEvent(new Event('open'))
    })
  }

  get readyState(): number {
    return this.#readyState
  }

  /** What the network does when a text message arrives. */
  deliver(data: string): void {
    this.dispatchEvent(new MessageEvent('message', { data, origin: this.#origin }))
  }

  send(data: string): void {
    const { written: length } = encoder.encodeInto(data, FRAME.subarray(8))
    // In place, into one buffer: what the garbage of a frame costs is not what is measured here.
    for (let i = 8; i < length + 8; i++) FRAME[i] = (FRAME[i] ?? 0) ^ (MASK[i & 3] ?? 0)
    this.sentBytes += length
  }

  close(): void {
    this.#readyState = CLOSED
  }

  get onopen(): Handler | null {
    return this.#handlers.open
  }

  set onopen(handler: Handler | null) {
    this.#handle('open', handler)
  }

  get onmessage(): Handler | null {
    return this.#handlers.message
  }

  set onmessage(handler: Handler | null) {
    this.#handle('message', handler)
  }

  get onerror(): Handler | null {
    return this.#handlers.error
  }

  set onerror(handler: Handler | null) {
    this.#handle('error', handler)
  }

  get onclose(): Handler | null {
    return this.#handlers.close
  }

  set onclose(handler: Handler | null) {
    this.#handle('close', handler)
  }

  #handle(type: keyof Handlers, handler: Handler | null): void {
    const before = this.#handlers[type]
    if (before) this.removeEventListener(type, before)
    this.#handlers[type] = handler
    if (handler) this.addEventListener(type, handler)
  }
}
