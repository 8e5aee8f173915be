/** The middle of what was measured, and how far it spreads. */
export interface Spread {
  readonly p10: number
  readonly median: number
  readonly p90: number
}

/** The value below which the share `q` lies, between neighbours in proportion. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  // Between a number and `Infinity` there is nothing in proportion.
  return high - low === Infinity || low === high ? low : low + (high - low) * (at - Math.floor(at))
}

export function spread(values: readonly number[]): Spread {
  return { p10: quantile(values, 0.1), median: quantile(values, 0.5), p90: quantile(values, 0.9) }
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

export const median = (values: readonly number[]): number => quantile(values, 0.5)
