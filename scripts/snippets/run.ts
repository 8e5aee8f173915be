/** Runs snippets, each in a thread and a world of its own. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { build, type PluginBuild } from 'esbuild'
import { ROOT, type Snippet } from './documents.ts'
import { FOLDER, fileOf, inDocuments, nameOf } from './files.ts'

/** A snippet that was run, and what went wrong in it. */
export interface Run {
  readonly snippet: Snippet
  readonly failures: readonly string[]
  readonly dials: number
}

/** One that computes for ever is ended. */
const PATIENCE_MS = 30_000
const AT_ONCE = 3

const BUILT = join(FOLDER, 'built')

function setup({ onResolve, onLoad }: PluginBuild): void {
  // Of the packages, ours is here.
  onResolve({ filter: /^holdfast(\/.+)?$/ }, ({ path }) => ({
    path: join(ROOT, path.replace('holdfast', 'src'), 'index.ts'),
  }))
  // In the empty lines above it: that its imports are there, and it begins.
  onLoad({ filter: /-line-\d+\.(ts|tsx|js)$/ }, async ({ path }) => ({
    contents: `snippetBegins();${await readFile(path, 'utf8')}`,
    loader: path.endsWith('x') ? 'tsx' : 'ts',
  }))
}

function bundled(snippets: readonly Snippet[]): Promise<unknown> {
  return build({
    entryPoints: [
      ...snippets.map(snippet => ({ in: join(FOLDER, fileOf(snippet)), out: nameOf(snippet) })),
      { in: join(ROOT, 'scripts/snippets/world.ts'), out: 'world' },
    ],
    outdir: BUILT,
    outExtension: { '.js': '.mjs' },
    tsconfig: join(FOLDER, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    packages: 'external',
    plugins: [{ name: 'snippets', setup }],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'silent',
  })
}

function runOne(snippet: Snippet): Promise<Run> {
  return new Promise(resolve => {
    const file = join(BUILT, `${nameOf(snippet)}.mjs`)
    const worker = new Worker(join(BUILT, 'world.mjs'), { workerData: file, execArgv: [], stdout: true, stderr: true })
    const settle = (failures: readonly string[], dials = 0): void => {
      clearTimeout(timer)
      void worker.terminate()
      resolve({ snippet, dials, failures: failures.map(failure => inDocuments(failure, [snippet])) })
    }
    const timer = setTimeout(() => settle(['It did not come to an end.']), PATIENCE_MS)
    worker.on('message', ({ failures, dials }) => settle(failures, dials))
    worker.on('error', error => settle([String(error.stack)]))
  })
}

export async function runAll(snippets: readonly Snippet[]): Promise<readonly Run[]> {
  await bundled(snippets)
  const runs: Run[] = []
  const queue = [...snippets]
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) runs.push(await runOne(next))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return runs
}
