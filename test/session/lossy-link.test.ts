import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { type Delivery, type Gap, session, type TopicEvent } from '../../src/session/index.ts'
import type { ScriptedConnection } from '../../src/testing/index.ts'
import { type Story, story } from '../scenarios/story.ts'
import { SessionServer } from './session-server.ts'

const { HOLDFAST_SEED, HOLDFAST_PATH, HOLDFAST_STEPS } = process.env
const MULTIPLIER = Number(HOLDFAST_STEPS ?? 1)
const RUNS = 60
const LONGEST = 120

// Many lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 60_000 * Math.max(1, MULTIPLIER) })

const TOPICS = ['default', 'orders', 'chat'] as const

/** What happens, by whom. The server loses what is on its way when a connection breaks, and nothing else. */
const HAPPENINGS = [
  'publish',
  'publish',
  'publish',
  'send',
  'send',
  'request',
  'reset',
  'fin',
  'close',
  'silent',
  'goaway',
  'handover',
  'sleep',
  'deaf',
] as const

const step = fc.record({
  type: fc.constantFrom(...HAPPENINGS),
  topic: fc.constantFrom(...TOPICS),
  which: fc.nat({ max: 3 }),
  waitMs: fc.constantFrom(0, 0, 0, 0, 1, 20, 300, 2_000, 20_000),
})

/** How the handlers of a run take their time. */
const handling = fc.constantFrom<'at once' | 'later' | 'mixed'>('at once', 'later', 'mixed')

const run = fc.record({
  steps: fc.array(step, { maxLength: LONGEST, size: 'max' }),
  seed: fc.nat(),
  handling,
  unacked: fc.constantFrom(16, 17, 64),
  inFlight: fc.constantFrom(1, 2, 8),
})

let stepsTaken = 0
let connectionsBroken = 0

function break_(told: Story, which: number, how: (index: number) => void): void {
  const { length } = told.server.open
  if (!length) return
  connectionsBroken++
  how(which % length)
}

it('nothing is lost, doubled or out of order either way, whatever happens to the connections, and no gap is told within retention', async () => {
  await fc.assert(
    fc.asyncProperty(run, async ({ steps, seed, handling, unacked, inFlight }) => {
      // What arrives on one of these is lost, as it is when a process hangs before it dies.
      const deaf = new WeakSet<ScriptedConnection>()
      const log = new SessionServer({
        limits: { unacked, inFlight, dedupeMs: 1e12 },
        instead: ({ t }, on) => t === 'msg' && deaf.has(on),
      })
      const told = story({ behaviour: log.behaviour, seed, options: { session: session(), backoff: () => 50 } })
      const { clock, server, socket, problems } = told
      const got = new Map<string, number[]>(TOPICS.map(topic => [topic, []]))
      const gaps: Gap[] = []
      const deliveries: Delivery[] = []
      const answers: Promise<unknown>[] = []
      let numbered = 0
      socket.on('gap', gap => gaps.push(gap))
      const take = (topic: string, { data }: Pick<TopicEvent, 'data'>): void | Promise<void> => {
        const take = (): void => void got.get(topic)?.push(Number(data))
        if (handling === 'at once' || (handling === 'mixed' && Number(data) % 2)) {
          take()
          return
        }
        // As a handler that writes to a database does.
        return new Promise<void>(resolve => {
          clock.schedule(clock.now() + 30, () => {
            take()
            resolve()
          })
        })
      }
      socket.addEventListener('message', event => {
        const taken = take('default', { data: event.data })
        if (taken && 'waitUntil' in event && typeof event.waitUntil === 'function') event.waitUntil(taken)
      })
      for (const topic of TOPICS.slice(1)) socket.topic(topic).on(event => take(topic, event))
      await clock.advance(10)
      for (const { type, topic, which, waitMs } of steps) {
        stepsTaken++
        const connection = server.open[which % Math.max(1, server.open.length)]
        if (type === 'publish') log.publish(topic, ++numbered)
        else if (type === 'send') deliveries.push(socket.topic(topic).send(++numbered))
        else if (type === 'request') answers.push(socket.request(++numbered, { timeoutMs: Infinity }))
        else if (type === 'reset') break_(told, which, () => connection?.reset())
        else if (type === 'fin') break_(told, which, () => connection?.close())
        else if (type === 'close') break_(told, which, () => connection?.close(1012))
        else if (type === 'silent') break_(told, which, () => connection?.goSilent())
        else if (type === 'goaway') log.tell({ t: 'goaway', afterMs: 0, spreadMs: 1_000 })
        else if (type === 'handover') socket.handover()
        else if (type === 'sleep') clock.sleep(waitMs * 3)
        else if (connection) deaf.add(connection)
        await clock.advance(waitMs)
      }
      socket.reconnect()
      await clock.advance(600_000)
      const published = (topic: string): unknown[] => log.log(topic).events.map(({ data }) => data)
      // Out of what the page has handled nothing is missing, doubled or out of order.
      for (const topic of TOPICS) expect([topic, got.get(topic)]).toEqual([topic, published(topic)])
      // What this client sent is in the logs once, in its order.
      const sent = deliveries.map(({ id }) => id)
      const stored = TOPICS.flatMap(topic => log.log(topic).events.flatMap(({ id }) => id?.split('|').slice(1) ?? []))
      expect([...stored].sort()).toEqual([...sent].sort())
      for (const topic of TOPICS) {
        const own = log.log(topic).events.flatMap(({ id }) => id?.split('|').slice(1) ?? [])
        expect(own).toEqual(sent.filter(id => own.includes(id)))
      }
      expect(deliveries.map(({ state }) => state)).toEqual(deliveries.map(() => 'acknowledged'))
      expect((await Promise.all(answers)).length).toBe(answers.length)
      expect(gaps).toEqual([])
      expect(problems.filter(({ code }) => code !== 'ERR_IDLE_TIMEOUT')).toEqual([])
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
  if (!HOLDFAST_PATH) expect([stepsTaken > RUNS * 20, connectionsBroken > RUNS]).toEqual([true, true])
  if (HOLDFAST_STEPS) console.log(`${stepsTaken} steps, ${connectionsBroken} connections broken`)
})
