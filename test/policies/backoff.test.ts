import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BackoffQuestion, fullJitter } from '../../src/index.ts'

const ALMOST_ONE = 1 - Number.EPSILON

const question = (asked: Partial<BackoffQuestion> = {}): BackoffQuestion => ({
  attempt: 1,
  previousMs: 0,
  failingMs: 0,
  slow: false,
  roll: ALMOST_ONE,
  ...asked,
})
const windows = (backoff: (asked: BackoffQuestion) => number, attempts: readonly number[]): readonly number[] =>
  attempts.map(attempt => Math.round(backoff(question({ attempt }))))

describe('fullJitter()', () => {
  it('has windows of 4, 8, 15, 15 … s', () => {
    expect(windows(fullJitter(), [1, 2, 3, 4, 5, 100])).toEqual([4_000, 8_000, 15_000, 15_000, 15_000, 15_000])
  })

  it('takes its first and its widest window from the app', () => {
    expect(windows(fullJitter({ baseMs: 100, capMs: 1_000 }), [1, 2, 3, 4, 5])).toEqual([100, 200, 400, 800, 1_000])
    expect(windows(fullJitter({ capMs: 5_000 }), [1, 2, 3])).toEqual([4_000, 5_000, 5_000])
    expect(windows(fullJitter({ baseMs: 15_000 }), [1, 2])).toEqual([15_000, 15_000])
  })

  it.each([
    [{ baseMs: 0 }, 'backoff.baseMs'],
    [{ baseMs: -1 }, 'backoff.baseMs'],
    [{ baseMs: Number.NaN }, 'backoff.baseMs'],
    [{ baseMs: 2_000, capMs: 1_000 }, 'backoff.capMs'],
    [{ baseMs: 20_000 }, 'backoff.capMs'],
    [{ capMs: Number.NaN }, 'backoff.capMs'],
    [{ baseMs: 1_000, maxMs: 30_000 }, 'backoff.maxMs'],
  ])('refuses windows that are none: %j', (options, name) => {
    expect(() => fullJitter(options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(`\`${name}\``) }),
    )
  })

  it('has a window of 60 s when asked to go slow, and from 7 min without a connection', () => {
    const backoff = fullJitter()
    expect(Math.round(backoff(question({ slow: true })))).toBe(60_000)
    expect(Math.round(backoff(question({ failingMs: 419_999 })))).toBe(4_000)
    expect(Math.round(backoff(question({ failingMs: 420_000 })))).toBe(60_000)
  })

  it('draws evenly: the delay is the roll times the window, from nothing at all', () => {
    const backoff = fullJitter()
    expect([0, 0.25, 0.5].map(roll => backoff(question({ attempt: 2, roll })))).toEqual([0, 2_000, 4_000])
  })

  it('is a delay below its window for every question there can be, however many attempts', () => {
    const unit = fc.double({ min: 0, max: ALMOST_ONE, noNaN: true })
    const asked = fc.record({
      attempt: fc.integer({ min: 1, max: 1_000_000 }),
      previousMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
      failingMs: fc.double({ min: 0, max: 1e12, noNaN: true }),
      slow: fc.boolean(),
      roll: unit,
    })
    fc.assert(
      fc.property(asked, given => {
        const delay = fullJitter()(given)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(given.slow || given.failingMs >= 420_000 ? 60_000 : 15_000)
      }),
    )
  })

  it('can be the `backoff` option as it is', () => {
    expect(fullJitter().length).toBe(1)
  })
})
