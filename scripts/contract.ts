import { startVitest, type TestCase, type TestModule, type Vitest } from 'vitest/node'
import { demandedEngines, engines, runnableEngines } from '../test/contract/engines.ts'
import { ensureChromium } from './find-chromium.ts'

/** A wrapper that the contract cannot tell from the platform's class would mean that the contract is weak. */
const NAIVE_FAILURES_AT_LEAST = 40

interface Score {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

interface Run {
  readonly implementation: string
  readonly file: string
  /** Whether a failure is something to look at. */
  readonly explain: boolean
  readonly environment?: Readonly<Record<string, string>>
  /** What is wrong with the score; undefined when it is as it should be. */
  judge(score: Score): string | undefined
}

interface Outcome extends Score {
  readonly implementation: string
  readonly engine: string
  readonly problem: string | undefined
}

const allPass = ({ failed }: Score) => (failed > 0 ? `${failed} failed` : undefined)
const someFail = ({ failed }: Score) =>
  failed < NAIVE_FAILURES_AT_LEAST ? `only ${failed} failed, expected ${NAIVE_FAILURES_AT_LEAST} or more` : undefined

const RUNS: readonly Run[] = [
  { implementation: 'native', file: 'test/contract/native.browser.test.ts', explain: true, judge: allPass },
  { implementation: 'ours, bare', file: 'test/contract/ours-bare.browser.test.ts', explain: true, judge: allPass },
  {
    implementation: 'ours, defaults',
    file: 'test/contract/ours-default.browser.test.ts',
    explain: true,
    judge: allPass,
  },
  {
    implementation: 'naive',
    file: 'test/naive/naive.contract.ts',
    explain: false,
    environment: { HOLDFAST_CONTRACT_NAIVE: '1' },
    judge: someFail,
  },
]

async function vitestOn({ file, environment = {} }: Run): Promise<Vitest> {
  Object.assign(process.env, environment)
  try {
    return await startVitest('test', [file], {
      watch: false,
      project: ['browser*'],
      reporters: [{}],
      silent: true,
    })
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
  }
}

function scoreOf(tests: readonly TestCase[]): Score {
  const count = (state: string) => tests.filter(test => test.result().state === state).length
  return { passed: count('passed'), failed: count('failed') + count('pending'), skipped: count('skipped') }
}

type Failure = NonNullable<ReturnType<TestCase['result']>['errors']>[number]

/** What a failed assertion expected and got, in full and on one line; else the first line of the message. */
function inWords({ message, expected, actual }: Failure): string {
  const flat = (value: unknown) => String(value).replaceAll(/\s+/g, ' ')
  if (expected === undefined && actual === undefined) return message.split('\n')[0] ?? message
  return `expected ${flat(expected)}, got ${flat(actual)}`
}

function explain(implementation: string, modules: readonly TestModule[], unhandled: readonly unknown[]): void {
  for (const module of modules) {
    for (const { message } of module.errors()) console.log(`${implementation}: ${message}`)
    for (const test of module.children.allTests('failed')) {
      console.log(`${implementation}: ${test.fullName}`)
      for (const error of test.result().errors ?? []) console.log(`    ${inWords(error)}`)
    }
  }
  for (const problem of unhandled) console.log(`${implementation}: nobody caught ${String(Object(problem).message)}`)
}

async function outcomesOf(run: Run): Promise<Outcome[]> {
  const started = performance.now()
  const vitest = await vitestOn(run)
  const modules = vitest.state.getTestModules()
  const unhandled = run.explain ? vitest.state.getUnhandledErrors() : []
  await vitest.close()
  if (run.explain) explain(run.implementation, modules, unhandled)
  console.log(`${run.implementation}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return modules.map(module => {
    const score = scoreOf([...module.children.allTests()])
    const problem =
      run.judge(score) ??
      (score.skipped > 0 ? `${score.skipped} skipped` : undefined) ??
      (unhandled.length > 0 ? `${unhandled.length} errors outside of tests` : undefined) ??
      (module.errors().length > 0 ? 'did not load' : undefined)
    return { ...score, implementation: run.implementation, engine: module.project.config.browser.name, problem }
  })
}

/** Every implementation runs the same tests in an engine; another number means that some were lost. */
function checkedAgainstEachOther(outcomes: readonly Outcome[]): Outcome[] {
  const total = ({ passed, failed, skipped }: Score) => passed + failed + skipped
  return outcomes.map(outcome => {
    const native = outcomes.find(({ engine }) => engine === outcome.engine)
    const lost = native !== undefined && total(outcome) !== total(native)
    return lost
      ? { ...outcome, problem: outcome.problem ?? `${total(outcome)} tests, expected ${total(native)}` }
      : outcome
  })
}

function print(outcomes: readonly Outcome[]): void {
  const row = (...cells: readonly unknown[]) =>
    cells.map((cell, n) => (n < 2 ? String(cell).padEnd(16) : String(cell).padStart(8))).join(' ')
  console.log(`\n${row('implementation', 'engine', 'passed', 'failed', 'skipped')}`)
  for (const { implementation, engine, passed, failed, skipped, problem } of outcomes) {
    console.log(
      `${row(implementation, engine, passed, failed, skipped)}   ${problem ? `WRONG: ${problem}` : 'as it should be'}`,
    )
  }
  const ran = new Set(outcomes.map(({ engine }) => engine))
  for (const { name, whyNot } of engines()) {
    if (!ran.has(name)) console.log(`*** ${name.toUpperCase()} NOT RUN: ${whyNot} ***`)
  }
}

async function main(): Promise<boolean> {
  const demanded = demandedEngines()
  if (demanded.length === 0 || demanded.includes('chromium')) ensureChromium()
  const wanted = runnableEngines()
  const outcomes: Outcome[] = []
  for (const run of RUNS) outcomes.push(...(await outcomesOf(run)))
  const checked = checkedAgainstEachOther(outcomes)
  print(checked)
  const complete = checked.length === RUNS.length * wanted.length
  if (!complete) console.log(`Expected ${RUNS.length * wanted.length} rows, got ${checked.length}.`)
  return complete && checked.every(({ problem }) => problem === undefined)
}

try {
  // Vitest sets an exit code of its own for the failures the naive wrapper must have.
  const good = await main()
  process.exit(good ? 0 : 1)
} catch (problem) {
  console.error(problem instanceof Error ? problem.message : problem)
  process.exit(1)
}
