/** The room on a port, with `ws`. */
import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'
import { room } from './room.ts'

export interface PresenceServerSettings {
  /** @defaultValue any free one */
  readonly port?: number
  readonly graceMs?: number
  /** How often clients are pinged: one that has not answered the last ping is dead. @defaultValue 15000 */
  readonly pingEveryMs?: number
}

export interface PresenceServer {
  readonly url: string
  readonly users: readonly string[]
  /** Ends every connection without a word, as a broken network does. */
  cut(): void
  close(): Promise<void>
}

function later(ms: number, fn: () => void): () => void {
  const timer = setTimeout(fn, ms)
  return () => clearTimeout(timer)
}

export async function presenceServer({
  port = 0,
  graceMs,
  pingEveryMs = 15_000,
}: PresenceServerSettings = {}): Promise<PresenceServer> {
  const here = room(later, graceMs)
  const sockets = new WebSocketServer({ port, host: '127.0.0.1', maxPayload: 4_096 })
  const answered = new WeakSet<WebSocket>()

  sockets.on('connection', socket => {
    const guest = here.receive({
      send: text => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text)
      },
      close: (code, reason) => socket.close(code, reason),
    })
    answered.add(socket)
    socket.on('pong', () => answered.add(socket))
    socket.on('message', data => guest.heard(String(data)))
    socket.on('close', () => guest.gone())
    // `close` follows, and is all that matters.
    socket.on('error', () => {})
  })

  // A client that vanished says nothing, and TCP may not notice for hours. Browsers answer these pings by themselves.
  const pings = setInterval(() => {
    for (const socket of sockets.clients) {
      if (answered.delete(socket)) socket.ping()
      else socket.terminate()
    }
  }, pingEveryMs)

  await once(sockets, 'listening')
  const address = sockets.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.')
  return {
    url: `ws://127.0.0.1:${address.port}/`,
    get users() {
      return here.users
    },
    cut() {
      for (const socket of sockets.clients) socket.terminate()
    },
    async close() {
      clearInterval(pings)
      for (const socket of sockets.clients) socket.close(1012, 'restart')
      sockets.close()
      await once(sockets, 'close')
    },
  }
}
