// A WebSocket server on a plain TCP socket: it knows just enough of RFC 6455 to misbehave.
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { accept, misbehave } from './behaviours.ts'
import { TEXT, text } from './frames.ts'

export interface HostileServer {
  /** Where the first dials are misbehaved at, so often, and every later one is served well: it echoes. */
  url(misbehaviour: string, times?: number): string
  /** Dials so far to that URL. */
  dials(url: string): number
  close(): Promise<void>
}

/** Answers every text of up to 125 bytes with the same text. */
function echo(socket: Socket): void {
  let rest = Buffer.alloc(0)
  socket.on('data', chunk => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const length = (rest[1] ?? 0) & 0x7f
      // Two bytes, four of the mask, and the payload: a client masks [RFC 6455 §5.3].
      if (rest.length < 6 + length) return
      const mask = rest.subarray(2, 6)
      const payload = rest.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
      if (((rest[0] ?? 0) & 0x0f) === TEXT) socket.write(text(Buffer.from(payload)))
      else socket.end()
      rest = rest.subarray(6 + length)
    }
  })
}

export async function hostileServer(): Promise<HostileServer> {
  const sockets = new Set<Socket>()
  const seen = new Map<string, number>()
  let places = 0

  function serve(socket: Socket, request: string): void {
    const [, path = ''] = /^GET (\S+)/.exec(request) ?? []
    const [, key = ''] = /sec-websocket-key: *(\S+)/i.exec(request) ?? []
    const { searchParams: query } = new URL(path, 'ws://server')
    const dial = (seen.get(path) ?? 0) + 1
    seen.set(path, dial)
    if (dial <= Number(query.get('times'))) {
      misbehave(query.get('name') ?? '', { socket, key })
      return
    }
    accept({ socket, key })
    echo(socket)
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true }, socket => {
    let request = ''
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', function head(chunk) {
      request += chunk.toString('latin1')
      if (!request.includes('\r\n\r\n')) return
      socket.off('data', head)
      serve(socket, request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.')
  const { port } = address

  return {
    url(misbehaviour, times = 1) {
      const query = new URLSearchParams({ name: misbehaviour, times: `${times}`, place: `${++places}` })
      return `ws://127.0.0.1:${port}/?${query}`
    },
    dials(url) {
      const { pathname, search } = new URL(url)
      return seen.get(pathname + search) ?? 0
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
