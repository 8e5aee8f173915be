// What every server of these tests has: connections that the test ends as it likes.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface Server {
  readonly url: string
  /** Connections accepted since the start. */
  readonly dials: number
  /** Connections that are open now. */
  readonly open: number
  /** Closes every connection with this code, and goes on listening. */
  closeAll(code: number, reason?: string): void
  /** Ends every connection with a TCP reset. */
  resetAll(): void
  stop(): Promise<void>
}

/** A server on a free port of this machine. */
export async function serve(
  attach: (server: WebSocketServer) => void,
  options: { readonly protocol?: string } = {},
): Promise<Server> {
  const { protocol } = options
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    ...(protocol && { handleProtocols: () => protocol }),
  })
  const connections = new Map<WebSocket, Socket>()
  let dials = 0
  server.on('connection', (socket, request) => {
    dials += 1
    connections.set(socket, request.socket)
    socket.on('close', () => connections.delete(socket))
  })
  attach(server)
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('Expected a TCP address.')
  return {
    url: `ws://127.0.0.1:${address.port}`,
    get dials() {
      return dials
    },
    get open() {
      return connections.size
    },
    closeAll(code, reason) {
      for (const socket of connections.keys()) socket.close(code, reason)
    },
    resetAll() {
      for (const socket of connections.values()) socket.resetAndDestroy()
    },
    async stop() {
      for (const socket of connections.keys()) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
