import type { Checks } from '../check.ts'
import { newClient } from '../client.ts'
import { Broken, NotOffered } from '../outcome.ts'

/** Further than that no run waits. */
const MOST_SLOW_MS = 120_000

function bearable(ms: number, what: string): number {
  if (ms > MOST_SLOW_MS) throw new NotOffered(`${what} is ${ms} ms: longer than this script waits`)
  return ms
}

export const connections: Checks = {
  pong: {
    title: 'answers ping with pong of the same n',
    async run(world) {
      const visit = await world.visit()
      for (const n of [1, 2, 70_000]) visit.send({ t: 'ping', n })
      for (const n of [1, 2, 70_000]) await visit.take('pong', `pong with n: ${n}`, pong => pong.n === n)
    },
  },
  heartbeat: {
    title: 'sends a ping every heartbeatMs, and keeps a connection that answers',
    slow: true,
    async run(world) {
      const visit = await world.visit()
      const everyMs = bearable(visit.welcome.heartbeatMs, 'heartbeatMs')
      const end = await visit.ended('', 3.4 * everyMs).catch(() => null)
      if (end?.code === 4201) throw new NotOffered('the credentials expire within three heartbeats')
      if (end) throw new Broken('a connection that goes on', `the close ${end.code} ${JSON.stringify(end.reason)}`)
      const pings = visit.frames.filter(({ t }) => t === 'ping').length
      if (pings < 2 || pings > 4) throw new Broken(`3 pings in ${Math.round(3.4 * everyMs)} ms`, `${pings}`)
    },
  },
  silence: {
    title: 'ends a connection with 4000 from which nothing came for 2.5 heartbeats',
    slow: true,
    async run(world) {
      const visit = await world.visit()
      visit.goSilent()
      const everyMs = bearable(visit.welcome.heartbeatMs, 'heartbeatMs')
      const began = performance.now()
      const { code } = await visit.ended(`the close 4000 after ${2.5 * everyMs} ms`, 4 * everyMs)
      if (code !== 4000) throw new Broken('the close 4000', `the close ${code}`)
      const afterMs = Math.round(performance.now() - began)
      if (afterMs < 2 * everyMs) throw new Broken(`patience of ${2.5 * everyMs} ms`, `the close after ${afterMs} ms`)
    },
  },
  'two-connections': {
    title: 'serves two connections of one client',
    async run(world) {
      const client = newClient()
      const topics = [{ topic: world.topic }]
      const [one, two] = [await world.visit({ client, topics }), await world.visit({ client, topics })]
      const [mark] = await world.cause(await world.witness())
      await Promise.all([one.event(mark), two.event(mark)])
    },
  },
  'third-connection': {
    title: 'closes the oldest with 4409 when a third one comes, and serves the others',
    async run(world) {
      const client = newClient()
      const topics = [{ topic: world.topic }]
      const oldest = await world.visit({ client, topics })
      const others = [await world.visit({ client, topics }), await world.visit({ client, topics })]
      const { code } = await oldest.ended('the close 4409 of the oldest of three')
      if (code !== 4409) throw new Broken('the close 4409', `the close ${code}`)
      const [mark] = await world.cause(await world.witness())
      await Promise.all(others.map(({ event }) => event(mark)))
    },
  },
  bye: {
    title: 'answers bye with the close 1000',
    async run(world) {
      const visit = await world.visit()
      visit.send({ t: 'bye' })
      const { code } = await visit.ended('the close 1000')
      if (code !== 1000) throw new Broken('the close 1000', `the close ${code}`)
    },
  },
}
