import { describe, expect, it } from 'vitest'
import { accepts, closes, hangs, refuses, sequence } from '../../src/testing/index.ts'
import { gaps, openStory, story } from './story.ts'

const HALF_HOUR = { backoff: () => 1_800_000 }

describe('local evidence', () => {
  it.each(['resumed', 'woke', 'network-changed'] as const)('of %s ends a wait within 0.5 s', async signal => {
    const { clock, page, dialTimes } = story({ behaviour: refuses(), options: HALF_HOUR })
    await clock.advance(60_000)
    page.say(signal)
    await clock.advance(500)
    expect(dialTimes()).toEqual([0, 60_250])
  })

  it('of coming back online ends a wait within 0.5 s', async () => {
    const { clock, page, dialTimes } = story({ behaviour: refuses(), options: HALF_HOUR })
    page.say('offline')
    await clock.advance(20_000)
    page.say('online')
    await clock.advance(500)
    expect(dialTimes()).toEqual([0, 20_250])
  })

  it('is never an immediate dial: an office that comes back together is spread over half a second', async () => {
    const waits = await Promise.all(
      Array.from({ length: 500 }, async (_, seed) => {
        const { clock, page, dialTimes } = story({ behaviour: refuses(), seed, options: HALF_HOUR })
        await clock.advance(60_000)
        page.say('network-changed')
        await clock.advance(500)
        return gaps(dialTimes())[0] ?? Number.NaN
      }),
    )
    const late = waits.map(wait => wait - 60_000)
    expect(Math.max(...late)).toBeLessThanOrEqual(500)
    expect(Math.min(...late)).toBeLessThan(20)
    expect(late.filter(ms => ms > 250).length).toBeGreaterThan(180)
  })

  it('shortens at most one wait in 10 s', async () => {
    const { clock, page, dialTimes } = story({ behaviour: refuses(), options: HALF_HOUR })
    await clock.advance(60_000)
    for (let time = 0; time < 99; time++) {
      page.say('network-changed')
      await clock.advance(100)
    }
    expect(dialTimes()).toHaveLength(2)
    await clock.advance(1_000)
    page.say('network-changed')
    await clock.advance(500)
    expect(dialTimes()).toHaveLength(3)
  })

  it('still counts for the failure that follows it within 10 s', async () => {
    const { clock, page, server, socket, dialTimes } = await openStory({ options: HALF_HOUR })
    await clock.advance(60_000)
    page.say('network-changed')
    await clock.advance(9_000)
    server.latest.reset()
    await clock.advance(0)
    expect(socket.status.cause?.next).toEqual({ type: 'retry', inMs: 250, by: 'local-evidence' })
    await clock.advance(250)
    expect(dialTimes()).toEqual([0, 69_250])
  })

  it('is forgotten after 10 s', async () => {
    const { clock, page, server, socket } = await openStory({ options: HALF_HOUR })
    page.say('network-changed')
    await clock.advance(10_001)
    server.latest.reset()
    await clock.advance(0)
    expect(socket.status.cause?.next).toEqual({ type: 'retry', inMs: 1_800_000, by: 'backoff' })
  })

  it('does not shorten what the server asked for', async () => {
    const { clock, page, dialTimes } = story({
      behaviour: sequence(closes({ code: 1012, reason: 'after=120' }), accepts()),
    })
    await clock.advance(60_000)
    page.say('network-changed')
    await clock.advance(59_999)
    expect(dialTimes()).toEqual([0])
    await clock.advance(4_001)
    expect(dialTimes()).toHaveLength(2)
  })

  it('ends a dial that hangs, because its handshake went out on the old network', async () => {
    const { clock, page, journal, dialTimes } = story({ behaviour: sequence(hangs(), accepts()) })
    await clock.advance(1_500)
    page.say('network-changed')
    await clock.advance(250)
    expect(dialTimes()).toEqual([0, 1_750])
    expect(journal).toEqual(['error', 'close 1006', 'open'])
  })

  it('leaves a dial alone that was only just made', async () => {
    const { clock, page, journal, dialTimes } = story({ behaviour: accepts({ afterMs: 1_200 }) })
    await clock.advance(900)
    page.say('network-changed')
    await clock.advance(300)
    expect(dialTimes()).toEqual([0])
    expect(journal).toEqual(['open'])
  })

  it('leaves an open connection alone', async () => {
    const { clock, page, journal, socket } = await openStory()
    for (const signal of ['offline', 'online', 'woke', 'resumed', 'network-changed', 'hidden', 'visible'] as const) {
      page.say(signal)
      await clock.advance(1_000)
    }
    expect(journal).toEqual([])
    expect(socket.readyState).toBe(1)
  })
})
