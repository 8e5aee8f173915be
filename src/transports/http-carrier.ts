import { ABNORMAL } from '../core/close-codes.ts'
import type { End } from './http-end.ts'
import { sizeOf } from './plain-outlet.ts'
import { type Carrier, type DialRequest, OPEN, type Sendable } from './transport.ts'

/** What a connection over HTTP tells. */
export interface Near {
  opened(protocol: string): void
  message(data: unknown, lastEventId?: string): void
  /** It is over; what comes after is not heard. */
  ended(end: End): void
}

/** What is behind the carrier. */
export interface Far {
  readonly readOnly?: boolean
  /** Bytes that no server has answered for. */
  readonly buffered: number
  send(data: Sendable): void
  /** The app is done: everything stops. A promise is waited for: what was sent is still on its way. */
  end(): Promise<void> | void
}

const CONNECTING = 0
const CLOSING = 2
const CLOSED = 3
/** No status code was given [RFC 6455 §7.4.1]. */
const NO_STATUS = 1005
/** UTF-8 bytes of a reason [RFC 6455 §5.5]. */
const REASON_BYTES = 123

/** Node 20 has no CloseEvent. */
function closeEvent({ code, reason, wasClean }: End): Event {
  const { CloseEvent } = globalThis
  if (CloseEvent) return new CloseEvent('close', { code, reason, wasClean })
  return Object.assign(new Event('close'), { code, reason, wasClean })
}

/** The looks of a WebSocket for what is none: its states, its events in their order, its exceptions. */
export class HttpCarrier implements Carrier {
  readonly url: string
  readonly extensions = ''
  protocol = ''
  binaryType: BinaryType
  onopen: WebSocket['onopen'] = null
  onmessage: WebSocket['onmessage'] = null
  onerror: WebSocket['onerror'] = null
  onclose: WebSocket['onclose'] = null
  #readyState = CONNECTING
  /** Bytes sent after the end: they stay counted, as a WebSocket counts them. */
  #lost = 0
  readonly #request: DialRequest
  readonly #far: Far

  constructor(request: DialRequest, url: string, connect: (near: Near) => Far) {
    this.url = url
    this.binaryType = request.binaryType
    this.#request = request
    this.#far = connect({
      opened: protocol => {
        if (this.#readyState !== CONNECTING) return
        this.#readyState = OPEN
        this.protocol = protocol
        this.#tell(this.onopen, new Event('open'))
      },
      message: (data, lastEventId = '') => {
        // Nothing is delivered once the client has begun to close [WHATWG WebSockets §4].
        if (this.#readyState !== OPEN) return
        const { origin } = new URL(url)
        this.#tell(this.onmessage, new MessageEvent('message', { data, origin, lastEventId }))
      },
      ended: end => {
        if (this.#readyState < CLOSING) this.#close(end)
      },
    })
  }

  get readyState(): WebSocket['readyState'] {
    return this.#readyState
  }

  get bufferedAmount(): number {
    return this.#far.buffered + this.#lost
  }

  get readOnly(): boolean {
    return !!this.#far.readOnly
  }

  send(data: Sendable): void {
    if (this.#readyState === CONNECTING) throw new DOMException('Still connecting.', 'InvalidStateError')
    if (this.#readyState === OPEN) this.#far.send(data)
    else this.#lost += sizeOf(data)
  }

  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`The close code must be 1000 or 3000-4999, got ${code}.`, 'InvalidAccessError')
    }
    if (new TextEncoder().encode(reason).length > REASON_BYTES) {
      throw new DOMException(`The close reason is over ${REASON_BYTES} bytes.`, 'SyntaxError')
    }
    if (this.#readyState >= CLOSING) return
    const opened = this.#readyState === OPEN
    this.#readyState = CLOSING
    const end = opened
      ? { code: code ?? NO_STATUS, reason, wasClean: true, erred: false }
      : { code: ABNORMAL, reason: '', wasClean: false, erred: true }
    const { clock } = this.#request
    const later = (): void => void clock.schedule(clock.now(), () => this.#close(end))
    const ended = this.#far.end()
    if (ended) ended.then(later, later)
    else later()
  }

  #close(end: End): void {
    if (this.#readyState === CLOSED) return
    const closing = this.#readyState === CLOSING
    this.#readyState = CLOSED
    if (!closing) void this.#far.end()
    if (end.erred) this.#tell(this.onerror, new Event('error'))
    this.#tell(this.onclose, closeEvent(end))
  }

  /** A listener that throws is told of, and stops nothing. */
  #tell(handler: unknown, event: Event): void {
    if (typeof handler !== 'function') return
    try {
      Reflect.apply(handler, this, [event])
    } catch (cause) {
      this.#request.report(cause)
    }
  }
}
