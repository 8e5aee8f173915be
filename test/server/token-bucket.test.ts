import { describe, expect, it } from 'vitest'
import { Pace, Paces } from '../../src/server/pace.ts'
import { Buckets, TokenBucket } from '../../src/server/token-bucket.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'

describe('buckets by name', () => {
  const slow = { perSecond: 0.001, burst: 1 }

  it('are forgotten when they are full, and the oldest when they are too many', async () => {
    const clock = virtualClock()
    const buckets = new Buckets(now => new TokenBucket(slow, now), clock)
    let most = 0
    for (let n = 0; n < 250_000; n++) {
      buckets.of(`name ${n}`).take()
      most = Math.max(most, buckets.size)
    }
    expect(most).toBeLessThanOrEqual(100_000)
    expect(buckets.of('name 249999').wait(clock.now())).toBeGreaterThan(0)
    await clock.advance(1_000_000)
    for (let n = 0; n < 100_000; n++) buckets.of(`other ${n}`).take()
    expect(buckets.size).toBeLessThanOrEqual(100_000)
    expect(buckets.of('name 249999').wait(clock.now())).toBe(0)
  })
})

describe('the pace of a client', () => {
  it('is its own, and full when each of its rates is', () => {
    const clock = virtualClock()
    const rates = { frames: { perSecond: 1, burst: 2 }, connection: { perSecond: 1 }, type: { a: { perSecond: 1 } } }
    const paces = new Paces(rates, clock)
    const one = { identity: undefined, network: '192.0.2.1', client: 'c1' }
    expect(paces.of(one)).toBe(paces.of({ ...one }))
    const others = [{ client: 'c2' }, { network: '192.0.2.2' }, { identity: '192.0.2.1' }, { identity: '' }]
    for (const other of others) expect(paces.of({ ...one, ...other })).not.toBe(paces.of(one))
    for (const take of [
      (pace: Pace) => pace.frames.take(),
      (pace: Pace) => pace.messages?.take(),
      (pace: Pace) => pace.types.get('a')?.take(),
    ]) {
      const pace = new Pace(rates, 0)
      expect(pace.full(0)).toBe(true)
      take(pace)
      expect([pace.full(0), pace.full(1_000)]).toEqual([false, true])
    }
  })
})
