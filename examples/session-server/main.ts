// A server whose clients lose nothing: `node --import tsx examples/session-server/main.ts [port]`
import { createServer } from 'node:http'
import { Refused, sessionServer } from 'holdfast/server'

/** Yours: a session, a JWT, a database. */
const users = new Map([['token-of-ada', 'ada']])

const server = createServer((request, response) => {
  if (request.url === '/metrics') response.end(live.metrics())
  else response.writeHead(404).end()
})

const live = sessionServer({
  server,
  path: '/live',
  origins: '*',
  authenticate({ token = '' }) {
    const identity = users.get(token)
    return identity === undefined ? null : { identity, expiresAt: Date.now() + 3_600_000 }
  },
  authorize: ({ identity, topic }) => topic === 'default' || topic === `to-${identity}`,
  onMessage({ identity, data }) {
    if (typeof data !== 'string' || !data) throw new Refused('empty', { message: 'Say something.' })
    // Who says so is not for the client to write.
    return { data: { from: identity, text: data } }
  },
  onRequest: () => ({ now: Date.now() }),
  onLog: ({ line }) => console.log(line),
})

const port = Number(process.argv[2] ?? 4791)
server.listen(port, () => console.log(`The server is at ws://localhost:${port}/live`))

// A deploy: everybody moves to the next server, and this one ends when nobody is left.
process.once('SIGTERM', async () => {
  await live.drain({ withinMs: 30_000, reason: 'deploy' })
  server.close()
})
