import type { EngineName } from '../support/engine-name.ts'
import { type Deviation, deviations } from './deviations.ts'
import { type Difference, differences } from './differences.ts'
import type { ImplementationName } from './implementation.ts'

export interface Expectations {
  /** What the standard says, unless the deviation under this key says otherwise for the implementation under test. */
  expected(key: string, standard: unknown): unknown
  /** What the standard says, unless the difference under this key says otherwise for the engine at hand, whatever the implementation. */
  inThisEngine(key: string, standard: unknown): unknown
  /** Deviations that claim this implementation, and differences that claim this engine, that no test has asked for. */
  unused(): readonly string[]
}

interface Tables {
  readonly deviations: Readonly<Record<string, Deviation>>
  readonly differences: readonly Difference[]
}

/** Answers from one table, and remembers what it was asked for. */
function lookup(entries: readonly (readonly [key: string, expected: unknown])[]) {
  const table = new Map(entries)
  const used = new Set<string>()
  return {
    read(key: string, standard: unknown): unknown {
      used.add(key)
      return table.has(key) ? table.get(key) : standard
    },
    unused: () => [...table.keys()].filter(key => !used.has(key)),
  }
}

export function expectationsOf(
  name: ImplementationName,
  engine: EngineName,
  tables: Tables = { deviations, differences },
): Expectations {
  const ofImplementation = lookup(
    Object.entries(tables.deviations).flatMap(([key, { implementations, expected }]) =>
      implementations.includes(name) ? [[key, expected]] : [],
    ),
  )
  const ofEngine = lookup(
    tables.differences.flatMap(({ key, engines, expected }) => (engines.includes(engine) ? [[key, expected]] : [])),
  )
  return {
    expected: ofImplementation.read,
    inThisEngine: ofEngine.read,
    unused: () => [...ofImplementation.unused(), ...ofEngine.unused()],
  }
}
