/** Runs suites in one engine, in one browser, and sends the outcomes to the parent. `one-engine.ts <engine> <kind>...` */
import { startVitest, type TestCase, type TestModule } from 'vitest/node'
import { explain } from './explain.ts'
import { type Outcome, type Score, type Suite, suites } from './suites.ts'

function scoreOf(tests: readonly TestCase[]): Score {
  const count = (state: string) => tests.filter(test => test.result().state === state).length
  return { passed: count('passed'), failed: count('failed') + count('pending'), skipped: count('skipped') }
}

function outcomeOf(suite: Suite, engine: string, module: TestModule): Outcome {
  const score = scoreOf([...module.children.allTests()])
  const problem =
    suite.judge(score) ??
    (score.skipped > 0 ? `${score.skipped} skipped` : undefined) ??
    (module.errors().length > 0 ? 'did not load' : undefined)
  return {
    ...score,
    suite: suite.name,
    kind: suite.kind,
    engine,
    seconds: module.diagnostic().duration / 1_000,
    problem,
  }
}

async function run(engine: string, chosen: readonly Suite[]): Promise<readonly Outcome[]> {
  const vitest = await startVitest(
    'test',
    chosen.map(({ file }) => file),
    { watch: false, project: [engine], reporters: [{}], silent: true, cache: false },
  )
  const modules = vitest.state.getTestModules()
  const unhandled = vitest.state.getUnhandledErrors()
  await vitest.close()
  for (const problem of unhandled) console.log(`${engine}: nobody caught ${String(Object(problem).message)}`)
  return chosen.flatMap(suite =>
    modules
      .filter(({ moduleId }) => moduleId.endsWith(suite.file))
      .map(module => {
        if (suite.explain) explain(`${suite.name} in ${engine}`, module)
        const outcome = outcomeOf(suite, engine, module)
        const stray = suite.explain && unhandled.length > 0 ? `${unhandled.length} errors outside of tests` : undefined
        return { ...outcome, problem: outcome.problem ?? stray }
      }),
  )
}

process.once('SIGTERM', () => process.exit(143))
try {
  const [engine = '', ...kinds] = process.argv.slice(2)
  // Fails by design, so only this script runs it.
  process.env.HOLDFAST_CONTRACT_NAIVE = '1'
  const outcomes = await run(
    engine,
    suites.filter(({ kind, name }) => kinds.includes(kind) || kinds.includes(name)),
  )
  process.send?.(outcomes, () => process.exit(0))
} catch (problem) {
  console.error(problem)
  process.exit(1)
}
