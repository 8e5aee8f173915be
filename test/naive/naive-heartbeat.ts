import { NaiveWebSocket } from './naive-web-socket.ts'

const PING_EVERY_MS = 15_000
const PONG_WITHIN_MS = 5_000

/** The naive wrapper with a heartbeat: a ping every 15 s, and a close where no pong has come 5 s later. */
export class NaiveHeartbeatWebSocket extends NaiveWebSocket {
  private pingTimer: ReturnType<typeof setTimeout> | undefined
  private pongTimer: ReturnType<typeof setTimeout> | undefined

  protected override connect(): void {
    super.connect()
    const { socket } = this
    socket?.addEventListener('open', () => this.beat(socket))
    socket?.addEventListener('message', ({ data }) => {
      if (data === 'pong') clearTimeout(this.pongTimer)
    })
    socket?.addEventListener('close', () => {
      clearTimeout(this.pingTimer)
      clearTimeout(this.pongTimer)
    })
  }

  private beat(socket: WebSocket): void {
    this.pingTimer = setTimeout(() => {
      socket.send('ping')
      this.pongTimer = setTimeout(() => socket.close(), PONG_WITHIN_MS)
      this.beat(socket)
    }, PING_EVERY_MS)
  }
}
