// `npm run sizes`: measures what each entry point weighs in an app and writes it into the README; `--check` only compares.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

interface Measured {
  readonly name: string
  readonly size: number
}

const [begin, end] = ['<!-- size:begin -->', '<!-- size:end -->']
const path = new URL('../README.md', import.meta.url)
const report: readonly Measured[] = JSON.parse(execFileSync('npx', ['size-limit', '--json'], { encoding: 'utf8' }))

const kB = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`
const table = [
  '| what an app imports | min + gzip |',
  '|---|---|',
  ...report.map(({ name, size }) => `| \`${name}\` | ${kB(size)} |`),
  '',
  'Everything it needs included; `npm run build && npm run size` measures it.',
].join('\n')

const readme = readFileSync(path, 'utf8')
const [head, rest] = readme.split(begin)
const tail = rest?.split(end)[1]
if (head === undefined || tail === undefined) throw new Error(`README.md must have ${begin} and ${end}.`)
const written = `${head}${begin}\n${table}\n${end}${tail}`

if (!process.argv.includes('--check')) writeFileSync(path, written)
else if (written !== readme) {
  console.error(`README.md does not say what was measured; run \`npm run sizes\`.\n${table}`)
  process.exitCode = 1
}
