import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  accepts,
  type Behaviour,
  closes,
  goesSilent,
  hangs,
  refuses,
  resets,
  type ScriptedConnection,
} from '../../src/testing/index.ts'
import { expectNothingLeft, mostDialsIn, type Setting, type Story, story } from './story.ts'

// Many lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 30_000 })

/** What may happen, by whom. */
const HAPPENINGS: Readonly<Record<string, (told: Story) => unknown>> = {
  'close()': ({ socket }) => socket.close(),
  'reconnect()': ({ socket }) => socket.reconnect(),
  'retryNow()': ({ socket }) => socket.retryNow(),
  'send()': ({ socket }) => socket.send('x'),
  'a look': ({ socket }) => [socket.status, socket.bufferedAmount, socket.url, socket.protocol],
  online: ({ page }) => page.say('online'),
  offline: ({ page }) => page.say('offline'),
  hidden: ({ page }) => page.say('hidden'),
  visible: ({ page }) => page.say('visible'),
  frozen: ({ page }) => page.say('frozen'),
  resumed: ({ page }) => page.say('resumed'),
  'another network': ({ page }) => page.say('network-changed'),
  sleep: ({ clock }) => clock.sleep(600_000),
  'a message': ({ server }) => onEach(server.open, connection => connection.send('y')),
  'a reset': ({ server }) => onEach(server.open, connection => connection.reset()),
  'a close': ({ server }) => onEach(server.open, connection => connection.close(4000)),
  'a bad frame': ({ server }) => onEach(server.open, connection => connection.breakProtocol()),
}

const BEHAVIOURS: readonly Behaviour[] = [
  accepts(),
  accepts({ afterMs: 1_200 }),
  refuses(),
  refuses({ afterMs: 300 }),
  hangs(),
  closes({ code: 1001, afterMs: 30 }),
  resets({ afterMs: 2_000 }),
  goesSilent({ afterMs: 100 }),
]

const SETTINGS: readonly Setting[] = [
  {},
  { options: { backoff: () => 0 } },
  { options: { backoff: () => 0, stableMs: 0, connectTimeoutMs: 1_000 } },
  { options: { maxAttempts: 2 } },
  { options: { reconnect: false } },
  { options: { startClosed: true } },
  { url: async () => 'wss://feed.example' },
  { protocols: () => Promise.reject(new Error('no protocols today')) },
  { url: () => new Promise<string>(() => {}), options: { connectTimeoutMs: 500 } },
]

const EVENTS = ['open', 'message', 'error', 'close'] as const

function onEach(connections: readonly ScriptedConnection[], act: (connection: ScriptedConnection) => void): void {
  for (const connection of connections) act(connection)
}

const happening = fc.constantFrom(...Object.keys(HAPPENINGS))
const step = fc.record({
  what: happening,
  /** Inside of the next event of that type, rather than now. */
  inside: fc.option(fc.constantFrom(...EVENTS, 'status' as const, 'transition' as const), { freq: 3 }),
  waitMs: fc.constantFrom(0, 1, 50, 700, 4_000, 15_000, 70_000),
  behaviour: fc.constantFrom(...BEHAVIOURS),
})
const plot = fc.record({
  steps: fc.array(step, { maxLength: 25 }),
  setting: fc.constantFrom(...SETTINGS),
  seed: fc.integer(),
})
type Plot = typeof plot extends fc.Arbitrary<infer T> ? T : never

/** Tells the plot, and calls `look` in every event of the socket and after every step. */
async function tell({ steps, setting, seed }: Plot, look: (told: Story, event?: Event) => void): Promise<Story> {
  const told = story({ ...setting, seed })
  const { clock, server, socket } = told
  const waiting = new Map<string, string[]>()
  const now = (what: string): void => {
    HAPPENINGS[what]?.(told)
  }
  const happen = (type: string): void => {
    for (const what of waiting.get(type)?.splice(0) ?? []) now(what)
  }
  for (const type of EVENTS) {
    socket.addEventListener(type, event => {
      look(told, event)
      happen(type)
    })
  }
  for (const type of ['status', 'transition'] as const) socket.on(type, () => happen(type))
  for (const { what, inside, waitMs, behaviour } of steps) {
    server.behaviour = behaviour
    if (inside) waiting.set(inside, [...(waiting.get(inside) ?? []), what])
    else now(what)
    await clock.advance(waitMs)
    look(told)
  }
  waiting.clear()
  return told
}

async function always(look: (told: Story, event?: Event) => void, end: (told: Story) => unknown): Promise<void> {
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  const wrong: unknown[] = []
  const looking = (told: Story, event?: Event): void => {
    try {
      look(told, event)
    } catch (error) {
      // A listener's error would go to the platform.
      wrong.push(error)
    }
  }
  try {
    await fc.assert(
      fc.asyncProperty(plot, async given => {
        wrong.length = 0
        const told = await tell(given, looking)
        if (wrong.length) throw wrong[0]
        await end(told)
      }),
      { numRuns: 500, seed: 20_250_104 },
    )
  } finally {
    reported.mockRestore()
  }
}

describe('in any story', () => {
  it('every connection opens at most once, messages come while it is open, an error is followed by its close', async () => {
    await always(
      () => {},
      ({ journal }) => {
        const letters = journal.map(entry => (entry.startsWith('close') ? 'c' : entry[0])).join('')
        expect(letters).toMatch(/^((om*)?e?c)*(om*)?$/)
      },
    )
  })

  it('readyState, status and events never contradict one another', async () => {
    await always(
      ({ socket, closings }, event) => {
        const { state } = socket.status
        const states = { open: [1], closed: [2, 3] }[state as string] ?? [0]
        // The platform says `error` before it says what has happened: until `close`, the status is that of before.
        if (event?.type !== 'error') expect(states).toContain(socket.readyState)
        if (event?.type === 'message') expect(socket.readyState).toBe(1)
        if (event?.type === 'close') {
          // Another handler may have closed, or begun a new life, since.
          expect(closings.at(-1)?.willReconnect ? [0, 2] : [3, 0]).toContain(socket.readyState)
        }
      },
      () => {},
    )
  })

  it('there is never a second connection, nor more than 6 dials in 10 s', async () => {
    await always(
      ({ live, server }) => {
        expect(live()).toBeLessThanOrEqual(1)
        expect(server.dials.every(({ unanswered }) => unanswered === 0)).toBe(true)
      },
      ({ dialTimes }) => expect(mostDialsIn(10_000, dialTimes())).toBeLessThanOrEqual(6),
    )
  })

  it('nothing is left after close(), and the end was told once', async () => {
    await always(
      () => {},
      async told => {
        const { socket, closings, clock } = told
        const before = closings.length
        const ended = socket.readyState === 3
        await expectNothingLeft(told)
        const after = closings.slice(before).map(({ willReconnect }) => willReconnect)
        expect(after).toEqual(ended ? [] : [false])
        await clock.advance(3_600_000)
        expect(closings).toHaveLength(before + after.length)
      },
    )
  })

  it('no message is sent twice, none out of order', async () => {
    await fc.assert(
      fc.asyncProperty(plot, async given => {
        let sent = 0
        const told = await tell(given, ({ socket }, event) => {
          // What an open listener sends goes first, by design.
          if (!event && socket.readyState < 2) socket.send(`${sent++}`)
        })
        told.server.behaviour = accepts()
        await told.clock.advance(120_000)
        const numbers = told.server.received.filter(message => message !== 'x').map(Number)
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
      }),
      { numRuns: 300, seed: 20_250_105 },
    )
  })
})
