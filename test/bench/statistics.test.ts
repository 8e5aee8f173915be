import { describe, expect, it } from 'vitest'
import { mean, median, quantile, spread } from '../../bench/statistics.ts'
import { verdict } from '../../bench/table.ts'

describe('the statistics of a benchmark', () => {
  it('find the middle of an even number of samples between the two that are nearest', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(mean([4, 1, 3, 2])).toBe(2.5)
  })

  it('place a quantile between its neighbours in proportion, whatever the order of the samples', () => {
    expect(quantile([30, 10, 20, 40, 0], 0.1)).toBeCloseTo(4)
    expect(spread([3, 1, 2])).toEqual({ p10: 1.2, median: 2, p90: 2.8 })
  })

  it('take one that waited without an end into account, and never answer what is no number', () => {
    expect(spread([1, Infinity, Infinity])).toEqual({ p10: 1, median: Infinity, p90: Infinity })
    expect(spread([Infinity, Infinity])).toEqual({ p10: Infinity, median: Infinity, p90: Infinity })
    expect(quantile([1, 2, Infinity], 0.5)).toBe(2)
  })

  it('compare with a budget what is shown, not digits that nobody sees', () => {
    expect(verdict('s', 8.004, 8, 'at most', 1)).toContain('Measured: 8.0. **Kept.**')
    expect(verdict('s', 8.06, 8, 'at most', 1)).toContain('Measured: 8.1. **Missed.**')
    expect(verdict('share', 0.9694, 0.97, 'at least', 3)).toContain('Measured: 0.969. **Missed.**')
  })
})
