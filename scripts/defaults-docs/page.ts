/** docs/why-these-defaults.md, from the constants of src and the comments above them. */
import { existsSync, readdirSync } from 'node:fs'
import { defaultsOf, type NamedNumber, numbers } from '../machine-docs/comments.ts'
import { inUnits, table } from '../markdown.ts'
import { GROUPS, NAMES, type Row } from './groups.ts'

const ROOT = new URL('../../', import.meta.url)
const FOLDERS = ['core', 'policies', 'transports', 'runtime', 'client', 'observe', 'schema', 'worker-clock']

/** Where an option is declared, by what stands before its name. */
const DECLARED: Readonly<Record<string, readonly [file: string, name: string]>> = {
  '': ['client/options.ts', 'Options'],
  'dedupe.': ['client/continuity.ts', 'DedupeOptions'],
  'outbox.': ['client/options.ts', 'OutboxOptions'],
  'ping().': ['policies/heartbeat.ts', 'PingOptions'],
  'polling().': ['transports/polling.ts', 'PollingOptions'],
  'fullJitter().': ['policies/backoff.ts', 'FullJitterOptions'],
}

/** Says that somebody counted. */
const MEASURED = /\d N\b|\bseeds\b|\d+ of (?!them)[\d,]+/

/** Something of this repository, or a command of its. */
const WITNESS = /`npm run [^`]+`|\b(?:test|bench)\/[\w./-]+/g

function all(): ReadonlyMap<string, NamedNumber> {
  const found = new Map<string, NamedNumber>()
  for (const folder of FOLDERS) {
    const files = readdirSync(new URL(`src/${folder}`, ROOT)).filter(name => name.endsWith('.ts'))
    for (const number of files.flatMap(file => numbers(`${folder}/${file}`))) {
      if (!NAMES.includes(number.name)) found.set(number.name, number)
    }
  }
  return found
}

/** What is missing, in words. */
function wantsOf({ name, comment }: NamedNumber): readonly string[] {
  const witnesses = comment.match(WITNESS) ?? []
  const absent = witnesses.filter(path => !path.startsWith('`') && !existsSync(new URL(path, ROOT)))
  return [
    ...(comment === '' ? [`${name} has no reason: write it above the constant.`] : []),
    ...(GROUPS.some(({ rows }) => rows.some(([row]) => row === name)) ? [] : [`${name} is in no group of groups.ts.`]),
    ...(MEASURED.test(comment) && !witnesses.length ? [`${name} was measured: name the command or the test.`] : []),
    ...absent.map(path => `${name} names ${path}, which is not there.`),
  ]
}

/** The default that an option says of itself, in its comment. */
function saidBy(option: string): string {
  const [, prefix = '', field = ''] = /^(.*\.)?(\w+)$/.exec(option) ?? []
  const [file, name] = DECLARED[prefix] ?? []
  const said = file && name && defaultsOf(file, name).get(field)
  if (!said) throw new Error(`\`${option}\` is no option with a @defaultValue.`)
  // What holds in special cases follows a semicolon.
  return said.split(';')[0] ?? said
}

function row(known: ReadonlyMap<string, NamedNumber>, [name, what, option]: Row): readonly string[] {
  const number = known.get(name)
  if (!number) throw new Error(`There is no number ${name} in src, and groups.ts has it.`)
  if (option && Number(saidBy(option)) !== number.value) {
    throw new Error(`\`${option}\` says that its default is ${saidBy(option)}; ${name} is ${number.value}.`)
  }
  return [what, `**${inUnits(name, number.value)}**`, number.comment, option ? `\`${option}\`` : '', `\`${name}\``]
}

/** The whole page. */
export function page(): string {
  const known = all()
  const wants = [...known.values()].flatMap(wantsOf)
  if (wants.length) throw new Error(wants.join('\n'))
  const anchor = (title: string): string => title.toLowerCase().replaceAll(' ', '-')
  return `# Why these defaults

<!-- Made by \`npm run docs\` from the constants of src and the comments above them. A change here is lost; CI fails when
the two differ. -->

Every number of Holdfast, what it is for and why it is what it is. Where an option changes it, the fourth column names it;
the others nobody should have to choose. The last column is the name of the constant in \`src/\`. What was measured names its
command or its test.

${GROUPS.map(({ title }) => `- [${title}](#${anchor(title)})`).join('\n')}

${GROUPS.map(({ title, intro, rows }) =>
  [
    `## ${title}`,
    intro,
    table(
      ['', 'default', 'because', 'option', 'constant'],
      rows.map(each => row(known, each)),
    ),
  ].join('\n\n'),
).join('\n\n')}

What is done about a close code is no number: the [standard table](close-codes.md) says it, code by code.
`
}
