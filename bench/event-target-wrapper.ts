type Receive = ((event: MessageEvent) => void) | null

const Target: new () => EventTarget & Pick<WebSocket, 'addEventListener' | 'removeEventListener'> = EventTarget

/** The least that a wrapper with correct event targets can do: a native socket inside, every event made anew. Nothing reconnects. */
export class EventTargetWrapper extends Target {
  readonly #native: WebSocket
  #onmessage: Receive = null

  constructor(url: string) {
    super()
    this.#native = new WebSocket(url)
    this.#native.onopen = () => this.dispatchEvent(new Event('open'))
    this.#native.onerror = () => this.dispatchEvent(new Event('error'))
    this.#native.onmessage = ({ data, origin }) => this.dispatchEvent(new MessageEvent('message', { data, origin }))
    this.#native.onclose = ({ code, reason, wasClean }) =>
      this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }))
  }

  get readyState(): number {
    return this.#native.readyState
  }

  get onmessage(): Receive {
    return this.#onmessage
  }

  set onmessage(handler: Receive) {
    if (this.#onmessage) this.removeEventListener('message', this.#onmessage)
    this.#onmessage = handler
    if (handler) this.addEventListener('message', handler)
  }

  send(data: string): void {
    this.#native.send(data)
  }
}
