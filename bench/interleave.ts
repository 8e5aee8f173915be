/** Rounds that are thrown away: the compiler is still at work. */
const WARM = 3

/** One subject, started: every call is one measurement. */
export interface Started<T> {
  measure(): Promise<T>
  stop(): unknown
}

/**
 * Starts every subject anew in each generation, and lets them take turns in each round, in rotating order: what
 * disturbs the machine disturbs them all, and a difference is always one between neighbours in time. Answers what was
 * measured, by subject and then by round.
 */
export async function interleave<T>(
  starters: readonly (() => Promise<Started<T>>)[],
  generations: number,
  rounds: number,
  progress: (done: number) => void,
): Promise<T[][]> {
  const found: T[][] = starters.map(() => [])
  for (let generation = 0; generation < generations; generation++) {
    const lanes = await Promise.all(starters.map(start => start()))
    for (let round = -WARM; round < rounds; round++) {
      for (let turn = 0; turn < lanes.length; turn++) {
        const which = (turn + Math.abs(round)) % lanes.length
        const value = await lanes[which]?.measure()
        if (value !== undefined && round >= 0) found[which]?.push(value)
      }
    }
    for (const lane of lanes) await lane.stop()
    progress((generation + 1) / generations)
  }
  return found
}
