import { describe, expect, it } from 'vitest'

interface Tally {
  readonly received: number
  readonly lost: number
  readonly told: number
  readonly doubled: number
  readonly outOfOrder: number
  hears(n: number): void
  joins(n: number): number
  covers(n: number): number
}

// The page is plain JavaScript with its own type check, which this one does not see.
const module: unknown = await import(new URL('../../../examples/session/page/tally.js', import.meta.url).href)
const { tally } = module as { tally: (start?: number) => Tally }

function heard(counts: Tally, ...numbers: readonly number[]): Tally {
  for (const n of numbers) counts.hears(n)
  return counts
}

const read = ({ received, lost, told, doubled, outOfOrder }: Tally) => ({ received, lost, told, doubled, outOfOrder })
const none = { received: 0, lost: 0, told: 0, doubled: 0, outOfOrder: 0 }

describe('the tally of the session page', () => {
  it('counts what comes in order, and nothing else', () => {
    expect(read(heard(tally(4), 5, 6, 7))).toEqual({ ...none, received: 3 })
  })

  it('begins with whatever comes first where it was given no start', () => {
    expect(read(heard(tally(), 41, 42))).toEqual({ ...none, received: 2 })
  })

  it('counts a number that was skipped as lost, from the start it was given on', () => {
    expect(read(heard(tally(0), 3))).toEqual({ ...none, received: 1, lost: 2 })
  })

  it('takes a loss back when the number turns up behind a later one, and says that it was out of order', () => {
    expect(read(heard(tally(0), 1, 4, 2))).toEqual({ ...none, received: 3, lost: 1, outOfOrder: 1 })
  })

  it('counts a number that was here before as doubled, also one that was out of order', () => {
    expect(read(heard(tally(0), 1, 3, 2, 2, 1, 3))).toEqual({ ...none, received: 3, outOfOrder: 1, doubled: 3 })
  })

  it('counts what passed before a new connection began as lost', () => {
    const counts = heard(tally(), 5)
    expect(counts.joins(8)).toBe(3)
    expect(counts.joins(8)).toBe(0)
    expect(read(heard(counts, 9))).toEqual({ ...none, received: 2, lost: 3 })
  })

  it('knows nothing to be lost when its first connection begins', () => {
    const counts = tally()
    expect(counts.joins(100)).toBe(0)
    expect(read(heard(counts, 101))).toEqual({ ...none, received: 1 })
  })

  it('tells what a snapshot made good from what is lost', () => {
    const counts = heard(tally(0), 1)
    expect(counts.covers(4)).toBe(3)
    expect(read(heard(counts, 5, 7))).toEqual({ ...none, received: 3, lost: 1, told: 3 })
  })

  it('takes a number that a snapshot included too soon for what it is: neither doubled nor out of order', () => {
    const counts = heard(tally(0), 1)
    counts.covers(3)
    expect(read(heard(counts, 3))).toEqual({ ...none, received: 2, told: 1 })
  })

  it('forgets the oldest holes when there are hundreds', () => {
    const counts = tally(0)
    for (let n = 2; n <= 600; n += 2) counts.hears(n)
    expect(counts.lost).toBe(300)
    expect(read(heard(counts, 599))).toMatchObject({ lost: 299, doubled: 0 })
    expect(read(heard(counts, 1))).toMatchObject({ lost: 299, doubled: 1 })
  })
})
