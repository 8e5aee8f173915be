import type { Carrier, DialRequest, Sendable, Transport } from 'holdfast/testing'

/** What the preload script of an Electron app offers a page that may not open sockets: the main process does, one for each number. */
export interface Bridge {
  send(number: number, message: ToMain): void
  /** Returns how to stop listening. */
  listen(number: number, told: (message: FromMain) => void): () => void
}

export type ToMain =
  | { readonly type: 'dial'; readonly url: string; readonly protocols: readonly string[] }
  | { readonly type: 'send'; readonly data: string }
  | { readonly type: 'close'; readonly code: number | undefined; readonly reason: string }

export type FromMain =
  | { readonly type: 'open'; readonly protocol: string }
  | { readonly type: 'message'; readonly data: string }
  /** So much of what was sent has left. */
  | { readonly type: 'sent'; readonly bytes: number }
  | { readonly type: 'close'; readonly code: number; readonly reason: string; readonly wasClean: boolean }

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const
const bytesOf = (text: string): number => new TextEncoder().encode(text).length

class BridgeCarrier implements Carrier {
  readonly url: string
  readonly extensions = ''
  protocol = ''
  binaryType: BinaryType
  bufferedAmount = 0
  readyState: Carrier['readyState'] = CONNECTING
  onopen: Carrier['onopen'] = null
  onmessage: Carrier['onmessage'] = null
  onerror: Carrier['onerror'] = null
  onclose: Carrier['onclose'] = null
  #opened = false
  readonly #say: (message: ToMain) => void
  readonly #unlisten: () => void

  constructor({ url, protocols, binaryType }: DialRequest, bridge: Bridge, number: number) {
    this.url = `${url}`
    this.binaryType = binaryType
    this.#say = message => bridge.send(number, message)
    this.#unlisten = bridge.listen(number, message => this.#hear(message))
    this.#say({ type: 'dial', url: this.url, protocols: [protocols].flat() })
  }

  send(data: Sendable): void {
    if (this.readyState === CONNECTING) throw new DOMException('Still connecting.', 'InvalidStateError')
    if (typeof data !== 'string') throw new TypeError('The bridge carries text.')
    this.bufferedAmount += bytesOf(data)
    if (this.readyState === OPEN) this.#say({ type: 'send', data })
  }

  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`The close code must be 1000 or 3000-4999, got ${code}.`, 'InvalidAccessError')
    }
    if (bytesOf(reason) > 123) throw new DOMException('The close reason is over 123 bytes.', 'SyntaxError')
    if (this.readyState >= CLOSING) return
    this.readyState = CLOSING
    this.#say({ type: 'close', code, reason })
  }

  #hear(message: FromMain): void {
    switch (message.type) {
      case 'open':
        if (this.readyState !== CONNECTING) return
        this.readyState = OPEN
        this.#opened = true
        this.protocol = message.protocol
        this.#tell(this.onopen, new Event('open'))
        break
      case 'message':
        if (this.readyState === OPEN) this.#tell(this.onmessage, new MessageEvent('message', { data: message.data }))
        break
      case 'sent':
        this.bufferedAmount -= message.bytes
        break
      case 'close': {
        const { code, reason, wasClean } = message
        this.readyState = CLOSED
        this.#unlisten()
        if (!this.#opened) this.#tell(this.onerror, new Event('error'))
        this.#tell(this.onclose, Object.assign(new Event('close'), { code, reason, wasClean }))
      }
    }
  }

  #tell(handler: unknown, event: Event): void {
    if (typeof handler === 'function') Reflect.apply(handler, this, [event])
  }
}

/** A transport over the bridge: the main process has the sockets. */
export function bridged(bridge: Bridge): Transport {
  let dials = 0
  return { name: 'bridge', dial: request => new BridgeCarrier(request, bridge, ++dials) }
}
