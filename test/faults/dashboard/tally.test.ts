import { describe, expect, it } from 'vitest'

interface Tally {
  readonly received: number
  readonly missed: number
  readonly doubled: number
  joins(seq: number): number
  hears(seq: number): number
}

// The page is plain JavaScript with its own type check, which this one does not see.
const module: unknown = await import(new URL('../../../examples/dashboard/page/tally.js', import.meta.url).href)
const { tally } = module as { tally: () => Tally }

function counts({ received, missed, doubled }: Tally): readonly number[] {
  return [received, missed, doubled]
}

describe('the counters of the dashboard', () => {
  it('count what arrives in order', () => {
    const events = tally()
    events.joins(400)
    for (const seq of [401, 402, 403]) expect(events.hears(seq)).toBe(0)
    expect(counts(events)).toEqual([3, 0, 0])
  })

  it('do not call missed what was published before the page came', () => {
    const events = tally()
    expect(events.joins(400)).toBe(0)
    expect(counts(events)).toEqual([0, 0, 0])
  })

  it('count a hole in the stream', () => {
    const events = tally()
    events.joins(0)
    events.hears(1)
    expect(events.hears(5)).toBe(3)
    expect(counts(events)).toEqual([2, 3, 0])
  })

  it('count what was published while the page was away, as soon as it is back', () => {
    const events = tally()
    events.joins(10)
    events.hears(11)
    expect(events.joins(15)).toBe(4)
    expect(events.hears(16)).toBe(0)
    expect(counts(events)).toEqual([2, 4, 0])
  })

  it('count an event that was seen before as doubled, and not as received', () => {
    const events = tally()
    events.joins(0)
    events.hears(1)
    events.hears(2)
    events.hears(1)
    events.hears(2)
    expect(counts(events)).toEqual([2, 0, 2])
  })

  it('take back a miss when the event turns up late, once', () => {
    const events = tally()
    events.joins(0)
    events.hears(4)
    events.hears(2)
    expect(counts(events)).toEqual([2, 2, 0])
    events.hears(2)
    expect(counts(events)).toEqual([2, 2, 1])
    events.hears(1)
    events.hears(3)
    expect(counts(events)).toEqual([4, 0, 1])
  })

  it('start again with a numbering that started again', () => {
    const events = tally()
    events.joins(900)
    events.hears(901)
    expect(events.joins(400)).toBe(0)
    events.hears(401)
    expect(counts(events)).toEqual([2, 0, 0])
  })

  it('add up to the span of the numbers, whatever is dropped', () => {
    const events = tally()
    events.joins(0)
    for (let seq = 1; seq <= 1000; seq += 1) if (seq % 7 !== 3 || seq === 1000) events.hears(seq)
    expect(events.received + events.missed).toBe(1000)
    expect(events.doubled).toBe(0)
  })
})
