import type { Reading } from '../lanes/lane.ts'
import type { Outcome } from './scenario.ts'

/** Numbers by what was measured, then by subject; of each a list, by seed. */
export type Samples = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>

export const OUTCOMES: readonly (keyof Outcome)[] = ['peakSecond', 'peakTenth', 'most', 'all', 'wasted']

/** Readings by what they are of, as samples: `<of> <name>`. */
export function sampled(
  readings: readonly { readonly of: string; readonly subject: string; readonly reading: Reading }[],
): Samples {
  const samples: Record<string, Record<string, number[]>> = {}
  for (const { of, subject, reading } of readings) {
    for (const [name, value] of Object.entries(reading)) {
      const what = `${of} ${name}`.trim()
      const before = samples[what] ?? {}
      samples[what] = { ...before, [subject]: [...(before[subject] ?? []), value] }
    }
  }
  return samples
}

/** The worst of all seeds; `NaN` where nothing was measured. */
export function worst(samples: Samples, what: string, subject: string): number {
  const values = samples[what]?.[subject] ?? []
  return values.length ? Math.max(...values) : Number.NaN
}

/** The worst of an outcome, number by number. */
export function worstOutcome(samples: Samples, of: string, subject: string): Outcome {
  const [peakSecond = 0, peakTenth = 0, most = 0, all = 0, wasted = 0] = OUTCOMES.map(name =>
    worst(samples, `${of} ${name}`, subject),
  )
  return { peakSecond, peakTenth, most, all, wasted }
}
