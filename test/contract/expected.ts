import { type Deviation, deviations } from './deviations.ts'
import type { ImplementationName } from './implementation.ts'

export interface Expectations {
  /** What the standard says, unless the deviation under this key says otherwise for the implementation under test. */
  expected(key: string, standard: unknown): unknown
  /** Deviations that claim this implementation and that no test has asked for. */
  unused(): readonly string[]
}

export function expectationsOf(
  name: ImplementationName,
  table: Readonly<Record<string, Deviation>> = deviations,
): Expectations {
  const mine = new Map(Object.entries(table).filter(([, { implementations }]) => implementations.includes(name)))
  const used = new Set<string>()
  return {
    expected(key, standard) {
      const deviation = mine.get(key)
      used.add(key)
      return deviation ? deviation.expected : standard
    },
    unused: () => [...mine.keys()].filter(key => !used.has(key)),
  }
}
