import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { WebSocketServer } from 'ws'

/** Where the lives are lived. */
export interface LeakServer {
  /** Echoes; answers `ping` with `pong`; closes with the code of `close 4403`. */
  readonly url: string
  /** Nobody listens there. */
  readonly refusedUrl: string
  /** Serves a page; answers its address. */
  publish(page: string): string
  stop(): void
}

async function freePort(): Promise<number> {
  const server = createTcpServer()
  const port = await listening(server)
  await new Promise(resolve => server.close(resolve))
  return port
}

async function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', 4_096, resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The server has no port.')
  return address.port
}

/** In the process of the test: what the server keeps is not in the heap that is measured. */
export async function startServer(): Promise<LeakServer> {
  let page = ''
  const http = createServer((_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(page))
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: true })
  sockets.on('connection', socket => {
    socket.on('message', (message, isBinary) => {
      const text = isBinary ? '' : String(message)
      const code = Number(/^close (\d+)$/.exec(text)?.[1])
      if (code) socket.close(code)
      else if (text === 'ping') socket.send('pong')
      else socket.send(message, { binary: isBinary })
    })
    socket.on('error', () => {})
  })
  const port = await listening(http)
  return {
    url: `ws://127.0.0.1:${port}/`,
    refusedUrl: `ws://127.0.0.1:${await freePort()}/`,
    publish(text) {
      page = text
      return `http://127.0.0.1:${port}/`
    },
    stop() {
      for (const socket of sockets.clients) socket.terminate()
      http.closeAllConnections()
      http.close()
    },
  }
}
