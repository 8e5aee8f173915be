import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type Findings, merged, type Results, read, write } from './findings.ts'
import { FULL, type Plan, QUICK } from './plan.ts'
import { report } from './report.ts'
import type { Section } from './section.ts'
import { chromium } from './sections/chromium.ts'
import { dials } from './sections/dials.ts'
import { heap } from './sections/heap.ts'
import { receive } from './sections/receive.ts'
import { recovery } from './sections/recovery.ts'
import { send } from './sections/send.ts'
import { server } from './sections/server.ts'
import { size } from './sections/size.ts'
import { storm } from './sections/storm.ts'
import { versions } from './subjects.ts'

const SECTIONS: readonly Section[] = [size, receive, chromium, send, server, heap, dials, recovery, storm]

const here = new URL('./', import.meta.url)
const RESULTS = new URL('results.json', here)

const load = (): string =>
  loadavg()
    .map(value => value.toFixed(1))
    .join(', ')

async function measure(sections: readonly Section[], plan: Plan): Promise<Record<string, Findings>> {
  const found: Record<string, Findings> = {}
  for (const each of sections.filter(({ waits }) => !waits)) found[each.name] = await each.measure(plan)
  await Promise.all(
    sections
      .filter(({ waits }) => waits)
      .map(async each => {
        found[each.name] = await each.measure(plan)
      }),
  )
  return found
}

/** @param asked - What narrows it down on the command line. */
async function run(sections: readonly Section[], plan: Plan, asked: string): Promise<Results> {
  const before = load()
  const cache = new URL('.cache/', here)
  mkdirSync(cache, { recursive: true })
  try {
    const found = await measure(sections, plan)
    return {
      run: {
        kind: `One run of \`npm run bench${asked ? ` -- ${asked}` : ''}\`${plan === QUICK ? ', so a first look' : ''}`,
        date: new Date().toISOString().slice(0, 16).replace('T', ' '),
        machine: `Node ${process.versions.node}, ${availableParallelism()} cores, ${process.platform} ${process.arch}`,
        conditions: `load average ${before} before and ${load()} after`,
        subjects: versions(),
      },
      sections: found,
    }
  } finally {
    rmSync(cache, { recursive: true })
  }
}

function stored(): Results {
  const results = read(readFileSync(RESULTS, 'utf8'))
  if (results.run.subjects === versions()) return results
  throw new Error(`results.json is of ${results.run.subjects}, installed are ${versions()}: run the benchmark again.`)
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    save: { type: 'boolean' },
    draw: { type: 'boolean' },
  },
})
const names = values.only?.split(',') ?? SECTIONS.map(({ name }) => name)
const unknown = names.find(name => !SECTIONS.some(section => section.name === name))
if (unknown) throw new Error(`No section \`${unknown}\`; there are: ${SECTIONS.map(({ name }) => name).join(', ')}.`)
const chosen = SECTIONS.filter(({ name }) => names.includes(name))

const asked = [...(values.only ? [`--only=${values.only}`] : []), ...(values.quick ? ['--quick'] : [])].join(' ')

async function found(): Promise<Results> {
  if (values.draw) return stored()
  // Before the run, which takes its time: beside results of other versions it is not kept.
  const others = values.save && values.only ? stored() : undefined
  const results = await run(chosen, values.quick ? QUICK : FULL, asked)
  return others ? merged(others, results) : results
}

const results = await found()
const written = report(results, SECTIONS)
process.stdout.write(written[0]?.content ?? '')
// A quick run would replace good numbers by worse: that, and the sections of a part, are kept only when asked for.
if (values.save || values.draw || !(values.quick || values.only)) {
  rmSync(new URL('plots/', here), { recursive: true, force: true })
  mkdirSync(new URL('plots/', here))
  for (const { path, content } of written) writeFileSync(new URL(path, here), content)
  if (!values.draw) writeFileSync(RESULTS, write(results))
}
