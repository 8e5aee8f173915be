/** The wait before a new dial doubles from the first to the second. */
const RETRY_MIN_MS = 1_000
const RETRY_MAX_MS = 5_000

function copyOf(event: Event): Event {
  if (event instanceof MessageEvent) return new MessageEvent(event.type, event as unknown as MessageEventInit)
  if (event instanceof CloseEvent) return new CloseEvent(event.type, event)
  return new Event(event.type, event)
}

/**
 * A reconnecting WebSocket as it is commonly written: a wrapper that keeps handlers in plain fields, dials in a
 * timer so that handlers can be set first, copies events to its own target, and queues what is sent too early.
 * Nothing in it is wrong on purpose. It shows that the contract tells such a wrapper from the platform's class.
 */
export class NaiveWebSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3

  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3

  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null

  protected socket: WebSocket | undefined
  private queue: (string | ArrayBufferLike | Blob | ArrayBufferView)[] = []
  private kind: BinaryType = 'blob'
  private attempts = 0
  private wanted = true
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly address: string | URL,
    private readonly protocols: string | string[] = [],
  ) {
    super()
    this.timer = setTimeout(() => this.connect())
  }

  get url(): string {
    return this.socket?.url ?? ''
  }

  get protocol(): string {
    return this.socket?.protocol ?? ''
  }

  get extensions(): string {
    return this.socket?.extensions ?? ''
  }

  get readyState(): number {
    if (this.socket) return this.socket.readyState
    return this.wanted ? NaiveWebSocket.CONNECTING : NaiveWebSocket.CLOSED
  }

  get bufferedAmount(): number {
    const queued = this.queue.reduce((sum, message) => {
      if (typeof message === 'string') return sum + message.length
      return sum + (message instanceof Blob ? message.size : message.byteLength)
    }, 0)
    return queued + (this.socket?.bufferedAmount ?? 0)
  }

  get binaryType(): BinaryType {
    return this.kind
  }

  set binaryType(value: BinaryType) {
    this.kind = value
    if (this.socket) this.socket.binaryType = value
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.socket?.readyState === NaiveWebSocket.OPEN) this.socket.send(message as string)
    else this.queue.push(message)
  }

  close(code = 1000, reason?: string): void {
    this.wanted = false
    clearTimeout(this.timer)
    this.socket?.close(code, reason)
  }

  /** How long to wait after that many failures in a row. */
  protected delay(attempt: number): number {
    return Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** attempt)
  }

  protected connect(): void {
    const socket = new WebSocket(this.address, this.protocols)
    socket.binaryType = this.kind
    socket.onopen = event => {
      this.attempts = 0
      for (const message of this.queue.splice(0)) socket.send(message as string)
      this.onopen?.(event)
      this.dispatchEvent(copyOf(event))
    }
    socket.onmessage = event => {
      this.onmessage?.(event)
      this.dispatchEvent(copyOf(event))
    }
    socket.onerror = event => {
      this.onerror?.(event)
      this.dispatchEvent(copyOf(event))
    }
    socket.onclose = event => {
      if (this.wanted) this.retry()
      this.onclose?.(event)
      this.dispatchEvent(copyOf(event))
    }
    this.socket = socket
  }

  private retry(): void {
    this.timer = setTimeout(() => this.connect(), this.delay(this.attempts++))
  }
}
