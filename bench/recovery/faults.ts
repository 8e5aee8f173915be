import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { type FaultProxy, faultProxy } from '../../test/faults/fault-proxy.ts'
import { sleep } from '../lanes/lane.ts'
import { GREETING } from '../lanes/victims.ts'
import { listening } from '../server.ts'

/** How often a server speaks where there is traffic. */
const TICK_MS = 500

/** A server and the line to it, on which one thing goes wrong. */
export interface Place {
  readonly port: number
  readonly line: FaultProxy
  readonly clients: ReadonlySet<WebSocket>
  /** Another line listens in its place, a good one. What hangs on the old one hangs on. */
  renew(): Promise<void>
  close(): Promise<void>
}

/** What can go wrong. */
export interface Fault {
  readonly key: string
  /** In the tables: what happens to the client. */
  readonly title: string
  /** The server speaks all the time. */
  readonly traffic?: boolean
  /** The client's machine sleeps before, and its waking is the instant from which is counted. */
  readonly sleeps?: boolean
  happen(place: Place): void | Promise<void>
}

async function restart({ line, clients }: Place, outageMs: number): Promise<void> {
  line.refuse()
  for (const client of clients) client.close(1012)
  await sleep(outageMs)
  await line.pass()
}

/** As behind a router that has lost its table: live connections go silent, new ones are fine. */
function forget({ line, renew }: Place): Promise<void> {
  line.blackhole()
  return renew()
}

export const FAULTS: readonly Fault[] = [
  { key: 'rst', title: 'RST', happen: ({ line }) => line.reset() },
  { key: 'fin', title: 'FIN, no close frame', happen: ({ line }) => line.fin() },
  {
    key: '1012',
    title: 'close 1012, server stays up',
    happen({ clients }) {
      for (const client of clients) client.close(1012)
    },
  },
  { key: 'restart-1', title: 'server restart of 1 s, close 1012', happen: place => restart(place, 1_000) },
  { key: 'restart-5', title: 'server restart of 5 s, close 1012', happen: place => restart(place, 5_000) },
  {
    key: 'refused',
    title: 'RST, connections refused for 3 s',
    async happen({ line }) {
      line.refuse()
      line.reset()
      await sleep(3_000)
      await line.pass()
    },
  },
  {
    key: 'stalled',
    title: 'RST, handshakes stall for 5 s',
    async happen({ line, renew }) {
      line.acceptThenSilence()
      line.reset()
      await sleep(5_000)
      await renew()
    },
  },
  { key: 'idle', title: 'black hole, idle', happen: forget },
  { key: 'traffic', title: 'black hole, under traffic', traffic: true, happen: forget },
  { key: 'wake', title: 'black hole while asleep, from waking up', sleeps: true, happen: forget },
]

/** A server of its own for a fault. It greets, answers heartbeats, and where there is traffic it ticks. */
export async function placeOf({ traffic = false }: Fault): Promise<Place> {
  const http = createServer()
  const server = new WebSocketServer({ server: http, perMessageDeflate: false })
  server.on('connection', socket => {
    socket.send(GREETING)
    socket.on('message', message => {
      if (`${message}` === 'ping') socket.send('pong')
    })
    socket.on('error', () => {})
    if (!traffic) return
    const ticks = setInterval(() => socket.send('tick'), TICK_MS)
    socket.on('close', () => clearInterval(ticks))
  })
  const targetPort = await listening(http)
  const line = await faultProxy({ targetPort })
  let later: FaultProxy | undefined
  return {
    port: line.port,
    line,
    clients: server.clients,
    async renew() {
      line.refuse()
      later = await faultProxy({ targetPort, port: line.port })
    },
    async close() {
      await Promise.all([line.close(), later?.close()])
      for (const client of server.clients) client.terminate()
      server.close()
      http.close()
    },
  }
}
