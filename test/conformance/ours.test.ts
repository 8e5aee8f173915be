import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { memoryLog, sessionServer } from '../../src/server/index.ts'
import { checksThat, examine } from './examine.ts'
import type { ReferenceServer } from './reference-server.ts'

/** holdfast/server with everything that the script can check. */
async function ours(): Promise<ReferenceServer> {
  const server = createServer()
  const live = sessionServer({
    server,
    path: '/live',
    log: memoryLog({ maxEvents: 40 }),
    origins: ['https://app.example.com'],
    authenticate: ({ token }) => (token === 'ann' || token === 'bob' ? { identity: token } : 'refresh'),
    authorize: ({ topic }) => topic !== 'secret',
    onRequest: ({ data }) => data,
    limits: { messageBytes: 4_096, unacked: 20 },
    rates: { connection: { perSecond: 100, burst: 25 } },
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : ''
  return {
    url: `ws://127.0.0.1:${port}/live`,
    defects: [],
    publish: (topic, data) => void live.publish(topic, data),
    close() {
      void live.close()
      server.close()
    },
  }
}

it('holdfast/server keeps every rule', { timeout: 30_000 }, async () => {
  const outcomes = await examine(ours())
  expect(outcomes.filter(({ verdict }) => verdict === 'failed')).toEqual([])
  // Whether a burst is too fast for its rate depends on how fast this machine is.
  expect(checksThat(outcomes, 'not offered').filter(check => check !== 'later-order')).toEqual([])
  expect(checksThat(outcomes, 'ok').length).toBeGreaterThan(50)
})
