import type { RawIssue } from './standard.ts'

/** Where a message is wrong. Nothing of what it holds is in it, but the names on the way there. */
export interface Place {
  /** As one would write it: `items[0].price`; '' is the message itself. */
  readonly path: string
  /** What the schema wants there, where its library says so. */
  readonly expected?: string
}

/** What is wrong there. */
export interface Issue extends Place {
  /** The words of the library. Some of them quote the value: mind where you log them. */
  readonly message: string
}

/** A message that is wrong in more places than this is wrong enough. */
const MOST_ISSUES = 100
/** How many of them an error names: a line of a log, and no page. */
const NAMED = 3
/** Letters of a name on the way there, or of what is expected: a name that somebody else chose may be long, and hold anything. */
const LETTERS = 64

function cut(text: string): string {
  return text.length > LETTERS ? `${text.slice(0, LETTERS)}…` : text
}

function pathOf({ path = [] }: RawIssue): string {
  return path.reduce<string>((before, segment) => {
    const key = typeof segment === 'object' ? segment.key : segment
    if (typeof key === 'number') return `${before}[${key}]`
    const name = cut(String(key))
    if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return `${before}[${JSON.stringify(name)}]`
    return before ? `${before}.${name}` : name
  }, '')
}

/** What a library says, as it is told on. */
export function issuesOf(raw: readonly RawIssue[]): readonly Issue[] {
  return raw.slice(0, MOST_ISSUES).map(issue => {
    // No part of the standard, and yet zod, valibot and arktype all say it. It comes from the schema, never from the message.
    const expected: unknown = Reflect.get(issue, 'expected')
    const told = typeof expected === 'string' && expected !== '' && { expected: cut(expected) }
    return { path: pathOf(issue), message: String(issue.message), ...told }
  })
}

/** Without the words of the library. */
export function placesOf(issues: readonly Issue[]): readonly Place[] {
  return issues.map(({ path, expected }) => ({ path, ...(expected !== undefined && { expected }) }))
}

/** The first few, in words. */
export function inWords(places: readonly Place[]): string {
  const named = places.slice(0, NAMED).map(({ path, expected }) => {
    const where = path ? `\`${path}\`` : 'the message itself'
    return expected === undefined ? where : `${where} (expected ${expected})`
  })
  const more = places.length - named.length
  return `${named.join(', ')}${more ? ` and ${more} more` : ''}`
}
