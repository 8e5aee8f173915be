import type { Plan } from '../plan.ts'
import type { Table } from '../table.ts'
import { type Call, pooled } from './pool.ts'
import { capacityOf, codeOf, judged, keeps, measuredAs, nameOf, outageOf, overflowOf, PROMISES } from './promises.ts'
import { type Samples, sampled, worstOutcome } from './samples.ts'
import { type Outcome, RESTARTS, type Restart } from './scenario.ts'

/** The columns, with the digits that they show. */
const COLUMNS: readonly (readonly [of: keyof Outcome, head: string, digits: number])[] = [
  ['peakSecond', 'most dials in 1 s, of N', 3],
  ['peakTenth', 'in 100 ms', 4],
  ['most', '99 % back, of the bound', 2],
  ['all', 'all back', 2],
  ['wasted', 'wasted dials per client', 2],
]

export const heads: readonly string[] = COLUMNS.map(([, head]) => head)

/** The cells of an outcome; what misses a promise stands out, where promises are made. */
export function cells(outcome: Outcome, restart?: Restart): string[] {
  return COLUMNS.map(([of, , digits]) => {
    const missed = PROMISES.some(
      promised => promised.of === of && restart && promised.covers(restart) && !keeps(promised, outcome[of]),
    )
    const shown = measuredAs(outcome[of], digits)
    return missed ? `**${shown}**` : shown
  })
}

/** Every restart, with the machine of Holdfast and with every seed. */
export async function measureRestarts(plan: Plan, told: (done: number) => void): Promise<Samples> {
  const { stormClients: clients, stormSeeds: seeds } = plan
  const calls: Call[] = [`everyRestart(${clients}, 1, 2)`, `everyRestart(${clients}, 2, 2)`]
  const readings = (await pooled(calls, seeds / 2, told)).flat()
  return sampled(readings.map(reading => ({ of: '', subject: 'holdfast', reading })))
}

export function restartTable(samples: Samples): Table {
  return {
    title: 'Every restart, Holdfast: the worst of all seeds',
    head: ['closed with, outage', 'capacity', 'beyond it', ...heads],
    rows: RESTARTS.map(restart => [
      `${codeOf(restart)}, ${outageOf(restart)}`,
      capacityOf(restart),
      overflowOf(restart),
      ...cells(worstOutcome(samples, nameOf(restart), 'holdfast'), restart),
    ]),
  }
}

export function restartNotes(samples: Samples): string[] {
  const outcomes = RESTARTS.map(restart => worstOutcome(samples, nameOf(restart), 'holdfast'))
  return PROMISES.map(promised => judged(promised, outcomes))
}
