import { nodeModule } from '../bundle.ts'
import type { Samples } from '../findings.ts'
import { interleave } from '../interleave.ts'
import { startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import { median } from '../statistics.ts'
import { BARE, CONTROLLED, type Subject, WRAPPER } from '../subjects.ts'
import { cell } from '../table.ts'
import type { WireName } from '../wires/wire.ts'

/** Before the first round: some 100,000 messages, so that everything is compiled that will be. */
const WARM_UP = 60

/** Runs a function of `lanes/` for every subject, each in a process of its own: ns per step. `args` is the source of its further arguments. */
export async function cpu(
  name: 'receive' | 'send',
  wire: WireName,
  args: string,
  subjects: readonly Subject[],
  plan: Plan,
): Promise<Samples> {
  const modules = await Promise.all(
    subjects.map(({ key, file }) =>
      nodeModule(
        `${name}-${wire}-${key}`,
        `import { open } from './subjects/${file}.ts'
import { lay } from './wires/${wire}.ts'
import { ${name} } from './lanes/${name}.ts'
${name}(open, lay(), ${args})`,
      ),
    ),
  )
  const found = await timed(modules, plan, `${name}, ${wire}, ${args}`)
  return Object.fromEntries(subjects.map(({ key }, i) => [key, found[i] ?? []]))
}

/** What it costs to read the clock, in ns. */
export async function clockReadings(readings: number, plan: Plan): Promise<Samples> {
  const module = await nodeModule('clock', `import { clock } from './lanes/clock.ts'\nclock(${readings})`)
  const [found = []] = await timed([module], { ...plan, processes: 2 }, 'clock')
  return { [BARE.key]: found }
}

async function timed(modules: readonly string[], plan: Plan, what: string): Promise<readonly (readonly number[])[]> {
  const found = await interleave(
    modules.map(module => () => startLane(module, { pinned: true })),
    { generations: plan.processes, warmUp: WARM_UP, rounds: plan.rounds, turns: plan.turns },
    done => progress(what, done),
  )
  return found.map(readings => readings.map(({ ns }) => ns ?? Number.NaN))
}

/** One number per round: what `compare` says of a subject and of another in the same round. */
export function against(
  samples: Samples,
  subject: Subject,
  other: Subject,
  compare: (value: number, base: number) => number,
): number[] {
  const base = samples[other.key] ?? []
  return (samples[subject.key] ?? []).map((value, round) => compare(value, base[round] ?? Number.NaN))
}

export const minus = (value: number, base: number): number => value - base
export const ratio = (value: number, base: number): number => value / base
export const share = (value: number, base: number): number => base / value

/** What every CPU table says of its subject, after the name. */
export function cpuCells(samples: Samples, subject: Subject): readonly string[] {
  return [
    cell(samples[subject.key] ?? []),
    subject === BARE ? '' : cell(against(samples, subject, BARE, minus)),
    subject === WRAPPER ? '1' : cell(against(samples, subject, WRAPPER, ratio), 2),
  ]
}

export const cpuHead = ['', 'ns per message', 'over bare', 'relative to the wrapper'] as const

export const measuredIn = (samples: Samples): readonly Subject[] => CONTROLLED.filter(({ key }) => samples[key])

/** What the second bare socket seems to cost, which is nothing: the share of bare by which this run may err. */
export function noise(samples: Samples): number {
  const [control] = CONTROLLED.filter(({ key }) => key === 'control')
  return control ? Math.abs(median(against(samples, control, BARE, ratio)) - 1) : Number.NaN
}
