import type { Reading } from '../lanes/lane.ts'
import type { Plan } from '../plan.ts'
import { HOLDFAST, PEERS } from '../subjects.ts'
import { shown, type Table } from '../table.ts'
import { type Call, pooled } from './pool.ts'
import { capacityOf, outageOf, overflowOf } from './promises.ts'
import { cells, heads, outcomeIn, worstOf } from './restarts.ts'
import type { Restart } from './scenario.ts'

/** The classes that are simulated: the name, and the file of `subjects/`. */
export const SUBJECTS: readonly { readonly name: string; readonly file: string }[] = [HOLDFAST, ...PEERS].map(
  ({ name, file }) => ({ name, file: file === 'reconnecting-websocket' ? `${file}-anew` : file }),
)

const restart = (outageMs: number, overflow: Restart['overflow'], capacity = 1 / 20): Restart => ({
  code: 1006,
  outageMs,
  capacity,
  overflow,
})

/** The restart that is plotted. */
export const PLOTTED: Restart = restart(10_000, 'refused')
const BESIDE_PEERS: readonly Restart[] = [
  restart(500, 'refused'),
  PLOTTED,
  restart(60_000, 'refused'),
  restart(10_000, 'queued'),
]
const SEEDS = [1, 2, 3]
/** A peak of fewer clients is mostly chance. */
const SIZES = [1_000, 5_000, 20_000]
/** Seconds of the plot. */
export const PLOTTED_SECONDS = 60

const call = (module: string, clients: number, seed: number, how: Restart, seconds = 0): Call =>
  `restartOf(${JSON.stringify({ module, clients, seed })}, ${JSON.stringify(how)}, ${seconds})`

/** What the classes did. */
export interface Companions {
  readonly tables: readonly Table[]
  /** Dials in each second after the restart, as shares of the clients, by subject. */
  readonly curves: readonly (readonly number[])[]
}

/** The classes of the libraries beside each other, and the class of Holdfast with more and more clients. */
export async function companions(
  modules: readonly string[],
  plan: Plan,
  told: (done: number) => void,
): Promise<Companions> {
  const { stormClients, stormPlotted } = plan
  const [holdfast = ''] = modules
  const sizes = SIZES.filter(size => size < stormPlotted)
  // The longest first, so that none of them is left to run alone.
  const plotted = modules.map(module => call(module, stormPlotted, 1, PLOTTED, PLOTTED_SECONDS))
  const grown = sizes.map(size => call(holdfast, size, 1, PLOTTED))
  const beside = BESIDE_PEERS.flatMap(how =>
    modules.flatMap(module => SEEDS.map(seed => call(module, stormClients, seed, how))),
  )
  const found = (await pooled([...plotted, ...grown, ...beside], 1, told)).map(([reading = {}]) => reading)
  const ofPlotted = found.slice(0, plotted.length)
  const ofSizes = [...found.slice(plotted.length, plotted.length + grown.length), ofPlotted[0] ?? {}]
  const ofBeside = found.slice(plotted.length + grown.length)
  return {
    tables: [besideTable(ofBeside, stormClients), sizeTable([...sizes, stormPlotted], ofSizes)],
    curves: ofPlotted.map(reading =>
      Array.from({ length: PLOTTED_SECONDS }, (_, second) => (reading[`second-${second}`] ?? 0) / stormPlotted),
    ),
  }
}

function besideTable(found: readonly Reading[], clients: number): Table {
  const of = (scenario: number, subject: number): readonly Reading[] => {
    const from = (scenario * SUBJECTS.length + subject) * SEEDS.length
    return found.slice(from, from + SEEDS.length)
  }
  return {
    title: 'N clients after a restart, beside the peers',
    section: 'storm',
    lead: `Simulated with each library's own class: ${shown(clients, 0)} clients, connections dropped (1006), capacity N/20, worst of ${SEEDS.length} seeds. Default options; websocket-ts as in its quickstart, since by default it does not reconnect. reconnecting-websocket draws its first delay once per page load: each client draws its own, as if it were a page of its own.`,
    head: ['', 'outage', 'beyond the capacity', ...heads],
    rows: BESIDE_PEERS.flatMap((how, scenario) =>
      SUBJECTS.map(({ name }, subject) => [
        name,
        outageOf(how),
        overflowOf(how),
        ...cells(worstOf(of(scenario, subject).map(reading => outcomeIn(reading)))),
      ]),
    ),
    notes: ['"never": not within 10 times the bound.'],
  }
}

function sizeTable(sizes: readonly number[], found: readonly Reading[]): Table {
  return {
    title: 'The same restart with more clients, Holdfast',
    section: 'storm',
    lead: `Simulated with the class, one seed: an outage of ${outageOf(PLOTTED)}, capacity ${capacityOf(PLOTTED)}, the rest refused. The shares do not depend on the number of clients; what chance adds to a peak does.`,
    head: ['clients', ...heads],
    rows: sizes.map((size, i) => [shown(size, 0), ...cells(outcomeIn(found[i] ?? {}))]),
    notes: [],
  }
}
