import type { Reading } from '../lanes/lane.ts'
import type { Plan } from '../plan.ts'
import type { Table } from '../table.ts'
import { type Call, pooled } from './pool.ts'
import { capacityOf, codeOf, judged, keeps, measuredAs, outageOf, overflowOf, PROMISES } from './promises.ts'
import { type Outcome, RESTARTS, type Restart } from './scenario.ts'

/** The columns, with the digits that they show. */
const COLUMNS: readonly (readonly [of: keyof Outcome, head: string, digits: number])[] = [
  ['peakSecond', 'most dials in 1 s, of N', 3],
  ['peakTenth', 'in 100 ms', 4],
  ['most', '99 % back, of the bound', 2],
  ['all', 'all back', 2],
  ['wasted', 'wasted dials per client', 2],
]

/** The worst of several outcomes, number by number. */
export function worstOf(outcomes: readonly Outcome[]): Outcome {
  const worst = (of: keyof Outcome): number => Math.max(...outcomes.map(outcome => outcome[of]))
  return {
    peakSecond: worst('peakSecond'),
    peakTenth: worst('peakTenth'),
    most: worst('most'),
    all: worst('all'),
    wasted: worst('wasted'),
  }
}

/** An outcome out of a reading, in which its numbers stand behind that prefix. */
export function outcomeIn(reading: Reading, prefix = ''): Outcome {
  const value = (of: keyof Outcome): number => reading[`${prefix}${of}`] ?? Number.NaN
  return {
    peakSecond: value('peakSecond'),
    peakTenth: value('peakTenth'),
    most: value('most'),
    all: value('all'),
    wasted: value('wasted'),
  }
}

export const heads: readonly string[] = COLUMNS.map(([, head]) => head)

/** The cells of an outcome; those that miss a promise stand out, where promises are made. */
export function cells(outcome: Outcome, restart?: Restart): string[] {
  return COLUMNS.map(([of, , digits]) => {
    const missed = PROMISES.some(
      promised => promised.of === of && restart && promised.covers(restart) && !keeps(promised, outcome[of]),
    )
    const shown = measuredAs(outcome[of], digits)
    return missed ? `**${shown}**` : shown
  })
}

/** Every restart, with the machine of Holdfast, and the worst of all seeds. */
export async function everyRestart(plan: Plan, told: (done: number) => void): Promise<Table> {
  const { stormClients: clients, stormSeeds: seeds } = plan
  const calls: Call[] = [`everyRestart(${clients}, 1, 2)`, `everyRestart(${clients}, 2, 2)`]
  const readings = (await pooled(calls, seeds / 2, told)).flat()
  const worst = RESTARTS.map((_, i) => worstOf(readings.map(reading => outcomeIn(reading, `${i} `))))
  return {
    title: 'N clients after a restart, Holdfast',
    section: 'storm',
    lead: `Simulated: ${clients.toLocaleString('en-US')} clients with default options, worst of ${seeds} seeds. At the start all of them lose their connection with that code (1012 is answered as 1006 is). Dials are refused during the outage; after it the server takes N/20 or N/100 handshakes a second, and what exceeds that is refused, accepted and closed with 1013, or kept in an endless queue. The bound is how long such a server needs for N handshakes if it is never idle: 20 s or 100 s. A wasted dial reached the server after the outage and did not become the connection. What misses a budget is bold.`,
    head: ['closed with, outage', 'capacity', 'beyond it', ...heads],
    rows: RESTARTS.map((restart, i) => [
      `${codeOf(restart)}, ${outageOf(restart)}`,
      capacityOf(restart),
      overflowOf(restart),
      ...cells(worst[i] ?? worstOf([]), restart),
    ]),
    notes: PROMISES.map(promised => judged(promised, worst)),
  }
}
