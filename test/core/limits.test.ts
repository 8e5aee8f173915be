import { describe, expect, it } from 'vitest'
import {
  BACKOFF_BASE_MS,
  BACKOFF_CAP_MS,
  BACKOFF_SLOW_MS,
  CONNECT_TIMEOUT_CAP_MS,
  CONNECT_TIMEOUT_MS,
  GUARD_DIALS,
  GUARD_WINDOW_MS,
  LONG_OUTAGE_MS,
  MAX_ATTEMPTS,
  OFFLINE_EVERY_MS,
  STABLE_MS,
} from '../../src/core/limits.ts'
import { fullJitter } from '../../src/policies/backoff.ts'
import { machine } from './machine.ts'

/** The numbers against each other, and those that nothing else in the core uses. */

describe('the numbers of the machine', () => {
  it('let an app that chooses nothing retry for ever', () => {
    expect(MAX_ATTEMPTS).toBe(Infinity)
  })

  it('keep a server that accepts and closes from looking stable within the guard', () => {
    expect(STABLE_MS).toBeGreaterThanOrEqual(10_000)
    expect(GUARD_WINDOW_MS).toBeGreaterThan(STABLE_MS)
  })

  it('give a dial more time than browsers park it for', () => {
    expect(CONNECT_TIMEOUT_CAP_MS).toBeGreaterThan(60_000)
    expect(CONNECT_TIMEOUT_MS).toBeLessThan(CONNECT_TIMEOUT_CAP_MS)
  })

  it('are slower offline than the guard is', () => {
    expect(OFFLINE_EVERY_MS).toBeGreaterThan(GUARD_WINDOW_MS / GUARD_DIALS)
  })
})

describe('the windows of the standard backoff', () => {
  const widest = (attempt: number, failingMs = 0, slow = false): number =>
    fullJitter()({ attempt, failingMs, slow, previousMs: 0, roll: 1 })

  it('are 4, 8 and 15 s, and 15 s from then on', () => {
    expect([1, 2, 3, 4, 50, 2_000].map(attempt => widest(attempt))).toEqual([
      4_000, 8_000, 15_000, 15_000, 15_000, 15_000,
    ])
    expect([BACKOFF_BASE_MS, BACKOFF_CAP_MS]).toEqual([4_000, 15_000])
  })

  it('are a minute after seven minutes without a connection, and for whoever is asked to go slow', () => {
    expect(widest(9, 419_999)).toBe(15_000)
    expect(widest(9, 420_000)).toBe(60_000)
    expect(widest(1, 0, true)).toBe(60_000)
    expect([BACKOFF_SLOW_MS, LONG_OUTAGE_MS]).toEqual([60_000, 420_000])
  })

  it('make a lone client wait two seconds on average for its first retry', () => {
    const m = machine({ backoff: fullJitter() })
    m.start()
    m.end()
    expect(m.passUntilDial()).toBe(2_000)
  })

  it('keep a client on a server that accepts and closes at once below 3.5 dials in ten seconds on average', () => {
    const m = machine({ backoff: fullJitter() })
    m.start()
    for (let step = 0; m.now < 600_000; step++) {
      m.roll = (step * 0.618_033_988_749_895) % 1
      m.open()
      m.end()
      m.passUntilDial()
    }
    expect(m.dials.length).toBeLessThanOrEqual(95)
  })
})
