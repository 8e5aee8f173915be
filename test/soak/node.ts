// One server of the soak: a program of its own, so that it can be killed.
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { Redis } from 'ioredis'
import { redisLog } from '../../src/server/redis-log.ts'
import { sessionServer } from '../../src/server/session-server.ts'
import { isOf, type NodeSetting, type Order, type Told } from './orders.ts'
import { credentialOf } from './tokens.ts'

const setting: NodeSetting = JSON.parse(process.argv[2] ?? '')
const tell = (told: Told): void => void process.send?.(told, undefined, undefined, () => {})

const http = createServer((_, response) => response.end())
const redis = new Redis({ path: setting.redis, lazyConnect: true })
const log = redisLog({ redis, maxEvents: setting.maxEvents })

/** The newest connection of each client. */
const sockets = new Map<string, Duplex>()
http.on('upgrade', (request, socket) => {
  const client = new URL(request.url ?? '', 'ws://node').searchParams.get('client') ?? ''
  sockets.set(client, socket)
  socket.once('close', () => {
    if (sockets.get(client) === socket) sockets.delete(client)
  })
})

const live = sessionServer({
  server: http,
  path: '/live',
  log,
  trustProxy: true,
  heartbeatMs: setting.heartbeatMs,
  // Little enough that a client that was away for seconds comes to feel it.
  limits: { unacked: 64 },
  authenticate: ({ token }) => credentialOf(token),
  onRequest: ({ data }) => data,
  onLog(record) {
    if (record.type === 'open') tell({ t: 'opened', conn: record.conn, line: record.line })
    else if (record.type === 'close' && record.conn !== undefined) {
      tell({ t: 'closed', conn: record.conn, line: record.line })
    }
  },
})

/** An unmasked close frame [RFC 6455 §5.2, §5.5.1], as a server that is in trouble sends it, between two others. */
function cut(client: string, code: number): void {
  const socket = sockets.get(client)
  if (!socket || socket.destroyed) return
  socket.write(Buffer.from([0x88, 2, code >> 8, code & 0xff]))
  socket.end()
}

async function leave(withinMs: number): Promise<void> {
  http.close()
  tell({ t: 'left' })
  await live.drain({ withinMs })
  await live.close()
  await log.close()
  process.exit(0)
}

process.on('message', (order: unknown) => {
  if (!isOf<Order>(order)) return
  if (order.t === 'cut') cut(order.client, order.code)
  else if (order.t === 'leave') void leave(order.withinMs)
})
// Whoever started it is gone.
process.on('disconnect', () => process.exit(0))
http.listen(setting.port, '127.0.0.1', () => tell({ t: 'listening' }))
