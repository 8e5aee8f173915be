import type { Reading } from './lanes/lane.ts'
import { mean } from './statistics.ts'

/** One subject, started: every call is one turn. */
export interface Started {
  measure(): Promise<Reading>
  stop(): unknown
}

/** How often. */
export interface Rhythm {
  /** Everything is started anew so many times. */
  readonly generations: number
  /** Turns that are thrown away: the compiler is still at work. */
  readonly warmUp: number
  readonly rounds: number
  readonly turns: number
}

function average(readings: readonly Reading[]): Reading {
  const names = Object.keys(readings[0] ?? {})
  return Object.fromEntries(names.map(name => [name, mean(readings.map(reading => reading[name] ?? Number.NaN))]))
}

/**
 * Lets the subjects take turns, in rotating order: `turns` short ones each make a round, and their mean is one sample.
 * A machine that is slow for a while is slow for all of them, and a round has its share of garbage collections.
 * Answers the samples, by subject and then by round.
 */
export async function interleave(
  starters: readonly (() => Promise<Started>)[],
  { generations, warmUp, rounds, turns }: Rhythm,
  progress: (done: number) => void,
): Promise<Reading[][]> {
  const found: Reading[][] = starters.map(() => [])
  for (let generation = 0; generation < generations; generation++) {
    const started = await Promise.all(starters.map(start => start()))
    try {
      for (let turn = 0; turn < warmUp; turn++) for (const each of started) await each.measure()
      for (let round = 0; round < rounds; round++) {
        const readings: Reading[][] = started.map(() => [])
        for (let turn = 0; turn < turns; turn++) {
          for (let place = 0; place < started.length; place++) {
            const which = (place + turn + round) % started.length
            const reading = await started[which]?.measure()
            if (reading) readings[which]?.push(reading)
          }
        }
        for (const [which, each] of readings.entries()) found[which]?.push(average(each))
      }
    } finally {
      for (const each of started) await each.stop()
    }
    progress((generation + 1) / generations)
  }
  return found
}
