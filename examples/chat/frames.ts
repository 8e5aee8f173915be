// What travels between page and server: JSON, one frame per message, read with care on both sides.

/** Something that was said. The id is chosen by whoever said it, so that saying it again says it once. */
export interface Line {
  readonly id: string
  readonly from: string
  readonly text: string
  /** When the server heard it, epoch ms. */
  readonly at: number
}

export type ClientFrame =
  | { readonly type: 'auth'; readonly token: string }
  | { readonly type: 'join'; readonly room: string }
  | { readonly type: 'leave'; readonly room: string }
  | { readonly type: 'say'; readonly room: string; readonly id: string; readonly text: string }
  | { readonly type: 'typing'; readonly room: string }

export type ServerFrame =
  /** The answer to `auth`; a token that is not good is answered with close code 4401. */
  | { readonly type: 'welcome'; readonly name: string }
  /** The answer to `join`, with what was said lately. */
  | {
      readonly type: 'joined'
      readonly room: string
      readonly people: readonly string[]
      readonly lines: readonly Line[]
    }
  /** The other answer to `join`. */
  | { readonly type: 'refused'; readonly room: string; readonly why: string }
  | { readonly type: 'people'; readonly room: string; readonly people: readonly string[] }
  | { readonly type: 'said'; readonly room: string; readonly line: Line }
  | { readonly type: 'typing'; readonly room: string; readonly name: string }

/** Longer texts are not taken, by either side. */
export const LONGEST_TEXT = 2_000
/** Longer names of people and rooms, ids and tokens are not taken. */
const LONGEST_WORD = 100

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsOf(message: unknown): Fields {
  if (typeof message !== 'string') return {}
  try {
    const value: unknown = JSON.parse(message)
    return isFields(value) ? value : {}
  } catch {
    return {}
  }
}

export function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_WORD
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_TEXT
}

function isLine(value: unknown): value is Line {
  return isFields(value) && isWord(value.id) && isWord(value.from) && isText(value.text) && typeof value.at === 'number'
}

function areWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isWord)
}

function areLines(value: unknown): value is readonly Line[] {
  return Array.isArray(value) && value.every(isLine)
}

/** What a client said; `null` for what is no frame. */
export function readClientFrame(message: unknown): ClientFrame | null {
  const { type, token, room, id, text } = fieldsOf(message)
  if (type === 'auth' && isWord(token)) return { type, token }
  if (!isWord(room)) return null
  if (type === 'join' || type === 'leave' || type === 'typing') return { type, room }
  if (type === 'say' && isWord(id) && isText(text)) return { type, room, id, text }
  return null
}

/** What a server said; `null` for what is no frame. */
export function readServerFrame(message: unknown): ServerFrame | null {
  const { type, name, room, people, lines, line, why } = fieldsOf(message)
  if (type === 'welcome' && isWord(name)) return { type, name }
  if (!isWord(room)) return null
  if (type === 'joined' && areWords(people) && areLines(lines)) return { type, room, people, lines }
  if (type === 'refused' && isWord(why)) return { type, room, why }
  if (type === 'people' && areWords(people)) return { type, room, people }
  if (type === 'said' && isLine(line)) return { type, room, line }
  if (type === 'typing' && isWord(name)) return { type, room, name }
  return null
}

export function written(frame: ClientFrame | ServerFrame): string {
  return JSON.stringify(frame)
}
