// The WebSocket server of the demo: tells every client the events of the market, and misbehaves when asked to.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { MarketEvent, Welcome } from './market.ts'

export interface Feed {
  readonly port: number
  readonly clients: number
  publish(event: MarketEvent): void
  /** Ends every connection with a close frame. */
  closeClients(code: number, reason: string): void
  /** Ends every connection without one. */
  dropClients(): void
  /** Answers upgrades with this HTTP status instead; `null` accepts them again. */
  refuseUpgrades(status: number | null): void
  /** Accepts every connection and ends it at once with this close code; `null` stops that. */
  closeAtOnce(code: number | null): void
  /** Stops as a server that is being deployed: connections are closed with 1012, and nothing listens any more. */
  stop(): Promise<void>
  /** Listens again on the same port. */
  start(): Promise<void>
}

/** A client this far behind will not catch up: ending it bounds the memory. It comes back and starts afresh. */
const maxBacklogBytes = 1024 * 1024
/** How long a stopping server waits for close handshakes. */
const closeGraceMs = 500

export async function feed(options: { readonly port: number; readonly welcome: () => Welcome }): Promise<Feed> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, clientTracking: true })
  let refusal: number | null = null
  let closing: number | null = null
  let server: Server | null = null
  let port = options.port

  sockets.on('connection', socket => {
    // A broken connection is the point of this demo; `close` follows and is all that matters.
    socket.on('error', () => {})
    if (closing !== null) socket.close(closing, 'accepted, then closed')
    else socket.send(JSON.stringify(options.welcome()))
  })

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => {})
    if (refusal !== null) socket.end(httpRefusal(refusal))
    else sockets.handleUpgrade(request, socket, head, client => sockets.emit('connection', client, request))
  }

  const start = async (): Promise<void> => {
    const http = createServer((_, response) => response.writeHead(426).end('This port speaks WebSocket.\n'))
    http.on('upgrade', upgrade)
    http.listen({ port, host: '127.0.0.1' })
    await once(http, 'listening')
    const address = http.address()
    if (address !== null && typeof address !== 'string') port = address.port
    server = http
  }

  const dropClients = (): void => {
    for (const socket of sockets.clients) socket.terminate()
  }

  const closeClients = (code: number, reason: string): void => {
    for (const socket of sockets.clients) socket.close(code, reason)
  }

  await start()

  return {
    get port() {
      return port
    },
    get clients() {
      return sockets.clients.size
    },
    publish(event) {
      // Serialized once, not once per client.
      const frame = JSON.stringify(event)
      for (const socket of sockets.clients) {
        if (socket.readyState !== WebSocket.OPEN) continue
        if (socket.bufferedAmount > maxBacklogBytes) socket.terminate()
        else socket.send(frame)
      }
    },
    closeClients,
    dropClients,
    refuseUpgrades(status) {
      refusal = status
    },
    closeAtOnce(code) {
      closing = code
    },
    start,
    async stop() {
      const stopping = server
      server = null
      if (stopping === null) return
      const stopped = once(stopping, 'close')
      stopping.close()
      stopping.closeAllConnections()
      closeClients(1012, 'restarting')
      const grace = setTimeout(dropClients, closeGraceMs)
      await stopped
      clearTimeout(grace)
    },
  }
}

function httpRefusal(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
}
