import { Broken, NotOffered, type Outcome, type Verdict } from './outcome.ts'
import { RULES, type Rule } from './rules.ts'
import { type Settings, type World, worldOf } from './world.ts'

/** Which rules are checked. */
export interface Selection {
  /** Also those that wait for as long as the server's numbers say. */
  readonly slow: boolean
  /** These alone, by number or by the name of the check; all when it is empty. */
  readonly only: readonly string[]
}

async function outcomeOf({ rule, check, title, run }: Rule, world: World): Promise<Outcome> {
  const outcome = (verdict: Verdict, detail: string): Outcome => ({ rule, check, verdict, detail })
  try {
    await run(world)
    return outcome('ok', title)
  } catch (failure) {
    if (failure instanceof NotOffered) return outcome('not offered', failure.message)
    const message = failure instanceof Error ? failure.message : String(failure)
    return outcome('failed', failure instanceof Broken ? message : `the check itself failed: ${message}`)
  }
}

/** Checks a server, rule by rule, and tells each outcome as soon as it is there. */
export async function conformance(
  settings: Settings,
  { slow, only }: Selection,
  told: (outcome: Outcome) => void = () => {},
): Promise<readonly Outcome[]> {
  const chosen = RULES.filter(({ rule, check }) => only.length === 0 || only.includes(rule) || only.includes(check))
  const malformed: string[] = []
  const world = worldOf(settings, malformed)
  const elsewhere = worldOf(settings, malformed)
  const outcomes: Outcome[] = []
  const tell = (outcome: Outcome): void => {
    outcomes.push(outcome)
    told(outcome)
  }
  // Those that only wait do so side by side, and beside the others: they are about connections of their own.
  const waits = slow ? chosen.filter(rule => rule.slow).map(rule => outcomeOf(rule, elsewhere)) : []
  for (const rule of chosen.filter(each => !each.slow && each.check !== 'frames')) {
    tell(await outcomeOf(rule, world))
    world.leave()
  }
  for (const wait of waits) tell(await wait)
  elsewhere.leave()
  for (const { rule, check, slow: waiting } of chosen)
    if (waiting && !slow) tell({ rule, check, verdict: 'not run', detail: 'it waits for seconds: run with --slow' })
  for (const rule of chosen.filter(({ check }) => check === 'frames')) tell(await outcomeOf(rule, world))
  return outcomes
}

/** One line of the report. */
export function lineOf({ rule, check, verdict, detail }: Outcome): string {
  const said = verdict === 'failed' ? 'FAILED' : verdict
  return `${said} ${rule}: ${check}: ${detail}`
}

/** The last line. */
export function sumOf(outcomes: readonly Outcome[]): string {
  const count = (verdict: Verdict): number => outcomes.filter(outcome => outcome.verdict === verdict).length
  return `${count('ok')} passed, ${count('failed')} failed, ${count('not offered')} not offered`
}
