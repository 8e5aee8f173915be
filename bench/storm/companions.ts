import type { Chart } from '../charts/card.ts'
import { lineChart } from '../charts/lines.ts'
import type { Plan } from '../plan.ts'
import { HOLDFAST, PEERS } from '../subjects.ts'
import { shown, type Table } from '../table.ts'
import { type Call, pooled } from './pool.ts'
import { capacityOf, nameOf, outageOf, overflowOf } from './promises.ts'
import { cells, heads } from './restarts.ts'
import { type Samples, sampled, worst, worstOutcome } from './samples.ts'
import type { Restart } from './scenario.ts'
import { VARIANTS } from './variants.ts'

export const SUBJECTS = [HOLDFAST, ...PEERS]

/** Which file of `subjects/` has it: one of them draws its jitter per page load, and here many clients share one. */
export const fileOf = (file: string): string => (file === 'reconnecting-websocket' ? `${file}-anew` : file)

const restart = (outageMs: number, overflow: Restart['overflow']): Restart => ({
  code: 1006,
  outageMs,
  capacity: 1 / 20,
  overflow,
})

/** The restart that is plotted. */
const PLOTTED = restart(10_000, 'refused')
const BESIDE = [restart(500, 'refused'), PLOTTED, restart(60_000, 'refused'), restart(10_000, 'queued')]
const SEEDS = [1, 2, 3]
/** With how many clients the same is simulated, beside those of the plot. */
const SIZES = [1_000, 5_000, 20_000]
const SECONDS = 60

const call = (module: string, clients: number, seed: number, how: Restart, seconds = 0): Call =>
  `restartOf(${JSON.stringify({ module, clients, seed })}, ${JSON.stringify(how)}, ${seconds})`

interface Planned {
  readonly of: string
  readonly call: Call
  readonly subject: string
}

/** The classes of the libraries beside each other, and that of Holdfast with more and more clients. */
export async function measureCompanions(
  modules: readonly string[],
  plan: Plan,
  told: (done: number) => void,
): Promise<Samples> {
  const { stormClients, stormPlotted } = plan
  const planned = SUBJECTS.flatMap(({ file }, i) => {
    const module = modules[i] ?? ''
    // The longest first, so that none of them is left to run alone.
    const plotted = { of: `size ${stormPlotted}`, call: call(module, stormPlotted, 1, PLOTTED, SECONDS) }
    const beside = BESIDE.flatMap(how =>
      SEEDS.map(seed => ({ of: `class ${nameOf(how)}`, call: call(module, stormClients, seed, how) })),
    )
    return [plotted, ...beside].map(each => ({ ...each, subject: file }))
  })
  const grown = SIZES.filter(size => size < stormPlotted).map(size => ({
    of: `size ${size}`,
    call: call(modules[0] ?? '', size, 1, PLOTTED),
    subject: HOLDFAST.file,
  }))
  const variants: Planned = { of: '', call: `otherNumbers(${stormClients}, 1)`, subject: HOLDFAST.file }
  const all = [...planned, ...grown, variants].sort(
    (one, other) => Number(other.of.startsWith('s')) - Number(one.of.startsWith('s')),
  )
  const found = await pooled(
    all.map(each => each.call),
    1,
    told,
  )
  return sampled(all.map(({ of, subject }, i) => ({ of, subject, reading: found[i]?.[0] ?? {} })))
}

export function besideTable(samples: Samples): Table {
  return {
    title: `Beside the peers: connections dropped (1006), capacity N/20, the worst of ${SEEDS.length} seeds`,
    head: ['', 'outage', 'beyond the capacity', ...heads],
    rows: BESIDE.flatMap(how =>
      SUBJECTS.map(({ name, file }) => [
        name,
        outageOf(how),
        overflowOf(how),
        ...cells(worstOutcome(samples, `class ${nameOf(how)}`, file)),
      ]),
    ),
  }
}

/** With how many clients something was measured, the most last. */
function sizesIn(samples: Samples, what: string): number[] {
  const named = Object.keys(samples).filter(each => each.startsWith('size ') && each.endsWith(` ${what}`))
  return named.map(each => Number(each.split(' ')[1])).sort((one, other) => one - other)
}

export function sizeTable(samples: Samples): Table {
  return {
    title: `With more clients, Holdfast: outage of ${outageOf(PLOTTED)}, capacity ${capacityOf(PLOTTED)}, ${overflowOf(PLOTTED)}, one seed`,
    head: ['clients', ...heads],
    rows: sizesIn(samples, 'all').map(size => [
      shown(size, 0),
      ...cells(worstOutcome(samples, `size ${size}`, HOLDFAST.file)),
    ]),
  }
}

export function variantTable(samples: Samples): Table {
  return {
    title: 'What other numbers would do, Holdfast: one seed',
    head: ['', 'outage', 'capacity', 'beyond it', ...heads],
    rows: VARIANTS.map(({ name, restart: how }) => [
      name,
      outageOf(how),
      capacityOf(how),
      overflowOf(how),
      ...cells(worstOutcome(samples, `variant ${name}`, HOLDFAST.file), how),
    ]),
  }
}

/** Dials per second after the restart, one line per library. */
export function stormChart(samples: Samples, source: string): Chart {
  const clients = sizesIn(samples, 'second-0').at(-1) ?? 0
  const curve = (file: string): number[] =>
    Array.from({ length: SECONDS }, (_, second) => worst(samples, `size ${clients} second-${second}`, file) / clients)
  return lineChart({
    name: 'storm',
    title: `${shown(clients, 0)} clients after a restart: dials per second`,
    subtitle: `Simulated with each library's own code. The server drops every connection, refuses all dials for 10 s, then takes N/20 handshakes a second and refuses the rest. Lower and sooner is better.`,
    source,
    xUnit: 's after the restart',
    yUnit: 'dials in each second, as a share of all clients',
    xTo: SECONDS,
    // Room above the highest for what stands there.
    yTo: 1.1,
    series: SUBJECTS.map(({ name, file, tone }) => ({
      label: name,
      tone,
      points: curve(file).map((share, second) => [second + 0.5, share] as const),
    })),
    budget: { value: 0.4, says: 'budget: at most 0.40 of all clients' },
    moments: [{ x: PLOTTED.outageMs / 1_000, says: 'the server is back' }],
    description: SUBJECTS.map(
      ({ name, file }) => `${name}: at most ${shown(Math.max(...curve(file)), 2)} of all clients in a second.`,
    ).join(' '),
  })
}
