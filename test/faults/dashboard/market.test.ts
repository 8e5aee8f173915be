import { describe, expect, it } from 'vitest'
import { market } from '../../../examples/dashboard/server/market.ts'

describe('the made-up market', () => {
  it('numbers its events without a gap, and says in the welcome where it stands', () => {
    const events = market({ seed: 1 })
    const { seq } = events.welcome()
    expect([events.next(0).seq, events.next(0).seq, events.next(0).seq]).toEqual([seq + 1, seq + 2, seq + 3])
    expect(events.welcome().seq).toBe(seq + 3)
  })

  it('is the same for the same seed, and another for another', () => {
    const [one, same, other] = [7, 7, 8].map(seed => {
      const events = market({ seed })
      return Array.from({ length: 50 }, (_, at) => events.next(at))
    })
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
  })

  it('stays a market when it runs for days', () => {
    const events = market({ seed: 3 })
    for (let event = 0; event < 200_000; event += 1) events.next(event)
    for (const { opening, trail } of events.welcome().instruments) {
      const last = trail.at(-1) ?? 0
      expect(last / opening).toBeGreaterThan(0.7)
      expect(last / opening).toBeLessThan(1.4)
      expect(trail.length).toBe(48)
    }
  })

  it('sells and buys in fives, and never nothing', () => {
    const events = market({ seed: 5 })
    const orders = Array.from({ length: 2000 }, (_, at) => events.next(at)).filter(event => event.type === 'order')
    expect(orders.length).toBeGreaterThan(500)
    for (const { quantity } of orders) {
      expect(quantity).toBeGreaterThanOrEqual(5)
      expect(quantity % 5).toBe(0)
    }
  })
})
