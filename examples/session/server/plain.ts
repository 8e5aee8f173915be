// The same events over a WebSocket without a protocol: told to whoever is there, and forgotten.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from 'holdfast/server'
import { WebSocket, WebSocketServer } from 'ws'
import { type NodeName, paths, topics } from './names.ts'

export interface PlainServer {
  readonly connections: number
  /** Closes every connection with 1012, and waits no longer than half a second for the answers. */
  close(): Promise<void>
}

export interface PlainOptions {
  readonly server: Server
  readonly node: NodeName
  readonly log: Log
  /** Number of the newest event. */
  readonly tick: () => number
}

const closeGraceMs = 500
/** A client this far behind is ended; it comes back and starts afresh. */
const maxBacklogBytes = 65_536

export async function plainServer({ server, node, log, tick }: PlainOptions): Promise<PlainServer> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 })

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url?.split('?')[0] !== paths.plain) return
    socket.on('error', () => socket.destroy())
    if (!ownPage(request)) socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    else sockets.handleUpgrade(request, socket, head, greet)
  }

  const greet = (socket: WebSocket): void => {
    socket.on('error', () => {})
    socket.on('message', (frame, binary) => {
      if (binary || socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > maxBacklogBytes) return
      const said = String(frame)
      // What the page sends is said back, as the session's messages come back through the log.
      socket.send(said === '{"type":"ping"}' ? '{"type":"pong"}' : said)
    })
    socket.send(JSON.stringify({ type: 'welcome', node, tick: tick() }))
  }

  const following = await log.follow(topics.ticks, {
    events(events) {
      for (const { body } of events) {
        for (const socket of sockets.clients) {
          if (socket.bufferedAmount > maxBacklogBytes) socket.terminate()
          else if (socket.readyState === WebSocket.OPEN) socket.send(body)
        }
      }
    },
    // It has nothing that it could tell anybody.
    lost() {},
  })
  server.on('upgrade', upgrade)

  return {
    get connections() {
      return sockets.clients.size
    },
    async close() {
      server.off('upgrade', upgrade)
      following.stop()
      const ended = [...sockets.clients].map(socket => new Promise(resolve => socket.once('close', resolve)))
      for (const socket of sockets.clients) socket.close(1012, `node ${node} is going`)
      const grace = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, closeGraceMs)
      await Promise.all(ended)
      clearTimeout(grace)
    },
  }
}

/** A page of another origin must not read along. */
function ownPage({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}
