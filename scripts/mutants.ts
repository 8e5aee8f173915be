/**
 * `npm run mutants`: breaks the core in many small ways, one at a time, and fails unless a test notices each.
 *
 * Works on copies; the working tree is never touched. `npm run mutants -- limits` takes only those whose file, line or
 * purpose contains the word; `-- --every=120` takes one in a hundred and twenty, beginning elsewhere with every commit, as CI does.
 * That the line of each is still there is looked at for all of them, always. `HOLDFAST_JUDGES=test/core/laws.test.ts` asks only the laws, to see what they notice alone.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { mutants } from './mutants/list.ts'
import type { Mutant } from './mutants/mutant.ts'
import { plant, type Tree } from './mutants/orchard.ts'

const began = performance.now()
const every = Number(/--every=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 1)
const word = process.argv.slice(2).find(argument => !argument.startsWith('--')) ?? ''
const commits = every > 1 ? Number(execFileSync('git', ['rev-list', '--count', 'HEAD'], { encoding: 'utf8' })) : 0
const chosen = mutants
  .filter(({ file, line, breaks }) => `${file} ${line} ${breaks}`.includes(word))
  .filter((_, index) => index % every === commits % every)
const queue = [...chosen]
let passed = 0
let failed = 0

/** How often the line of a mutant stands in its file. */
function occurrences({ file, line }: Mutant): number {
  const source = readFileSync(new URL(`../src/core/${file}`, import.meta.url), 'utf8')
  return source.split('\n').filter(text => text.trim() === line).length
}

function seconds(): string {
  return `${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s`
}

async function judge(tree: Tree, mutant: Mutant): Promise<void> {
  const verdict = await tree.testWith(mutant)
  const { file, line, replacement, breaks } = mutant
  const progress = (): string => `${`${passed + failed}`.padStart(4)}/${chosen.length} ${seconds()}`
  if (verdict.failed !== null) {
    passed++
    console.log(`${progress()}  killed    ${file}: ${breaks}\n                  by "${verdict.failed}"`)
    return
  }
  failed++
  const fate = verdict.problem === null ? 'SURVIVED' : 'NO VERDICT'
  console.log(`${progress()}  ${fate}  ${file}: ${breaks}`)
  console.log(verdict.problem ?? `                  ${line}\n               -> ${replacement || '(left out)'}`)
}

for (const mutant of mutants) {
  const times = occurrences(mutant)
  if (times === 1) continue
  failed++
  console.log(`NO LONGER APPLIES  ${mutant.file}: its line occurs ${times} times, not once: ${mutant.line}`)
}
console.log(`${chosen.length} of ${mutants.length} mutants.`)

const trees = await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, plant))
try {
  const sound = await trees[0]?.test()
  if (!sound || sound.failed !== null || sound.problem !== null) {
    console.error(`The tests fail without any mutant: ${sound?.failed ?? sound?.problem}`)
    failed++
  } else {
    console.log(`The tests pass without a mutant.${seconds()}`)
    await Promise.all(
      trees.map(async tree => {
        for (let next = queue.shift(); next; next = queue.shift()) await judge(tree, next)
      }),
    )
  }
} finally {
  await Promise.all(trees.map(tree => tree.remove()))
}

console.log(`\n${passed} passed, ${failed} failed`)
if (failed || chosen.length === 0) process.exitCode = 1
