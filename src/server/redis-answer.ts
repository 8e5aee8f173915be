/** What Redis answers, read with care: whoever has its password may have written anything there. */
import { type Appended, type Head, LogUnavailable, type Stored } from './log.ts'

/** What stands in Redis under the keys of a topic is not a log: another type, foreign values, a hole. Nothing was acknowledged. */
export class LogCorrupt extends LogUnavailable {
  override readonly name: string = 'LogCorrupt'

  constructor(fact: string) {
    super(
      `Expected Redis to hold a log, but ${fact}. Delete the keys of the topic, and it begins a new epoch; use another \`prefix\` where they belong to somebody else.`,
    )
  }
}

/** What a script said, its first word taken off. */
export interface Answer {
  readonly word: string
  readonly rest: readonly unknown[]
}

/** Where a topic stands, as a script tells it, with the life of the Redis process that holds it. */
export interface Standing extends Head {
  readonly run: string
}

export function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
  throw new LogCorrupt(`text was expected, and a ${typeof value} is there`)
}

/** The life of the Redis process that tells this of itself, as the scripts name it: empty for one that does not say. */
export function runOf(info: unknown): string {
  return /^run_id:([\da-f]+)/m.exec(text(info))?.[1]?.slice(0, 16) ?? ''
}

export function count(value: unknown): number {
  const number = typeof value === 'number' ? value : Number(text(value))
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new LogCorrupt('a count is not one')
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new LogCorrupt(`a list was expected, and a ${typeof value} is there`)
}

export function answer(reply: unknown): Answer {
  const [word, ...rest] = list(reply)
  return { word: text(word), rest }
}

/** One event of a stream: its id, and its fields. */
function stored(epoch: string, entry: unknown): Stored {
  const [id, fields] = list(entry)
  const [, seq] = /^(\d+)-0$/.exec(text(id)) ?? []
  const [kind, body, named, key] = list(fields)
  if (seq === undefined || !(body instanceof Uint8Array)) throw new LogCorrupt('an event of the stream is not ours')
  return event(epoch, count(seq), text(kind), body, named === undefined ? undefined : text(key))
}

function event(epoch: string, seq: number, kind: string, body: Uint8Array, key: string | undefined): Stored {
  if (kind !== 't' && kind !== 'b') throw new LogCorrupt('an event of the stream is not ours')
  return { epoch, seq, body: kind === 't' ? text(body) : new Uint8Array(body), ...(key === undefined ? {} : { key }) }
}

/** What a read found: where the topic stands, and the events that were asked for; `null` where they cannot be had. */
export interface Reading {
  readonly at: Standing
  readonly events: readonly Stored[] | null
}

export function reading({ rest }: Answer, after: number): Reading {
  const [epoch, run, seq, oldest, whether, entries] = rest
  const at = { epoch: text(epoch), run: text(run), seq: count(seq), oldest: count(oldest) }
  if (count(whether) === 0) return { at, events: null }
  const events = list(entries).map(entry => stored(at.epoch, entry))
  if (events.some((each, index) => each.seq !== after + 1 + index)) throw new LogCorrupt('its stream has a hole')
  return { at, events }
}

/** What an append came to: where the topic stands, and each event, as a word and its number. */
export function appended({ rest }: Answer): {
  readonly at: Omit<Standing, 'oldest'>
  readonly all: readonly Appended[]
} {
  const [epoch, run, seq, ...pairs] = rest
  const at = { epoch: text(epoch), run: text(run), seq: count(seq) }
  const all = pairs.flatMap((word, index) => {
    return index % 2 ? [] : [{ epoch: at.epoch, seq: count(pairs[index + 1]), dup: text(word) === 'dup' }]
  })
  return { at, all }
}

/** What is published of one event: a line of epoch, run, number, kind and length of the key, then the key, then the body. */
export function published(message: unknown): { readonly run: string; readonly event: Stored } | null {
  if (!(message instanceof Uint8Array)) return null
  const end = message.indexOf(10)
  const parts = /^(\S+) ([\da-f]*) (\d+) ([tb]) (\d+)$/.exec(text(message.subarray(0, Math.max(end, 0))))
  const [, epoch, run, seq, kind, keyBytes] = parts ?? []
  if (epoch === undefined || run === undefined || kind === undefined) return null
  const from = end + 1 + Number(keyBytes)
  const key = from === end + 1 ? undefined : text(message.subarray(end + 1, from))
  return { run, event: event(epoch, Number(seq), kind, message.subarray(from), key) }
}
