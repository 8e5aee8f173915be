import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { FULL, type Plan, QUICK } from './plan.ts'
import { chromium } from './sections/chromium.ts'
import { dials } from './sections/dials.ts'
import { heap } from './sections/heap.ts'
import { receive } from './sections/receive.ts'
import { send } from './sections/send.ts'
import { size } from './sections/size.ts'
import { storm } from './sections/storm.ts'
import { markdown, type Table } from './table.ts'

const SECTIONS: Readonly<Record<string, (plan: Plan) => Promise<Table[]>>> = {
  size,
  receive,
  chromium,
  send,
  heap,
  dials,
  storm,
}
/** These wait more than they work, so they share their minute; the others must have the machine to themselves. */
const WAITING = ['heap', 'dials']

const load = (): string =>
  loadavg()
    .map(value => value.toFixed(1))
    .join(', ')

async function measure(names: readonly string[], plan: Plan): Promise<Table[]> {
  const tables: Table[] = []
  for (const name of names.filter(each => !WAITING.includes(each)))
    tables.push(...((await SECTIONS[name]?.(plan)) ?? []))
  const waited = await Promise.all(names.filter(each => WAITING.includes(each)).map(name => SECTIONS[name]?.(plan)))
  return [...tables, ...waited.flatMap(each => each ?? [])]
}

function report(tables: readonly Table[], plan: Plan, loadBefore: string): string {
  const facts = [
    new Date().toISOString().slice(0, 16).replace('T', ' '),
    `${availableParallelism()} cores`,
    `Node ${process.versions.node}`,
    `${process.platform} ${process.arch}`,
    `load average ${loadBefore} before and ${load()} after`,
  ]
  return [
    '# Results',
    '',
    '<!-- Written by `npm run bench`; edits are lost. -->',
    '',
    `One run of \`npm run bench\`: ${facts.join('; ')}. In Node ${plan.processes} fresh processes per subject with ${plan.rounds} rounds each, in Chromium ${plan.pages} fresh pages with ${plan.pageRounds}, in turns. What the numbers mean and where they end: [README](README.md).`,
    '',
    tables.map(markdown).join('\n').trimEnd(),
    '',
  ].join('\n')
}

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } })
const names = values.only?.split(',') ?? Object.keys(SECTIONS)
const unknown = names.find(name => !SECTIONS[name])
if (unknown) throw new Error(`No section \`${unknown}\`; there are: ${Object.keys(SECTIONS).join(', ')}.`)

const cache = new URL('.cache/', import.meta.url)
mkdirSync(cache, { recursive: true })
const plan = values.quick ? QUICK : FULL
const loadBefore = load()
const text = report(await measure(names, plan), plan, loadBefore)
rmSync(cache, { recursive: true })
process.stdout.write(text)
// A quick run or a part of one would replace good numbers by worse.
if (!values.quick && !values.only) writeFileSync(new URL('RESULTS.md', import.meta.url), text)
