import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { accepts, type Behaviour, closes, hangs, refuses, resets } from '../../src/testing/index.ts'
import { expectNothingLeft, mostDialsIn, openStory, type Story, story } from './story.ts'

// Many lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 30_000 })

describe('the dial guard', () => {
  it('lets 6 dials through at once and then makes the seventh wait', async () => {
    const { clock, dialTimes } = story({ behaviour: refuses(), options: { backoff: () => 0 } })
    await clock.advance(10_000)
    expect(dialTimes()).toEqual([0, 0, 0, 0, 0, 0])
    await clock.advance(250)
    expect(dialTimes()).toHaveLength(12)
  })

  it('says in nextRetryAt when it lets the next dial through', async () => {
    const { clock, socket } = story({ behaviour: refuses(), options: { backoff: () => 0 } })
    await clock.advance(1)
    expect(socket.status).toMatchObject({
      nextRetryAt: clock.wall() + 10_249,
      cause: { next: { type: 'retry', by: 'dial-guard' } },
    })
  })

  it('holds against reconnect() called a thousand times', async () => {
    const { clock, socket, dialTimes } = story()
    for (let time = 0; time < 1_000; time++) {
      socket.reconnect()
      await clock.advance(10)
    }
    expect(mostDialsIn(10_000, dialTimes())).toBe(6)
  })

  it('holds against retryNow() called a thousand times', async () => {
    const { clock, socket, dialTimes } = story({ behaviour: refuses() })
    for (let time = 0; time < 1_000; time++) {
      socket.retryNow()
      await clock.advance(10)
    }
    expect(mostDialsIn(10_000, dialTimes())).toBe(6)
  })

  it('holds against an app that closes and reconnects at once', async () => {
    const { clock, socket, dialTimes } = story()
    for (let time = 0; time < 300; time++) {
      socket.close()
      socket.reconnect()
      await clock.advance(40)
    }
    expect(mostDialsIn(10_000, dialTimes())).toBe(6)
  })

  it('holds against a close listener that reconnects at once', async () => {
    const { clock, socket, dialTimes } = story({ behaviour: closes() })
    socket.onclose = () => socket.reconnect()
    await clock.advance(30_000)
    expect(mostDialsIn(10_000, dialTimes())).toBe(6)
  })

  it('holds against a flapping interface', async () => {
    const { clock, page, dialTimes } = story({ behaviour: refuses() })
    for (let time = 0; time < 600; time++) {
      page.say(time % 2 ? 'online' : 'offline')
      await clock.advance(50)
    }
    expect(mostDialsIn(10_000, dialTimes())).toBeLessThanOrEqual(6)
  })

  it('counts a provider that fails: whoever hands out tokens is not to be stormed either', async () => {
    let asked = 0
    const url = (): string => {
      asked++
      throw new Error('no url yet')
    }
    const { clock, dialTimes } = story({ url, options: { backoff: () => 100 } })
    await clock.advance(10_000)
    expect(asked).toBe(6)
    expect(dialTimes()).toEqual([])
  })
})

const actions: Readonly<Record<string, (story: Story) => unknown>> = {
  close: ({ socket }) => socket.close(),
  reconnect: ({ socket }) => socket.reconnect(),
  retryNow: ({ socket }) => socket.retryNow(),
  send: ({ socket }) => socket.send('x'),
  online: ({ page }) => page.say('online'),
  offline: ({ page }) => page.say('offline'),
  hidden: ({ page }) => page.say('hidden'),
  visible: ({ page }) => page.say('visible'),
  frozen: ({ page }) => page.say('frozen'),
  resumed: ({ page }) => page.say('resumed'),
  sleep: ({ clock }) => clock.sleep(60_000),
  drop: ({ server }) => server.open.at(-1)?.reset(),
}
const behaviours: readonly Behaviour[] = [
  accepts(),
  accepts({ afterMs: 700 }),
  refuses(),
  hangs(),
  closes({ afterMs: 30, code: 4000 }),
  resets({ afterMs: 300 }),
]

describe('whatever an app, a page and a server do', () => {
  it('there are never more than 6 dials in 10 s, never two connections, and nothing is left after close()', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            action: fc.constantFrom(...Object.keys(actions)),
            waitMs: fc.constantFrom(0, 1, 40, 500, 3_000, 12_000),
            behaviour: fc.constantFrom(...behaviours),
          }),
          { maxLength: 40 },
        ),
        fc.integer(),
        async (steps, seed) => {
          const told = story({ seed, options: { backoff: () => 0 } })
          const { clock, server, live, dialTimes } = told
          for (const { action, waitMs, behaviour } of steps) {
            server.behaviour = behaviour
            actions[action]?.(told)
            await clock.advance(waitMs)
            expect(server.dials.every(({ unanswered }) => unanswered === 0)).toBe(true)
            expect(live()).toBeLessThanOrEqual(1)
          }
          expect(mostDialsIn(10_000, dialTimes())).toBeLessThanOrEqual(6)
          await expectNothingLeft(told)
        },
      ),
      { numRuns: 300, seed: 20_250_101 },
    )
  })

  it('a life ends exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...Object.keys(actions)), fc.constantFrom(0, 1, 40, 5_000)), {
          maxLength: 30,
        }),
        fc.integer(),
        async (steps, seed) => {
          const told = await openStory({ seed, behaviour: closes({ afterMs: 2_000 }) })
          let lives = 1
          for (const [action, waitMs] of steps) {
            if (told.socket.readyState === 3 && (action === 'reconnect' || action === 'retryNow')) lives++
            actions[action]?.(told)
            await told.clock.advance(waitMs)
          }
          await expectNothingLeft(told)
          expect(told.closings.filter(({ willReconnect }) => !willReconnect)).toHaveLength(lives)
        },
      ),
      { numRuns: 200, seed: 20_250_102 },
    )
  })
})
