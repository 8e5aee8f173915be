const CONNECT_TIMEOUT_MS = 10_000
const RETRY_MS = 1_000

/** A client that dials again when a dial has taken too long: a timer per dial, cleared when the socket opens. */
export class NaiveConnectTimeout {
  private socket: WebSocket | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private wanted = true

  constructor(private readonly address: string) {
    this.connect()
  }

  get readyState(): number {
    return this.socket?.readyState ?? WebSocket.CLOSED
  }

  send(data: string): void {
    this.socket?.send(data)
  }

  close(): void {
    this.wanted = false
    clearTimeout(this.timer)
    this.socket?.close()
  }

  private connect(): void {
    if (!this.wanted) return
    const socket = new WebSocket(this.address)
    this.socket = socket
    this.timer = setTimeout(() => this.connect(), CONNECT_TIMEOUT_MS)
    socket.onopen = () => clearTimeout(this.timer)
    socket.onclose = () => {
      if (this.wanted) setTimeout(() => this.connect(), RETRY_MS)
    }
  }
}
