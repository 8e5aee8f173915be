import { describe, expect, it } from 'vitest'
import { mulberry32 } from '../../src/testing/seeded.ts'
import { fairWeather, lateness, retransmission } from './weather.ts'

/** Draws these in turn. */
function draws(...rolls: readonly number[]): () => number {
  const left = [...rolls]
  return () => {
    const roll = left.shift()
    if (roll === undefined) throw new Error('Expected no further draw.')
    return roll
  }
}

describe('a lossy link', () => {
  it.each([
    ['a chunk that gets through at once', [0.2], 0],
    ['one loss', [0.19, 0.2], 200],
    ['two losses in a row', [0, 0.1, 0.9], 600],
    ['three losses in a row', [0, 0, 0, 0.5], 1400],
  ] as const)('makes up for %s', (_, rolls, lateMs) => {
    expect(retransmission(0.2, draws(...rolls))).toBe(lateMs)
  })

  it('delays one chunk in five at 20 %, and one in twenty-five of them twice', () => {
    const chance = mulberry32(1)
    const late = Array.from({ length: 50_000 }, () => retransmission(0.2, chance))
    expect(late.filter(ms => ms >= 200).length / late.length).toBeCloseTo(0.2, 2)
    expect(late.filter(ms => ms >= 600).length / late.length).toBeCloseTo(0.04, 2)
  })

  it('lets everything through in the end, within a quarter of an hour', () => {
    expect(retransmission(0.99, () => 0)).toBe(804_600)
  })
})

describe('the way of a chunk', () => {
  it('takes no time and no chance in fair weather', () => {
    expect(lateness(fairWeather, draws())).toBe(0)
  })

  it('takes the latency, a share of the jitter, and the retransmissions', () => {
    const weather = { ...fairWeather, delayMs: 100, jitterMs: 40, lossRate: 0.5 }
    expect(lateness(weather, draws(0.25, 0.4, 0.6))).toBe(310)
  })
})
