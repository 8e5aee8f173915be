import { createServer, type OutgoingHttpHeaders } from 'node:http'
import { WebSocketServer } from 'ws'

/** How often every connection hears something. */
const TICK_MS = 100

/** What the server saw of one connection. Times are epoch ms, comparable with those of a page on the same machine. */
export interface Sighting {
  /** The handshake arrived. */
  readonly at: number
  /** What the client sent. */
  readonly received: string[]
  /** How it ended, once it has. */
  end: { readonly at: number; readonly code: number } | null
}

/** Pages over http and one WebSocket endpoint, `/ws`, that ticks. On the loopback, as the pages are: Chromium lets no page from elsewhere dial it. */
export interface LifecycleServer {
  readonly sightings: readonly Sighting[]
  /** Serves a file, a page if its headers do not say otherwise; answers its address. */
  publish(path: string, text: string, headers?: OutgoingHttpHeaders): string
  /** Breaks every connection: a reset, no close frame. */
  drop(): void
  /** From now on nothing passes on the connections there are, and nobody says so: half-open. */
  hush(): void
  stop(): void
}

/** A server of its own for a visit, so that the sightings are of one page. */
export async function startServer(): Promise<LifecycleServer> {
  const files = new Map<string, readonly [text: string, headers: OutgoingHttpHeaders]>()
  const sightings: Sighting[] = []
  const http = createServer(({ url = '' }, response) => {
    const [text, headers] = files.get(url) ?? []
    // No `no-store`: such a page is not kept in the back/forward cache.
    response.writeHead(text ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(text)
  })
  const sockets = new WebSocketServer({ server: http, path: '/ws' })
  const hushing = new Set<() => void>()
  sockets.on('connection', (socket, request) => {
    const sighting: Sighting = { at: Date.now(), received: [], end: null }
    const number = sightings.push(sighting)
    let ticks = 0
    const ticking = setInterval(() => socket.send(`${number}:${++ticks}`), TICK_MS)
    hushing.add(() => {
      clearInterval(ticking)
      request.socket.pause()
    })
    socket.on('message', message => {
      sighting.received.push(String(message))
      if (String(message) === 'ping') socket.send('pong')
    })
    socket.on('error', () => {})
    socket.on('close', code => {
      clearInterval(ticking)
      sighting.end = { at: Date.now(), code }
    })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const address = http.address()
  if (typeof address !== 'object' || !address) throw new Error('The server has no port.')
  return {
    sightings,
    publish(path, text, headers = {}) {
      files.set(path, [text, headers])
      return `http://127.0.0.1:${address.port}${path}`
    },
    drop() {
      for (const socket of sockets.clients) socket.terminate()
    },
    hush() {
      for (const hush of hushing) hush()
      hushing.clear()
    },
    stop() {
      for (const socket of sockets.clients) socket.terminate()
      http.closeAllConnections()
      http.close()
    },
  }
}
