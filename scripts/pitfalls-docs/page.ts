/** docs/pitfalls.md, from the registry of pitfalls and from the versions that are installed. */
import { type NamedTest, type Pitfall, readPitfalls, sections, versionOf } from '../../test/pitfalls/registry.ts'
import { others } from '../../test/pitfalls/subjects.ts'
import { table } from '../markdown.ts'

/** A name with its version, where it has one. */
function called(name: string): string {
  const { package: packageName } = others.get(name) ?? {}
  if (packageName === undefined) return name
  return name.replace(packageName, `${packageName} ${versionOf(packageName)}`)
}

/** The name of a test without what it is filled with. */
const readable = (name: string): string => name.replaceAll(/\$\{[^}]*\}|%[a-z]/g, '…').replaceAll(/([[\]*])/g, '\\$1')

const link = ({ file, name }: NamedTest): string => `[${readable(name)}](../${file})`

/** An id as words: its heading, whose anchor is the id again. */
const heading = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ')

function entry({ id, pitfall, tests, falls, notRun }: Pitfall): string {
  const seen = Object.entries(falls ?? {}).map(([name, what]) => `- ${called(name)}: ${what}`)
  return [
    `### ${heading(id)}`,
    '',
    pitfall,
    '',
    `- **Holdfast** ${tests.map(link).join('; ')}`,
    ...seen,
    ...(notRun === undefined ? [] : [`- Nobody was run. ${notRun}`]),
  ].join('\n')
}

const anchor = (title: string): string => title.toLowerCase().replaceAll(' ', '-')

/** The whole page. */
export function page(): string {
  const pitfalls = readPitfalls()
  const run = pitfalls.filter(({ falls }) => falls !== undefined).length
  const chapters = Object.entries(sections).map(([section, title]) => {
    const inSection = pitfalls.filter(each => each.section === section)
    return [`## ${title}`, ...inSection.map(entry)].join('\n\n')
  })
  return `# What goes wrong in reconnecting clients

<!-- Made by \`npm run docs\` from test/pitfalls.json. A change here is lost; CI fails when they differ. -->

${pitfalls.length} ways in which clients that reconnect fail, found in the source of libraries and in apps. For ${run} of them there is a
test that any client can be put to: Holdfast passes it, and those who are named fail. What is said of them is the message
of that failure. For the other ${pitfalls.length - run} the entry says why nobody was run; some of them are not solved by Holdfast
either, and the entry says that. Use the list to judge any client.

How to read it

- A name after **Holdfast** is a test, and leads to its file. CI checks that it is still there under that name.
- What is said of others was seen with the version that is named, in \`npx vitest run --project unit test/pitfalls\`. When
  one of them no longer fails, that run fails and says so.
- They ran in virtual time against a server without latency, so counts of fast retries are upper bounds: over a network
  with a round trip of 30 ms there are fewer. Chance is seeded.
- Most of them have options, and their documentation has recipes, that help with some of this. What is shown is what
  happens without: their defaults, or what the table says.
- Several are not WebSocket replacements, and never claimed to be. They are here for what they do about connections.

${Object.values(sections)
  .map(title => `- [${title}](#${anchor(title)})`)
  .join('\n')}

## Who was run

${table(
  ['who', 'what, or with which options'],
  [...others.values()].map(({ name, about }) => [called(name), about]),
)}

${chapters.join('\n\n')}
`
}
