// One instance of a server, as a process of its own. Its argument is JSON: `{ port, name, socket }`.
import { createServer } from 'node:http'
import { Redis } from 'ioredis'
import { redisLog, sessionServer } from '../../../src/server/index.ts'

const { port, name, socket } = JSON.parse(process.argv[2] ?? '{}')
const server = createServer()
const redis = new Redis({ path: socket, lazyConnect: true })
sessionServer({
  server,
  log: redisLog({ redis, deadlineMs: 2_000 }),
  // Who is it that serves me?
  onRequest: () => name,
  onLog: () => {},
})
server.listen(port, '127.0.0.1', () => process.send?.('listening'))
// Whoever started it is gone.
process.once('disconnect', () => process.exit())
