const RETRY_MS = 1_000
const REFRESH_BEFORE_MS = 60_000
const UNAUTHORIZED = 4401

export interface NaiveCredential {
  readonly token: string
  readonly expiresAt: number
}

/** A client that keeps a token, refreshes it a minute before it expires, and also when the server has refused it. */
export class NaiveToken {
  protected credential: NaiveCredential | undefined
  private socket: WebSocket | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private wanted = true

  constructor(
    private readonly address: string,
    private readonly fetchToken: () => Promise<NaiveCredential>,
  ) {
    void this.refresh().then(() => this.connect())
  }

  get readyState(): number {
    return this.socket?.readyState ?? WebSocket.CONNECTING
  }

  send(data: string): void {
    this.socket?.send(data)
  }

  close(): void {
    this.wanted = false
    clearTimeout(this.timer)
    this.socket?.close()
  }

  protected async refresh(): Promise<void> {
    this.credential = await this.fetchToken()
    clearTimeout(this.timer)
    if (!this.wanted) return
    this.timer = setTimeout(() => void this.refresh(), this.credential.expiresAt - Date.now() - REFRESH_BEFORE_MS)
  }

  protected connect(): void {
    if (!this.wanted) return
    const socket = new WebSocket(`${this.address}?token=${this.credential?.token}`)
    this.socket = socket
    socket.onclose = ({ code }) => this.lost(code === UNAUTHORIZED)
  }

  protected lost(unauthorized: boolean): void {
    if (unauthorized) void this.refresh()
    setTimeout(() => this.connect(), RETRY_MS)
  }
}

/** The same, which takes a refused token for an expired one: it fetches another and dials with that. */
export class NaiveReauth extends NaiveToken {
  protected override lost(unauthorized: boolean): void {
    if (unauthorized) void this.refresh().then(() => this.connect())
    else super.lost(unauthorized)
  }
}
