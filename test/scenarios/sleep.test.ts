import { describe, expect, it } from 'vitest'
import { type Clock, ResilientWebSocket, type TransitionRecord } from '../../src/index.ts'
import { accepts, hangs, refuses, scriptedServer, sequence, virtualClock } from '../../src/testing/index.ts'
import { lateTimers, openStory, story, URL_OF_FEED } from './story.ts'

const EIGHT_HOURS = 8 * 3_600_000

describe('a machine that slept', () => {
  it('is noticed at the next step and counts as local evidence', async () => {
    const { clock, server, socket, dialTimes } = await openStory({ options: { backoff: () => 1_800_000 } })
    clock.sleep(EIGHT_HOURS)
    server.latest.reset()
    await clock.advance(500)
    expect(dialTimes()).toEqual([0, 250])
    expect(socket.readyState).toBe(1)
  })

  it('is noticed by the timer of the wait that it interrupted, and dials within 0.5 s of it', async () => {
    const { clock, records, dialTimes } = story({ behaviour: refuses() })
    await clock.advance(1_000)
    clock.sleep(EIGHT_HOURS)
    await clock.advance(1_500)
    expect(dialTimes()[1]).toBeLessThanOrEqual(2_500)
    expect(records.some(({ event }) => event.type === 'signal' && event.signal === 'woke')).toBe(true)
  })

  it.each(['visible', 'hidden', 'online', 'resumed'] as const)(
    'is noticed too when the first thing to happen is that the page says %s',
    async signal => {
      const { clock, page, dialTimes } = story({ behaviour: refuses(), options: { backoff: () => 1_800_000 } })
      await clock.advance(60_000)
      clock.sleep(EIGHT_HOURS)
      page.say(signal)
      await clock.advance(500)
      expect(dialTimes()).toEqual([0, 60_250])
    },
  )

  it('is noticed by a timer that fires late where monotonic time counts sleep', async () => {
    let slept = 0
    const clock = virtualClock({ rolls: [0.5] })
    const windows: Clock = {
      now: () => clock.now() + slept,
      wall: () => clock.wall() + slept,
      roll: clock.roll,
      schedule: (at, fn) => clock.schedule(at - slept, fn),
    }
    const server = scriptedServer(refuses(), { clock })
    const records: TransitionRecord[] = []
    const watch = (record: TransitionRecord): void => void records.push(record)
    new ResilientWebSocket(URL_OF_FEED, [], { clock: windows, WebSocket: server.WebSocket, watch })
    await clock.advance(1_000)
    slept = EIGHT_HOURS
    await clock.advance(1_500)
    expect(records.map(({ event }) => event)).toContainEqual({
      type: 'signal',
      signal: 'woke',
      sleptMs: expect.any(Number),
    })
    expect(server.dials).toHaveLength(2)
  })

  it('ends a dial that hangs', async () => {
    const { clock, journal, dialTimes } = story({ behaviour: sequence(hangs(), accepts()) })
    await clock.advance(5_000)
    clock.sleep(EIGHT_HOURS)
    await clock.advance(5_500)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
    expect(dialTimes()[1]).toBeLessThanOrEqual(10_500)
  })

  it('and is closed before anything else happens hears of it in a later task, once', async () => {
    const { clock, socket, journal } = story({ behaviour: hangs() })
    await clock.advance(5_000)
    clock.sleep(EIGHT_HOURS)
    socket.close()
    expect(journal).toEqual([])
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006, final'])
  })

  it('does not close a connection on waking up', async () => {
    const { clock, server, socket, journal } = await openStory()
    clock.sleep(EIGHT_HOURS)
    server.latest.send('still here')
    await clock.advance(60_000)
    expect(journal).toEqual(['message still here'])
    expect(socket.readyState).toBe(1)
  })

  it('shows instants of the wall clock that are right again', async () => {
    const { clock, server, socket } = await openStory()
    clock.sleep(EIGHT_HOURS)
    server.latest.reset()
    await clock.advance(0)
    expect(socket.status.nextRetryAt).toBe(clock.wall() + 250)
    expect(socket.status.since).toBe(clock.wall())
  })

  it('is not confused with a wall clock that is set by a second', async () => {
    const { clock, server, records } = await openStory()
    clock.sleep(1_000)
    server.latest.reset()
    await clock.advance(0)
    expect(records.some(({ event }) => event.type === 'signal')).toBe(false)
  })

  it('is not confused with a hidden page, whose timers fire once a minute', async () => {
    const pageClock = lateTimers(at => Math.ceil(at / 60_000) * 60_000)
    const told = await openStory({ pageClock })
    told.page.say('hidden')
    await told.clock.advance(3_600_000)
    expect(told.records.some(({ event }) => event.type === 'signal' && event.signal === 'woke')).toBe(false)
    expect(told.journal).toEqual([])
  })

  it('is told of with how long it slept', async () => {
    const { clock, server, records } = await openStory()
    clock.sleep(EIGHT_HOURS)
    server.latest.reset()
    await clock.advance(0)
    expect(records.flatMap(({ event }) => (event.type === 'signal' ? [event] : []))).toMatchObject([
      { signal: 'woke', sleptMs: EIGHT_HOURS },
    ])
  })
})
