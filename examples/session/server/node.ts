// One node of the fleet: an http server with the session protocol and, beside it, plain WebSockets. It holds nothing that
// is needed to resume, so it can be killed at any moment, and another one goes on where it was.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import {
  type Authenticated,
  type Denied,
  type Log,
  type SessionServer,
  sessionServer,
  type Wish,
} from 'holdfast/server'
import { type NodeName, type NodeState, paths, tabOf, topics } from './names.ts'
import { type PlainServer, plainServer } from './plain.ts'

export interface Node {
  readonly name: NodeName
  readonly state: NodeState
  /** Where it listens now: another port after every start. */
  readonly port: number
  readonly connections: number
  start(): Promise<void>
  /** Ends every connection with a RST, as the kernel does for a program that was killed, and listens no more. */
  kill(): Promise<void>
  /** Asks everybody to move within that time, then listens no more. `false`: it was killed meanwhile. */
  drain(withinMs: number): Promise<boolean>
}

export interface NodeOptions {
  readonly name: NodeName
  /** Shared by all nodes. */
  readonly log: Log
  readonly admit: (token: string | null) => Authenticated | Denied
  /** Number of the newest event. */
  readonly tick: () => number
  /** A page sent its message number `n`; it may come again after a resend. */
  readonly heard: (tab: string, n: number) => void
}

/** The shortest that the protocol allows: a page that has gone silent is let go after two and a half of these. */
const heartbeatMs = 5_000
/** Resends are recognised for so long: as long as the log keeps events. */
const dedupeMs = 600_000

interface Running {
  readonly http: Server
  readonly live: SessionServer
  readonly plain: PlainServer
  readonly port: number
  readonly sockets: ReadonlySet<Socket>
}

export function node(options: NodeOptions): Node {
  const { name, log, admit, tick, heard } = options
  let running: Running | null = null
  let state: NodeState = 'down'

  const end = async ({ http, live, plain }: Running): Promise<void> => {
    const closed = once(http, 'close')
    http.close()
    http.closeIdleConnections()
    await Promise.all([live.close(), plain.close()])
    await closed
  }

  return {
    name,
    get state() {
      return state
    },
    get port() {
      return running?.port ?? 0
    },
    get connections() {
      return (running?.live.connections ?? 0) + (running?.plain.connections ?? 0)
    },
    async start() {
      const http = createServer((_, response) => response.writeHead(426).end('This port speaks WebSocket.\n'))
      const sockets = new Set<Socket>()
      http.on('connection', socket => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      const live = sessionServer({
        server: http,
        path: paths.live,
        log,
        heartbeatMs,
        limits: { dedupeMs },
        authenticate: ({ token }) => admit(token ?? null),
        authorize: allowed,
        onMessage({ topic, data }) {
          const tab = tabOf(topic)
          const n = numberOf(data)
          if (tab !== null && n !== null) heard(tab, n)
          return undefined
        },
        // The only question of the page: which node am I connected to?
        onRequest: ({ conn }) => ({ node: name, conn }),
      })
      const plain = await plainServer({ server: http, node: name, log, tick })
      http.listen({ port: 0, host: '127.0.0.1' })
      await once(http, 'listening')
      const address = http.address()
      if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.')
      running = { http, live, plain, port: address.port, sockets }
      state = 'up'
    },
    async kill() {
      const killed = running
      running = null
      state = 'down'
      if (killed === null) return
      for (const socket of killed.sockets) socket.resetAndDestroy()
      await end(killed)
    },
    async drain(withinMs) {
      const drained = running
      if (drained === null) return false
      state = 'draining'
      await drained.live.drain({ withinMs, reason: `node ${name} is drained` })
      if (running !== drained) return false
      running = null
      state = 'down'
      await end(drained)
      return true
    },
  }
}

/** A page reads what is for all, and its own topic; it asks about the fleet, and writes into its own topic only. */
function allowed({ action, topic }: Wish): boolean {
  if (action === 'request') return topic === topics.fleet
  const forAll = action === 'subscribe' && (topic === topics.ticks || topic === topics.fleet)
  return forAll || tabOf(topic) !== null
}

function numberOf(data: unknown): number | null {
  if (typeof data !== 'object' || data === null || !('n' in data)) return null
  return typeof data.n === 'number' && Number.isSafeInteger(data.n) ? data.n : null
}
