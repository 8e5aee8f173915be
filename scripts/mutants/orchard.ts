import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'

/** What the tests of the core said about a tree. */
export interface Verdict {
  /** The first test that failed; `null` when all passed. */
  readonly failed: string | null
  /** Why there is no verdict: the tests could not run. */
  readonly problem: string | null
}

/** A copy of what the tests of the core need, to be changed and tested; the working tree is never touched. */
export interface Tree {
  test(): Promise<Verdict>
  /** Tests the tree with one mutant in it; a mutant whose line is not there exactly once is a problem. */
  testWith(mutant: Mutant): Promise<Verdict>
  remove(): Promise<void>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NEEDED = [
  'tsconfig.json',
  'src/core',
  'src/testing/happenings.ts',
  'src/testing/menus.ts',
  'src/testing/random-walk.ts',
  'src/testing/seeded.ts',
  'src/policies/backoff.ts',
  'test/core',
]
/** A mutant that makes a test run for ever is noticed too. */
const PATIENCE_MS = 60_000

// One thread, nothing isolated: a run costs little more than the tests. Examples first, they are the quicker judges.
const CONFIG = `
import { BaseSequencer } from 'vitest/node'
class ExamplesFirst extends BaseSequencer {
  async sort(files) {
    const late = ({ moduleId }) => /laws|promises/.test(moduleId) ? 1 : 0
    return [...files].sort((a, b) => late(a) - late(b) || a.moduleId.localeCompare(b.moduleId))
  }
}
export default {
  test: {
    include: [process.env.HOLDFAST_JUDGES ?? 'test/core/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    bail: 1,
    reporters: ['json'],
    outputFile: 'verdict.json',
    sequence: { sequencer: ExamplesFirst },
  },
}
`

/** Plants a tree in the temporary folder of the system. */
export async function plant(): Promise<Tree> {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-mutants-'))
  for (const path of NEEDED) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await cp(join(ROOT, path), join(root, path), { recursive: true })
  }
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  await writeFile(join(root, 'package.json'), '{ "type": "module" }')
  await writeFile(join(root, 'vitest.config.mjs'), CONFIG)

  async function test(): Promise<Verdict> {
    const verdict = join(root, 'verdict.json')
    await rm(verdict, { force: true })
    const output = await run(root)
    if (output === null) return { failed: 'none: it ran for ever', problem: null }
    const report: unknown = await readFile(verdict, 'utf8').then(JSON.parse, () => null)
    return report === null ? { failed: null, problem: output } : verdictOf(report)
  }

  return {
    test,
    async testWith({ file, line, replacement }) {
      const path = join(root, 'src/core', file)
      const source = await readFile(path, 'utf8')
      const lines = source.split('\n')
      const places = lines.flatMap((text, index) => (text.trim() === line ? index : []))
      const [place] = places
      if (place === undefined || places.length > 1) {
        return { failed: null, problem: `the line occurs ${places.length} times, not once: ${line}` }
      }
      lines[place] = replacement
      await writeFile(path, lines.join('\n'))
      try {
        return await test()
      } finally {
        await writeFile(path, source)
      }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
}

/** What the run printed; `null` when it had to be ended. */
function run(cwd: string): Promise<string | null> {
  return new Promise(resolve => {
    const env = { ...process.env, HOLDFAST_SHRINK: '0', HOLDFAST_STEPS: '0.5', NO_COLOR: '1' }
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run'], { cwd, env })
    let output = ''
    let hung = false
    const timer = setTimeout(() => {
      hung = true
      child.kill('SIGKILL')
    }, PATIENCE_MS)
    const hear = (chunk: Buffer): void => {
      output += chunk
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('close', () => {
      clearTimeout(timer)
      resolve(hung ? null : output)
    })
  })
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'testResults' in value && Array.isArray(value.testResults)
}

function verdictOf(report: unknown): Verdict {
  if (!isReport(report)) return { failed: null, problem: 'the report of the tests has an unknown shape' }
  for (const { name, message, status, assertionResults } of report.testResults) {
    const failed = assertionResults.find(result => result.status === 'failed')
    if (failed) return { failed: failed.fullName, problem: null }
    // The file did not even load: nothing was tested.
    if (status === 'failed') return { failed: null, problem: `${name} did not run: ${message}` }
  }
  return { failed: null, problem: null }
}
