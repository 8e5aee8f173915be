/** What a socket is told of the world, and tells it. */
export interface Network {
  /** A client dials; the result is the number of the connection. */
  dial(socket: SimulatedSocket): number
  sends(number: number): void
  /** The client closes: the socket has closed when the network says so. */
  closes(number: number, opened: boolean): void
}

/** As much of an event as the libraries look at. */
interface Happening {
  readonly type: 'open' | 'message' | 'error' | 'close'
  readonly data?: string
  readonly code?: number
  readonly reason?: string
  readonly wasClean?: boolean
}

type Listener = (event: Happening) => unknown

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

/** A WebSocket over a simulated network: lean, because 100,000 of them have to fit. */
export class SimulatedSocket {
  static readonly CONNECTING = CONNECTING
  static readonly OPEN = OPEN
  static readonly CLOSING = CLOSING
  static readonly CLOSED = CLOSED
  /** Where all of them live. */
  static network: Network

  readonly CONNECTING = CONNECTING
  readonly OPEN = OPEN
  readonly CLOSING = CLOSING
  readonly CLOSED = CLOSED
  readonly url: string
  readonly protocol = ''
  readonly extensions = ''
  readonly bufferedAmount = 0
  binaryType: BinaryType = 'blob'
  readyState = CONNECTING
  onopen: Listener | null = null
  onmessage: Listener | null = null
  onerror: Listener | null = null
  onclose: Listener | null = null
  readonly #number: number
  #listeners: readonly { readonly type: string; readonly listener: Listener }[] = []

  constructor(url: string | URL) {
    this.url = `${url}`
    this.#number = SimulatedSocket.network.dial(this)
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners = [...this.#listeners, { type, listener }]
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners = this.#listeners.filter(each => each.type !== type || each.listener !== listener)
  }

  send(_data: string): void {
    if (this.readyState === OPEN) SimulatedSocket.network.sends(this.#number)
  }

  close(): void {
    if (this.readyState > OPEN) return
    const opened = this.readyState === OPEN
    this.readyState = CLOSING
    SimulatedSocket.network.closes(this.#number, opened)
  }

  // ── what the network does ──

  opens(): void {
    if (this.readyState !== CONNECTING) return
    this.readyState = OPEN
    this.#emit({ type: 'open' })
  }

  hears(data: string): void {
    if (this.readyState === OPEN) this.#emit({ type: 'message', data })
  }

  /** 1006: without a close frame, and after `error` if it never opened. */
  ends(code: number): void {
    if (this.readyState === CLOSED) return
    const dialling = this.readyState === CONNECTING
    this.readyState = CLOSED
    if (dialling) this.#emit({ type: 'error' })
    this.#emit({ type: 'close', code, reason: '', wasClean: code !== 1006 })
  }

  #emit(event: Happening): void {
    const { type } = event
    this[`on${type}`]?.(event)
    for (const each of this.#listeners) if (each.type === type) each.listener(event)
  }
}
