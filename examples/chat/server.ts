// The chat server: one port for the page, for signing in and for the WebSocket. Loopback only.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { rooms } from './rooms.ts'
import { foreign, respond } from './site.ts'
import { type Tokens, tokens } from './tokens.ts'

export interface ChatServerSettings {
  /** @defaultValue any free one */
  readonly port?: number
  /** How long a token is good. @defaultValue 15 min */
  readonly tokenLifeMs?: number
}

export interface ChatServer {
  readonly port: number
  /** Of the page. */
  readonly url: string
  /** Where the WebSocket is. */
  readonly socketUrl: string
  readonly tokens: Tokens
  /** As a deploy does it: every client is told 1012, and nothing listens any more. */
  stop(): Promise<void>
}

const ROOMS = ['harbour', 'lighthouse'] as const
/** A client this far behind will not catch up: ending it bounds the memory. It comes back, and is told what it missed. */
const MOST_BACKLOG_BYTES = 1_048_576
/** How long a stopping server waits for close handshakes. */
const GRACE_MS = 500

export async function chatServer({ port = 0, tokenLifeMs = 900_000 }: ChatServerSettings = {}): Promise<ChatServer> {
  const signedIn = tokens(tokenLifeMs)
  const { receive } = rooms({ names: ROOMS, nameOf: signedIn.nameOf, now: Date.now })

  const http = createServer(async (request, response) => {
    const { status, headers, body } = await respond(request, signedIn)
    response.writeHead(status, headers).end(body)
  })

  const sockets = new WebSocketServer({
    server: http,
    path: '/chat',
    maxPayload: 16_384,
    verifyClient: ({ req }: { readonly req: Parameters<typeof foreign>[0] }) => !foreign(req),
  })
  sockets.on('connection', socket => {
    const guest = receive({
      send(message) {
        if (socket.readyState !== WebSocket.OPEN) return
        if (socket.bufferedAmount > MOST_BACKLOG_BYTES) socket.terminate()
        else socket.send(message)
      },
      close: (code, reason) => socket.close(code, reason),
    })
    socket.on('message', (data, isBinary) => guest.heard(isBinary ? null : String(data)))
    socket.on('close', () => guest.gone())
    // A broken connection: `close` follows, and is all that matters.
    socket.on('error', () => {})
  })

  http.listen({ port, host: '127.0.0.1' })
  await once(http, 'listening')
  const address = http.address()
  const bound = typeof address === 'object' && address ? address.port : port

  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/`,
    socketUrl: `ws://127.0.0.1:${bound}/chat`,
    tokens: signedIn,
    async stop() {
      const stopped = once(http, 'close')
      http.close()
      http.closeIdleConnections()
      for (const socket of sockets.clients) socket.close(1012, 'The server restarts.')
      const grace = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        http.closeAllConnections()
      }, GRACE_MS)
      await stopped
      clearTimeout(grace)
    },
  }
}
