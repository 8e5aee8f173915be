import fc from 'fast-check'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Delivery, Gap } from '../../src/session/index.ts'
import { type Behaviour, hangs, refuses } from '../../src/testing/index.ts'
import { forgetPage } from '../../src/transports/known-ways.ts'
import { ways } from '../scenarios/ways.ts'

/** The same promise as over one link that breaks, over three transports that are blocked and let through at random. */

const { HOLDFAST_SEED, HOLDFAST_PATH, HOLDFAST_STEPS } = process.env
const MULTIPLIER = Number(HOLDFAST_STEPS ?? 1)
const RUNS = 60
const LONGEST = 100

vi.setConfig({ testTimeout: 60_000 * Math.max(1, MULTIPLIER) })
beforeEach(forgetPage)

const TOPICS = ['default', 'orders', 'cursors'] as const
const STREAMS = ['webSocket', 'sse', 'polling'] as const

const step = fc.record({
  type: fc.constantFrom(
    ...([
      'publish',
      'publish',
      'publish',
      'send',
      'send',
      'reset',
      'handover',
      'network',
      'offline',
      'online',
    ] as const),
    ...(['lets through', 'lets through', 'blocks', 'mutes', 'hangs', 'cuts'] as const),
  ),
  topic: fc.constantFrom(...TOPICS),
  stream: fc.constantFrom(...STREAMS),
  probe: fc.constantFrom(true, true, false, 'nobody there' as const),
  waitMs: fc.constantFrom(0, 0, 20, 300, 4_000, 10_000, 31_000, 70_000),
})

let switches = 0

it('nothing is lost, doubled or out of order either way, whatever becomes of the transports, and no gap is told', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: LONGEST, size: 'max' }), fc.nat(), async (steps, seed) => {
      forgetPage()
      const made = ways({ seed })
      const { clock, server, socket, log, problems } = made
      const good = log.behaviour
      const got = new Map<string, unknown[]>(TOPICS.map(topic => [topic, []]))
      const gaps: Gap[] = []
      const deliveries: Delivery[] = []
      let numbered = 0
      const served = new Set<string | null>()
      socket.on('gap', gap => gaps.push(gap))
      socket.addEventListener('message', ({ data }) => got.get('default')?.push(Number(data)))
      socket.topic('orders').on(({ data }) => void got.get('orders')?.push(data))
      socket.topic('cursors').on(({ data }) => void got.get('cursors')?.push(data), { whenDegraded: 'pause' })
      const does = (stream: (typeof STREAMS)[number], behaviour: Behaviour): void => {
        if (stream === 'webSocket') made.webSocket(behaviour)
        else made[stream].behaviour = behaviour
      }
      const mute: Behaviour = connection => connection.accept('holdfast.v1')
      const cuts: Behaviour = connection => {
        good(connection)
        connection.after(3_000, () => connection.reset())
      }
      await clock.advance(10)
      for (const { type, topic, stream, probe, waitMs } of steps) {
        if (type === 'publish') log.publish(topic, ++numbered)
        else if (type === 'send') deliveries.push(socket.topic(topic).send(++numbered))
        else if (type === 'reset')
          for (const { connection } of log.conversations) if (connection.state === 'open') connection.reset()
        if (type === 'handover') socket.handover()
        else if (type === 'network') made.page.say('network-changed')
        else if (type === 'offline' || type === 'online') made.page.say(type)
        else if (type === 'lets through') does(stream, good)
        else if (type === 'blocks') {
          does(stream, refuses())
          // What stands is cut too, as by a firewall that has learnt.
          for (const { connection } of log.conversations) if (connection.state === 'open') connection.reset()
          made.sse.probe = made.polling.probe = probe
        } else if (type === 'mutes') does(stream, mute)
        else if (type === 'hangs') does(stream, hangs())
        else if (type === 'cuts') does(stream, cuts)
        await clock.advance(waitMs)
        if (socket.readyState === 1) served.add(socket.status.transport)
      }
      switches += served.size - 1
      for (const stream of STREAMS) does(stream, good)
      made.sse.probe = made.polling.probe = true
      made.page.say('online')
      // Every connection is a new one, and the best one is found in the end.
      socket.reconnect()
      await clock.advance(1_800_000)
      expect(socket.status).toMatchObject({ state: 'open', transport: 'websocket', degraded: null })
      for (const topic of TOPICS) {
        expect([topic, got.get(topic)]).toEqual([topic, log.log(topic).events.map(({ data }) => data)])
        const own = log.log(topic).events.flatMap(({ id }) => id?.split('|').slice(1) ?? [])
        expect(own).toEqual(deliveries.map(({ id }) => id).filter(id => own.includes(id)))
      }
      expect(deliveries.map(({ state }) => state)).toEqual(deliveries.map(() => 'acknowledged'))
      expect(gaps).toEqual([])
      expect(problems.filter(({ code }) => code !== 'ERR_IDLE_TIMEOUT')).toEqual([])
      expect(server.open).toHaveLength(1)
      socket.close()
      await clock.advance(60_000)
      expect(clock.timers).toBe(0)
    }),
    {
      numRuns: Math.ceil(RUNS * MULTIPLIER),
      ...(HOLDFAST_SEED && { seed: Number(HOLDFAST_SEED) }),
      ...(HOLDFAST_PATH && { path: HOLDFAST_PATH, endOnFailure: true }),
    },
  )
  if (!HOLDFAST_PATH) expect(switches).toBeGreaterThan(RUNS / 4)
})
