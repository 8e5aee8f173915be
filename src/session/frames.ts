/**
 * The frames of `holdfast.v1` (docs/protocol.md): their types, their limits, and the guard that a client holds against
 * what it reads. Imports nothing, so that a server shares it.
 */

/** The subprotocol that stands for the session protocol. */
export const PROTOCOL = 'holdfast.v1'
/** The version that `hello` names. */
export const VERSION = 1
/** The topic of plain `send()` and of plain `message` events, where nobody names another. */
export const DEFAULT_TOPIC = 'default'

/** A position in the log of a topic: everything up to and including `seq` has been handled. */
export interface Cursor {
  /** Changes when the log was lost or rewritten: numbers of two epochs cannot be compared. */
  readonly epoch: string
  readonly seq: number
}

/** A topic that a client asks for, and from where; without a cursor from now on. */
export type TopicRequest = { readonly topic: string } & Partial<Cursor>

/** What a client sends. */
export type ClientFrame =
  | {
      readonly t: 'hello'
      readonly v: number
      /** Version of the app's messages. */
      readonly schema?: number
      /** 128 random bits per page load. */
      readonly client: string
      /** The id of the connection that both sides log. */
      readonly conn: string
      readonly token?: string
      readonly topics: readonly TopicRequest[]
    }
  | ({ readonly t: 'sub' } & TopicRequest)
  | { readonly t: 'unsub'; readonly topic: string }
  /** `request`: wants an answer in `ok`, and is not appended to a log. Binary data travels behind the header. */
  | {
      readonly t: 'msg'
      readonly id: string
      readonly topic?: string
      readonly data?: unknown
      readonly request?: boolean
    }
  | { readonly t: 'ack'; readonly topic: string; readonly seq: number }
  | { readonly t: 'auth'; readonly token: string }
  | { readonly t: 'ping' | 'pong'; readonly n?: number }
  | { readonly t: 'bye' }

/** What a server allows; what it leaves out is the default. */
export interface Limits {
  readonly messageBytes?: number
  readonly inFlight?: number
  readonly unacked?: number
  readonly dedupeMs?: number
}

/** When a message that was refused may come again: never; after `afterMs`; with fresh credentials. */
export type Retry = 'never' | 'later' | 'auth'

/** What a server sends. */
export type ServerFrame =
  | {
      readonly t: 'welcome'
      readonly conn: string
      /** The server's clock, epoch ms. */
      readonly now: number
      readonly identity?: string
      readonly heartbeatMs: number
      readonly authExpiresInMs?: number
      readonly schema?: number
      readonly limits?: Limits
    }
  /** `seq`: the head of the log when the subscription was made. */
  | ({ readonly t: 'subbed'; readonly topic: string; readonly recovered: boolean } & Cursor)
  | { readonly t: 'gap'; readonly topic: string; readonly from?: number; readonly to: number; readonly reason: string }
  /** `id`: of the client's own message, on the connections of that client alone. */
  | ({ readonly t: 'event'; readonly topic: string; readonly id?: string; readonly data?: unknown } & Cursor)
  | { readonly t: 'ok'; readonly id: string; readonly dup?: boolean; readonly data?: unknown }
  | {
      readonly t: 'err'
      readonly id?: string
      readonly topic?: string
      readonly code: string
      readonly message: string
      readonly retry: string
      readonly afterMs?: number
    }
  | { readonly t: 'authok'; readonly expiresInMs?: number }
  | { readonly t: 'reauth' }
  | { readonly t: 'goaway'; readonly afterMs: number; readonly spreadMs: number; readonly reason?: string }
  | { readonly t: 'ping' | 'pong'; readonly n?: number }

/** The least and the most that is believed of a number of the other side, and what stands where it says nothing. */
type Range = readonly [least: number, most: number, otherwise: number]

/** Clamps of the client (docs/protocol.md): a wrong or hostile number slows it down or speeds it up within these. */
export const CLAMPS: Readonly<
  Record<
    | 'heartbeatMs'
    | 'authExpiresInMs'
    | 'goawayAfterMs'
    | 'goawaySpreadMs'
    | 'afterMs'
    | 'afterAuthMs'
    | 'messageBytes'
    | 'inFlight'
    | 'unacked'
    | 'dedupeMs',
    Range
  >
> = {
  heartbeatMs: [5_000, 120_000, 15_000],
  authExpiresInMs: [10_000, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  goawayAfterMs: [0, 600_000, 0],
  goawaySpreadMs: [0, 600_000, 1_000],
  afterMs: [0, 600_000, 1_000],
  afterAuthMs: [0, 600_000, 10_000],
  messageBytes: [1_024, Number.MAX_SAFE_INTEGER, 1_048_576],
  inFlight: [1, 1_024, 64],
  unacked: [16, 65_536, 256],
  dedupeMs: [0, Number.MAX_SAFE_INTEGER, 120_000],
}

/** One `goaway` in 10 s is honoured. */
export const GOAWAY_EVERY_MS = 10_000
/** `afterMs` and `spreadMs` of a `goaway` come to so much at least: clients that are all told to go at once are spread. */
export const GOAWAY_LEAST_MS = 1_000
/** Topics of one client. */
export const MAX_TOPICS = 1_000
/** UTF-8 bytes of the name of a topic. */
export const TOPIC_BYTES = 256
/** UTF-8 bytes of an id. */
export const ID_BYTES = 128

/** A number of the other side, within what is believed of it. */
export function clamp(value: number | undefined, [least, most, otherwise]: Range): number {
  return Math.min(Math.max(value ?? otherwise, least), most)
}

/** Fields of each type of frame of a server: s string, n finite number, i integer from 0, b boolean, l limits; `?` may be left out. */
const FIELDS: Readonly<Record<string, string>> = {
  welcome: 'conn:s now:n heartbeatMs:n identity:s? authExpiresInMs:n? schema:i? limits:l?',
  subbed: 'topic:s epoch:s seq:i recovered:b',
  gap: 'topic:s from:i? to:i reason:s',
  event: 'topic:s epoch:s seq:i id:s?',
  ok: 'id:s dup:b?',
  err: 'id:s? topic:s? code:s message:s retry:s afterMs:n?',
  authok: 'expiresInMs:n?',
  reauth: '',
  goaway: 'afterMs:n spreadMs:n reason:s?',
  ping: 'n:n?',
  pong: 'n:n?',
}
const LIMITS = 'messageBytes:n? inFlight:n? unacked:n? dedupeMs:n?'

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  s: value => typeof value === 'string',
  n: Number.isFinite,
  i: value => Number.isSafeInteger(value) && Number(value) >= 0,
  b: value => typeof value === 'boolean',
  l: value => isObject(value) && matches(value, LIMITS),
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function matches(frame: Readonly<Record<string, unknown>>, fields: string): boolean {
  return fields.split(' ').every(field => {
    const [name = '', kind = ''] = field.split(':')
    const value = Object.hasOwn(frame, name) ? frame[name] : undefined
    return value === undefined ? !name || kind.endsWith('?') : !!KINDS[kind.charAt(0)]?.(value)
  })
}

/** Whether a parsed frame is one that a server may send, field by field. Fields that are not known do not matter. */
export function isServerFrame(frame: unknown): frame is ServerFrame {
  if (!isObject(frame) || !Object.hasOwn(frame, 't') || typeof frame.t !== 'string') return false
  const fields = Object.hasOwn(FIELDS, frame.t) ? FIELDS[frame.t] : undefined
  return fields !== undefined && matches(frame, fields)
}

/** A type of frame that is not known: to be ignored, and no error. */
export function isUnknownType(frame: unknown): boolean {
  return isObject(frame) && typeof frame.t === 'string' && !Object.hasOwn(FIELDS, frame.t)
}

/** A frame with binary data: the length of the header in 4 bytes, big-endian, the header as JSON, the bytes. */
export function encodeBinary(header: object, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const frame = new Uint8Array(4 + json.length + bytes.length)
  new DataView(frame.buffer).setUint32(0, json.length)
  frame.set(json, 4)
  frame.set(bytes, 4 + json.length)
  return frame
}

/** The header and the bytes of a binary frame. @throws RangeError or SyntaxError when it is none. */
export function decodeBinary(frame: ArrayBuffer): readonly [header: unknown, bytes: Uint8Array<ArrayBuffer>] {
  const length = new DataView(frame).getUint32(0)
  const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(frame, 4, length)))
  return [header, new Uint8Array(frame, 4 + length)]
}
