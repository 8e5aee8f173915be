import type { Check, Checks } from './check.ts'
import { connections } from './checks/connections.ts'
import { credentials } from './checks/credentials.ts'
import { credit } from './checks/credit.ts'
import { events } from './checks/events.ts'
import { greeting } from './checks/greeting.ts'
import { messages } from './checks/messages.ts'
import { resume } from './checks/resume.ts'
import { robustness } from './checks/robustness.ts'
import { topics } from './checks/topics.ts'

/** A rule of docs/protocol.md that can be checked from outside, with its check. */
export interface Rule extends Check {
  readonly rule: string
  readonly check: string
}

/** The rules of each chapter of docs/protocol.md: the number of its first one, and its checks. A number is never given away again. */
const CHAPTERS: readonly (readonly [first: number, checks: Checks])[] = [
  [10, greeting],
  [30, topics],
  [50, events],
  [70, messages],
  [90, resume],
  [110, credit],
  [130, connections],
  [150, credentials],
  [170, robustness],
]

/** Every rule that is checked, in the order of docs/protocol.md; the last one is about the whole run. */
export const RULES: readonly Rule[] = CHAPTERS.flatMap(([first, checks]) =>
  Object.entries(checks).map(([check, how], index) => ({ rule: `R${first + index}`, check, ...how })),
)
