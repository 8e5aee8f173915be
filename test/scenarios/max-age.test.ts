import { describe, expect, it } from 'vitest'
import { accepts, refuses, sequence } from '../../src/testing/index.ts'
import { expectNothingLeft, gaps, openStory, story } from './story.ts'

const HOUR_MS = 3_600_000
const SOON_MS = 60_000
const QUIET_MS = 250

describe('a connection with a maximum age', () => {
  it.each([
    [0, HOUR_MS],
    [0.5, 0.9 * HOUR_MS],
    [0.999_999, 0.8 * HOUR_MS],
  ])('is replaced at 80 to 100 %% of it, where chance says: %d', async (roll, age) => {
    const { clock, dialTimes } = await openStory({ rolls: [roll], options: { maxAgeMs: HOUR_MS } })
    await clock.advance(HOUR_MS + SOON_MS)
    const [lived = Number.NaN] = gaps(dialTimes())
    expect(Math.abs(lived - age - QUIET_MS)).toBeLessThan(10)
  })

  it('is one of many that were made together and are replaced apart', async () => {
    const lives = await Promise.all(
      Array.from({ length: 200 }, async (_, seed) => {
        const { clock, dialTimes } = story({ seed, options: { maxAgeMs: HOUR_MS } })
        await clock.advance(HOUR_MS + SOON_MS)
        return gaps(dialTimes())[0] ?? Number.NaN
      }),
    )
    expect(Math.min(...lives)).toBeGreaterThanOrEqual(0.8 * HOUR_MS)
    expect(Math.max(...lives)).toBeLessThanOrEqual(HOUR_MS + QUIET_MS)
    expect(lives.filter(ms => ms < 0.9 * HOUR_MS).length).toBeGreaterThan(60)
    expect(lives.filter(ms => ms > 0.9 * HOUR_MS).length).toBeGreaterThan(60)
  })

  it('is seen by the app as one close that reconnects, then open, with no attempt counted', async () => {
    const { clock, server, socket, journal, closings, statuses } = await openStory({ options: { maxAgeMs: HOUR_MS } })
    let attempts: unknown
    socket.addEventListener('open', ({ reconnected, attempt }) => {
      attempts = [reconnected, attempt]
    })
    await clock.advance(HOUR_MS)
    expect(journal).toEqual(['close 1006', 'open'])
    expect(closings[0]).toMatchObject({ willReconnect: true, retryInMs: 0, wasClean: false })
    expect(closings[0]?.disconnect).toMatchObject({
      origin: 'client',
      next: { type: 'retry', inMs: 0, by: 'rotation' },
    })
    expect([attempts, socket.status.attempt]).toEqual([[true, 0], 0])
    expect(statuses.every(({ attempt }) => attempt === 0)).toBe(true)
    expect([server.dials.length, server.open.length]).toEqual([2, 1])
    expect(server.connections[0]?.closedByClient).toEqual({ code: 1005, reason: '' })
  })

  it('waits for a quiet moment: 250 ms in which nothing comes and nothing goes', async () => {
    const { clock, server, socket, dialTimes } = await openStory({ options: { maxAgeMs: 100_000 } })
    await clock.advance(89_000)
    for (let turn = 0; turn < 100; turn++) {
      if (turn % 2) socket.send('out')
      else server.latest.send('in')
      await clock.advance(200)
    }
    expect(dialTimes()).toHaveLength(1)
    await clock.advance(500)
    expect(dialTimes()).toHaveLength(2)
    expect(server.connections[0]?.received).toHaveLength(50)
  })

  it('that is never quiet is replaced 60 s later', async () => {
    const { clock, server, dialTimes } = await openStory({ options: { maxAgeMs: 100_000 } })
    for (let turn = 0; turn < 1_600; turn++) {
      if (server.latest.state === 'open') server.latest.send('tick')
      await clock.advance(100)
    }
    expect(dialTimes()).toEqual([0, 90_000 + SOON_MS])
  })

  it('is not replaced while bytes wait to be written', async () => {
    const { clock, server, socket, dialTimes } = await openStory({ options: { maxAgeMs: 100_000 } })
    let buffered = 1
    Object.defineProperty(server.WebSocket.prototype, 'bufferedAmount', { get: () => buffered, configurable: true })
    await clock.advance(100_000)
    expect([dialTimes().length, socket.bufferedAmount]).toEqual([1, 1])
    buffered = 0
    await clock.advance(1_000)
    expect(dialTimes()).toHaveLength(2)
  })

  it('is replaced again and again', async () => {
    const { clock, dialTimes, journal } = await openStory({ options: { maxAgeMs: 100_000 } })
    await clock.advance(500_000)
    expect(gaps(dialTimes())).toEqual(Array(5).fill(90_250))
    expect(journal).toEqual(Array(5).fill(['close 1006', 'open']).flat())
  })

  it('begins to count anew when it was lost before', async () => {
    const { clock, server, dialTimes } = await openStory({ options: { maxAgeMs: 100_000 } })
    await clock.advance(80_000)
    server.latest.reset()
    await clock.advance(92_000)
    expect(dialTimes()).toEqual([0, 82_000])
    await clock.advance(500)
    expect(dialTimes()).toEqual([0, 82_000, 172_250])
  })

  it('delivers what is sent meanwhile on the next one, once and in order', async () => {
    const { clock, server, socket } = await openStory({ options: { maxAgeMs: 100_000 } })
    socket.onclose = () => {
      socket.send('a')
      socket.send('b')
    }
    await clock.advance(100_000)
    expect(server.connections.map(({ received }) => received)).toEqual([[], ['a', 'b']])
  })

  it('backs off when the next one does not come up', async () => {
    const { clock, dialTimes, journal } = await openStory({
      behaviour: sequence(accepts(), refuses(), accepts()),
      options: { maxAgeMs: 100_000 },
    })
    await clock.advance(95_000)
    expect(dialTimes()).toEqual([0, 90_250, 92_250])
    expect(journal).toEqual(['close 1006', 'error', 'close 1006', 'open'])
  })

  it('without one stays for as long as it lasts', async () => {
    const { clock, dialTimes } = await openStory()
    await clock.advance(240 * HOUR_MS)
    expect([dialTimes().length, clock.timers]).toEqual([1, 0])
  })

  it('leaves nothing behind after close(), in the middle of the replacement too', async () => {
    const told = await openStory({ options: { maxAgeMs: 100_000 } })
    await told.clock.advance(90_100)
    expect(told.journal).toEqual([])
    await expectNothingLeft(told)
    expect(told.journal).toEqual(['close 1005, final'])
  })
})
