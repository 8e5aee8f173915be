const RETRY_MS = 3_000

/**
 * A client that believes the browser: it hangs up when that says offline, dials when it says online, and takes a new
 * connection when the user comes back to the page.
 */
export class NaivePage {
  private socket: WebSocket | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private wanted = true

  constructor(private readonly address: string) {
    window.addEventListener('offline', () => this.socket?.close())
    window.addEventListener('online', () => this.connect())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return
      this.socket?.close()
      this.connect()
    })
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
    clearTimeout(this.timer)
    if (!this.wanted || !navigator.onLine) return
    const socket = new WebSocket(this.address)
    this.socket = socket
    socket.onclose = () => {
      if (socket === this.socket) this.timer = setTimeout(() => this.connect(), RETRY_MS)
    }
  }
}
