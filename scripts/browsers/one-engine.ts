/** Runs suites in one engine, in one browser, and sends the outcomes to the parent: `one-engine.ts <engine> <kind>...` */
import { startVitest, type TestCase, type TestModule } from 'vitest/node'
import { explain } from './explain.ts'
import { type Outcome, type Score, type Suite, suitesFor } from './suites.ts'

function scoreOf(tests: readonly TestCase[]): Score {
  const count = (state: string) => tests.filter(test => test.result().state === state).length
  return { passed: count('passed'), failed: count('failed') + count('pending'), skipped: count('skipped') }
}

/** What went wrong outside of the tests of these files, in words. */
function stray(errors: readonly unknown[], modules: readonly TestModule[]): readonly string[] {
  const paths = modules.map(({ moduleId }) => moduleId)
  return errors
    .map(error => Object(error))
    .filter(({ VITEST_TEST_PATH: path }) => path === undefined || paths.includes(path))
    .map(({ message, VITEST_TEST_PATH: path }) => `nobody caught ${message} (${path})`)
}

function outcomeOf(suite: Suite, engine: string, modules: readonly TestModule[], errors: readonly unknown[]): Outcome {
  const score = scoreOf(modules.flatMap(module => [...module.children.allTests()]))
  const strays = suite.explain ? stray(errors, modules) : []
  for (const words of strays) console.log(`${suite.name} in ${engine}: ${words}`)
  if (suite.explain) for (const module of modules) explain(`${suite.name} in ${engine}`, module)
  const problem =
    suite.judge(score) ??
    (score.skipped > 0 ? `${score.skipped} skipped` : undefined) ??
    (score.passed + score.failed === 0 ? 'no tests' : undefined) ??
    (strays.length > 0 ? `${strays.length} errors outside of tests` : undefined) ??
    (modules.some(module => module.errors().length > 0) ? 'did not load' : undefined)
  const seconds = modules.reduce((sum, module) => sum + module.diagnostic().duration, 0) / 1_000
  return { ...score, suite: suite.name, kind: suite.kind, engine, seconds, problem }
}

async function run(engine: string, suites: readonly Suite[]): Promise<readonly Outcome[]> {
  const vitest = await startVitest(
    'test',
    suites.map(({ path }) => path),
    { watch: false, project: [engine, `${engine}-as-it-is`], reporters: [{}], silent: true, cache: false },
  )
  const modules = vitest.state.getTestModules()
  const errors = vitest.state.getUnhandledErrors()
  await vitest.close()
  // A file belongs to the suite that says the most about its path.
  const suiteOf = ({ relativeModuleId }: TestModule) =>
    suites
      .filter(({ path }) => relativeModuleId.startsWith(path))
      .sort((a, b) => b.path.length - a.path.length)
      .at(0)
  return suites.map(suite =>
    outcomeOf(
      suite,
      engine,
      modules.filter(module => suiteOf(module) === suite),
      errors,
    ),
  )
}

process.once('SIGTERM', () => process.exit(143))
try {
  const [engine = '', ...kinds] = process.argv.slice(2)
  // Fails by design, so it is there for this script only.
  process.env.HOLDFAST_CONTRACT_NAIVE = '1'
  const outcomes = await run(engine, suitesFor(engine, kinds))
  process.send?.(outcomes, () => process.exit(0))
} catch (problem) {
  console.error(problem)
  process.exit(1)
}
