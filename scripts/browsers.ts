/**
 * The suites that run in real browsers: `browsers.ts contract`, `browsers.ts reconnect`, or both. Each engine that is
 * there runs them in one browser.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EngineName } from '../test/support/engine-name.ts'
import { demandedEngines, engines, runnableEngines } from '../test/support/engines.ts'
import { type Outcome, type Score, suitesFor } from './browsers/suites.ts'
import { ensureChromium } from './find-chromium.ts'

const ONE_ENGINE = fileURLToPath(new URL('browsers/one-engine.ts', import.meta.url))

/** An engine that hangs is ended; its rows are missing then. Twice what a busy machine with two cores needs. */
const PATIENCE_MS = 480_000

interface EngineRun {
  readonly engine: EngineName
  readonly outcomes: readonly Outcome[]
  readonly seconds: number
}

function runIn(engine: EngineName, kinds: readonly string[]): Promise<EngineRun> {
  return new Promise(resolve => {
    const began = performance.now()
    const child = fork(ONE_ENGINE, [engine, ...kinds], { execArgv: ['--import', 'tsx'] })
    const end = () => child.kill()
    process.once('exit', end)
    const timer = setTimeout(() => {
      console.log(`${engine} was still running after ${PATIENCE_MS / 1_000} s, and was ended.`)
      end()
    }, PATIENCE_MS)
    let outcomes: readonly Outcome[] = []
    child.on('message', (sent: Outcome[]) => {
      outcomes = sent
    })
    child.on('exit', () => {
      process.off('exit', end)
      clearTimeout(timer)
      resolve({ engine, outcomes, seconds: (performance.now() - began) / 1_000 })
    })
  })
}

const total = ({ passed, failed, skipped }: Score) => passed + failed + skipped

/** Every implementation runs the same tests in an engine; another number means that some were lost. */
function checkedAgainstEachOther({ outcomes, ...run }: EngineRun): EngineRun {
  const native = outcomes.find(({ kind }) => kind === 'contract')
  return {
    ...run,
    outcomes: outcomes.map(outcome => {
      const lost = native !== undefined && outcome.kind === native.kind && total(outcome) !== total(native)
      return lost
        ? { ...outcome, problem: outcome.problem ?? `${total(outcome)} tests, expected ${total(native)}` }
        : outcome
    }),
  }
}

function print(runs: readonly EngineRun[]): void {
  const row = (...cells: readonly unknown[]) =>
    cells.map((cell, n) => (n < 2 ? String(cell).padEnd(16) : String(cell).padStart(8))).join(' ')
  console.log(`\n${row('suite', 'engine', 'passed', 'failed', 'skipped', 'seconds')}`)
  for (const { engine, outcomes, seconds } of runs) {
    for (const { suite, passed, failed, skipped, seconds, problem } of outcomes) {
      const verdict = problem ? `WRONG: ${problem}` : 'as it should be'
      console.log(`${row(suite, engine, passed, failed, skipped, seconds.toFixed(1))}   ${verdict}`)
    }
    console.log(row('with its start', engine, '', '', '', seconds.toFixed(1)))
  }
  for (const { name, whyNot } of engines()) {
    if (!runs.some(({ engine }) => engine === name)) console.log(`*** ${name.toUpperCase()} NOT RUN: ${whyNot} ***`)
  }
}

async function main(kinds: readonly string[]): Promise<boolean> {
  const demanded = demandedEngines()
  if (demanded.length === 0 || demanded.includes('chromium')) ensureChromium()
  const wanted = runnableEngines().map(({ name }) => name)
  // Side by side: each spends most of its time waiting for its own server.
  const runs = (await Promise.all(wanted.map(engine => runIn(engine, kinds)))).map(checkedAgainstEachOther)
  print(runs)
  const expected = wanted.flatMap(engine => suitesFor(engine, kinds)).length
  const outcomes = runs.flatMap(({ outcomes }) => outcomes)
  if (outcomes.length !== expected) console.log(`Expected ${expected} rows, got ${outcomes.length}.`)
  return expected > 0 && outcomes.length === expected && outcomes.every(({ problem }) => problem === undefined)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
} catch (problem) {
  console.error(problem instanceof Error ? problem.message : problem)
  process.exitCode = 1
}
