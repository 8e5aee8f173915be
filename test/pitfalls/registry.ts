/** test/pitfalls.json: how clients fail, the tests that show that Holdfast does not, and who does. */
import { readFileSync } from 'node:fs'

export interface NamedTest {
  /** From the root of the repository. */
  readonly file: string
  /** As it is written there, below its groups: `a group > a test`. */
  readonly name: string
}

export interface Pitfall {
  readonly id: string
  readonly section: string
  /** What goes wrong. */
  readonly pitfall: string
  /** What shows that it does not go wrong here. */
  readonly tests: readonly NamedTest[]
  /** Who falls into it when the first test is run against them, and what is seen then. */
  readonly falls?: Readonly<Record<string, string>>
  /** Why nobody can be run, and what Holdfast has today. */
  readonly notRun?: string
}

/** The sections, with the words over them. */
export const sections: Readonly<Record<string, string>> = {
  construction: 'Construction and the shape of a WebSocket',
  closing: 'Closing',
  reconnecting: 'Reconnecting',
  liveness: 'Knowing that a connection is dead',
  sending: 'Sending',
  auth: 'Credentials',
  resume: 'Resume and fallbacks',
  listeners: 'Listeners and policies',
  platform: 'Facts of the platform',
}

const ROOT = new URL('../../', import.meta.url)

export function readPitfalls(): readonly Pitfall[] {
  return JSON.parse(readFileSync(new URL('test/pitfalls.json', ROOT), 'utf8'))
}

/** The version of a package that is installed here. */
export function versionOf(packageName: string): string {
  return JSON.parse(readFileSync(new URL(`node_modules/${packageName}/package.json`, ROOT), 'utf8')).version
}

/** The file of the proofs of a section. */
export const fileOfProofs = (section: string): string => `test/pitfalls/${section}.ts`

/** What there is to be named. */
export interface Known {
  readonly subjects: ReadonlySet<string>
  testsIn(file: string): ReadonlySet<string>
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const KEYS = ['id', 'section', 'pitfall', 'tests', 'falls', 'notRun']

/** What is wrong with an entry; nothing when it is complete. */
export function complaintsAbout(entry: Pitfall, known: Known): readonly string[] {
  const { id, section, pitfall, tests, falls, notRun } = entry
  const wrong: string[] = []
  const want = (held: boolean, what: string): void => {
    if (!held) wrong.push(`${id}: ${what}`)
  }
  want(isText(id) && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(id), 'its `id` is words in lower case, joined by hyphens.')
  want(Object.hasOwn(sections, section), `no section is called "${section}".`)
  want(isText(pitfall), '`pitfall` says what goes wrong.')
  for (const key of Object.keys(entry)) want(KEYS.includes(key), `nothing is called \`${key}\`.`)
  want(Array.isArray(tests) && tests.length > 0, '`tests` names at least one test.')
  for (const { file, name } of tests ?? []) {
    want(known.testsIn(file).has(name), `${file} has no test "${name}".`)
  }
  want(
    (falls === undefined) !== (notRun === undefined),
    'either `falls` says who falls into it, or `notRun` why nobody is run.',
  )
  if (notRun !== undefined) want(isText(notRun), '`notRun` gives a reason.')
  if (falls === undefined) return wrong
  want(Object.keys(falls).length > 0, '`falls` names somebody.')
  want(isProof(tests?.[0]), 'somebody falls into it, so its first test has to be one that anybody can be put to.')
  for (const [subject, seen] of Object.entries(falls)) {
    want(known.subjects.has(subject), `nobody is called "${subject}".`)
    want(isText(seen), `it says what was seen of ${subject}.`)
  }
  return wrong
}

/** Whether a test is one of those that any subject can be put to. */
export function isProof(test: NamedTest | undefined): test is NamedTest {
  return test !== undefined && Object.keys(sections).some(section => test.file === fileOfProofs(section))
}
