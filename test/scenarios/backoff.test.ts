import { describe, expect, it, vi } from 'vitest'
import { accepts, closes, refuses, resets } from '../../src/testing/index.ts'
import { gaps, mostDialsIn, story } from './story.ts'

// Many lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 30_000 })

const ALMOST_ONE = 0.999_999
const HOUR_MS = 3_600_000

describe('the standard backoff', () => {
  it('widens its window from 4 to 8 to 15 s and keeps it there', async () => {
    const { clock, dialTimes } = story({ behaviour: refuses(), rolls: [ALMOST_ONE] })
    await clock.advance(120_000)
    expect(gaps(dialTimes()).map(Math.round)).toEqual([4_000, 8_000, ...Array(7).fill(15_000)])
  })

  it('goes down to no wait at all when chance says so, because the jitter is full', async () => {
    const { clock, dialTimes } = story({ behaviour: refuses(), rolls: [0] })
    await clock.advance(5_000)
    expect(gaps(dialTimes())).toEqual([0, 0, 0, 0, 0])
  })

  it('draws the first retry too, evenly from 0 to 4 s', async () => {
    const firsts = await Promise.all(
      Array.from({ length: 1_000 }, async (_, seed) => {
        const { clock, socket } = story({ behaviour: refuses(), seed })
        await clock.advance(0)
        return (socket.status.nextRetryAt ?? 0) - clock.wall()
      }),
    )
    const quarters = [0, 1, 2, 3].map(
      quarter => firsts.filter(ms => ms >= quarter * 1_000 && ms < (quarter + 1) * 1_000).length,
    )
    // 250 each; five standard deviations are 68.
    for (const count of quarters) expect(Math.abs(count - 250)).toBeLessThan(68)
    expect(quarters.reduce((sum, count) => sum + count)).toBe(1_000)
  })

  it('draws every attempt at the cap too, so that nobody waits exactly the cap', async () => {
    const { clock, dialTimes } = story({ behaviour: refuses(), seed: 7 })
    await clock.advance(290_000)
    const atCap = gaps(dialTimes()).slice(2)
    expect(atCap.length).toBeGreaterThan(20)
    expect(Math.max(...atCap)).toBeLessThan(15_000)
    expect(Math.min(...atCap)).toBeLessThan(3_000)
    expect(new Set(atCap).size).toBe(atCap.length)
  })

  it('draws anew for every retry, not once per page load', async () => {
    const { clock, dialTimes } = story({ behaviour: refuses(), seed: 3 })
    await clock.advance(200_000)
    const shares = gaps(dialTimes()).map((gap, index) => gap / ([4_000, 8_000][index] ?? 15_000))
    expect(new Set(shares.map(share => share.toFixed(3))).size).toBeGreaterThan(shares.length / 2)
  })

  it('slows down to a window of 60 s after 7 min without a connection', async () => {
    const { clock, dialTimes } = story({ behaviour: refuses(), rolls: [ALMOST_ONE] })
    await clock.advance(900_000)
    const late = dialTimes().filter(time => time > 420_000)
    expect(gaps(late).slice(1).map(Math.round)).toEqual(Array(late.length - 2).fill(60_000))
  })

  it('keeps the attempt count when a connection dies before it is stable', async () => {
    const { clock, socket } = story({ behaviour: closes({ afterMs: 9_999 }) })
    await clock.advance(9_999)
    expect(socket.status.attempt).toBe(1)
    await clock.advance(2_000 + 9_999)
    expect(socket.status.attempt).toBe(2)
  })

  it('forgets the attempts once a connection was up for 10 s', async () => {
    const { clock, server, socket, dialTimes } = story({ behaviour: closes({ afterMs: 10_000 }) })
    await clock.advance(59_999)
    expect(gaps(dialTimes())).toEqual([12_000, 12_000, 12_000, 12_000])
    expect(socket.status.attempt).toBe(1)
    server.behaviour = accepts()
    await clock.advance(12_000)
    expect(socket.status.attempt).toBe(0)
  })

  it('takes the stable window from `stableMs`', async () => {
    const { clock, dialTimes } = story({ behaviour: closes({ afterMs: 1_000 }), options: { stableMs: 500 } })
    await clock.advance(8_999)
    expect(gaps(dialTimes())).toEqual([3_000, 3_000])
  })

  it.each([
    ['refuses every dial', refuses()],
    ['resets every connection', resets({ afterMs: 5 })],
  ])('never gives up on a server that %s, and never dials more than 6 times in 10 s', async (_, behaviour) => {
    for (let seed = 0; seed < 5; seed++) {
      const { clock, dialTimes } = story({ behaviour, seed })
      await clock.advance(2 * HOUR_MS)
      expect(mostDialsIn(10_000, dialTimes())).toBeLessThanOrEqual(6)
      expect(dialTimes().filter(time => time > 1.5 * HOUR_MS).length).toBeGreaterThan(10)
    }
  })
})

describe('a server that accepts and closes', () => {
  const codes = [1000, 1001, 1011, 1012, 1014, 3999, 4000, 4999, undefined]

  it('is dialled 3.5 times in 10 s on average at most, and never more than 6 times, whatever the code', async () => {
    const counts = await Promise.all(
      Array.from({ length: 1_000 }, async (_, seed) => {
        const code = codes[seed % codes.length]
        const behaviour = closes({ afterMs: 30, ...(code !== undefined && { code }) })
        const { clock, dialTimes } = story({ behaviour, seed })
        await clock.advance(10_000)
        return dialTimes().length
      }),
    )
    expect(counts.reduce((sum, count) => sum + count) / 1_000).toBeLessThanOrEqual(3.5)
    expect(Math.max(...counts)).toBeLessThanOrEqual(6)
    expect(Math.min(...counts)).toBeGreaterThan(1)
  })

  it('is dialled 95 times at most in 10 min, as it counts as a long outage after 7, and never more than 6 times in any 10 s', async () => {
    const counts: number[] = []
    for (let seed = 0; seed < 200; seed++) {
      const { clock, dialTimes } = story({ behaviour: closes({ afterMs: 30, code: 1000 }), seed })
      await clock.advance(600_000)
      expect(mostDialsIn(10_000, dialTimes())).toBeLessThanOrEqual(6)
      counts.push(dialTimes().length)
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(95)
    expect(counts.reduce((sum, count) => sum + count) / 200).toBeLessThan(68)
  })
})

describe('a delay that the server asks for', () => {
  it('is kept, and spread, when it closes with 1012 and after=30', async () => {
    const { clock, dialTimes } = story({ behaviour: closes({ code: 1012, reason: 'restart, after=30' }) })
    await clock.advance(40_000)
    expect(gaps(dialTimes())).toEqual([32_000])
  })

  it('is kept, and spread over the slow window, when it closes with 1013 and after=30', async () => {
    const { clock, dialTimes } = story({ behaviour: closes({ code: 1013, reason: 'busy, after=30' }) })
    await clock.advance(90_000)
    expect(gaps(dialTimes())).toEqual([60_000])
  })

  it('is at most 10 min', async () => {
    const { clock, socket } = story({ behaviour: closes({ code: 1012, reason: 'after=999999999' }) })
    await clock.advance(0)
    expect((socket.status.nextRetryAt ?? 0) - clock.wall()).toBe(602_000)
  })

  it('is not read out of a code that does not mean "come back later"', async () => {
    const { clock, dialTimes } = story({ behaviour: closes({ code: 1011, reason: 'after=30' }) })
    await clock.advance(3_000)
    expect(gaps(dialTimes())).toEqual([2_000])
  })
})

describe('a backoff of the app', () => {
  it('is asked once per wait, with everything it may want to know', async () => {
    const questions: unknown[] = []
    const backoff = (question: object): number => {
      questions.push(question)
      return 1_000
    }
    const { clock } = story({ behaviour: refuses(), options: { backoff } })
    await clock.advance(2_500)
    expect(questions).toEqual([
      { attempt: 1, previousMs: 0, failingMs: 0, slow: false, roll: 0.5 },
      { attempt: 2, previousMs: 1_000, failingMs: 1_000, slow: false, roll: 0.5 },
      { attempt: 3, previousMs: 1_000, failingMs: 2_000, slow: false, roll: 0.5 },
    ])
  })

  it('may abstain, and then the standard one decides', async () => {
    const { clock, dialTimes } = story({ behaviour: refuses(), options: { backoff: () => undefined } })
    await clock.advance(6_500)
    expect(gaps(dialTimes())).toEqual([2_000, 4_000])
  })

  it('is reported when it throws, and the standard one decides', async () => {
    const cause = new Error('no idea')
    const backoff = (): number => {
      throw cause
    }
    const { clock, dialTimes, problems } = story({ behaviour: refuses(), options: { backoff } })
    await clock.advance(2_000)
    expect(gaps(dialTimes())).toEqual([2_000])
    expect(problems).toHaveLength(2)
    expect(problems[0]?.code).toBe('ERR_POLICY')
    expect(problems[0]?.cause).toBe(cause)
    expect(problems[0]?.message).toContain('`backoff')
  })

  it.each([
    ['a negative number', -1],
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['a string', '5'],
    ['null', null],
    ['an object', {}],
  ])('is reported when it answers with %s, and the standard one decides', async (_, answer) => {
    const backoff = (): number => answer as number
    const { clock, dialTimes, problems } = story({ behaviour: refuses(), options: { backoff } })
    await clock.advance(2_000)
    expect(gaps(dialTimes())).toEqual([2_000])
    expect(problems.map(({ code }) => code)).toContain('ERR_POLICY')
  })

  it('is not asked about the end that close() itself brings', async () => {
    let asked = 0
    const backoff = (): undefined => {
      asked++
      return undefined
    }
    const { clock, socket, journal } = story({ options: { backoff } })
    await clock.advance(0)
    socket.close()
    await clock.advance(60_000)
    expect(journal).toEqual(['open', 'close 1005, final'])
    expect(asked).toBe(0)
  })

  it('may wait longer than a timer of the platform can', async () => {
    const days = 2 ** 31 + 1_000
    const { clock, dialTimes } = story({ behaviour: refuses(), options: { backoff: () => days } })
    await clock.advance(days - 1)
    expect(dialTimes()).toHaveLength(1)
    await clock.advance(1)
    expect(dialTimes()).toHaveLength(2)
  })
})
