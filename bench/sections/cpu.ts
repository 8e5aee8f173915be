import { nodeModule } from '../bundle.ts'
import { interleave } from '../interleave.ts'
import { startLane } from '../lanes.ts'
import type { Plan } from '../plan.ts'
import { progress } from '../progress.ts'
import type { Subject } from '../subjects.ts'

/** The samples of one CPU measurement: ns per step, by subject and then by round. */
export type Samples = ReadonlyMap<Subject, readonly number[]>

/** Runs a function of `lanes/` for every subject, each in a process of its own. `args` is the source of its arguments. */
export async function cpu(
  file: string,
  name: string,
  args: string,
  subjects: readonly Subject[],
  plan: Plan,
): Promise<Samples> {
  const modules = await Promise.all(
    subjects.map(subject =>
      nodeModule(
        `${name}-${subject.file}`,
        `import { open } from './subjects/${subject.file}.ts'
import { ${name} } from './lanes/${file}.ts'
${name}(open, ${args})`,
      ),
    ),
  )
  const found = await interleave(
    modules.map(module => () => startLane(module)),
    plan.processes,
    plan.rounds,
    done => progress(`${name}(${args})`, done),
  )
  return new Map(subjects.map((subject, i) => [subject, (found[i] ?? []).map(({ ns }) => ns ?? Number.NaN)]))
}

/** One number per round: what `compare` says of a subject and of another in the same round. */
export function against(
  samples: Samples,
  subject: Subject,
  other: Subject,
  compare: (value: number, base: number) => number,
): number[] {
  const base = samples.get(other) ?? []
  return (samples.get(subject) ?? []).map((value, round) => compare(value, base[round] ?? Number.NaN))
}

export const minus = (value: number, base: number): number => value - base
