import type { Chart } from './charts/card.ts'
import type { Findings } from './findings.ts'
import type { Plan } from './plan.ts'
import type { Table } from './table.ts'

/** What a reader gets to see of a section. */
export interface Shown {
  readonly title: string
  /** What was measured, and how to read it. */
  readonly lead: string
  readonly charts: readonly Chart[]
  readonly tables: readonly Table[]
  /** Budgets, and whether they were kept; facts that a reader of the numbers needs. */
  readonly notes: readonly string[]
}

/** One thing that is measured. */
export interface Section {
  /** The word for `--only`. */
  readonly name: string
  /** It waits more than it works, so it shares its time with others that do; the rest have the machine to themselves. */
  readonly waits?: boolean
  measure(plan: Plan): Promise<Findings>
  /** Draws what was found, in this run or an earlier one. `source` stands at the foot of each chart. */
  show(findings: Findings, source: string): Shown
}
