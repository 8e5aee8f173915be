import type { Transport } from './wire.ts'

/** Who ended a connection: we, they, or whatever lies between. */
export type EndedBy = 'server' | 'client' | 'network'

export interface RecordPlace {
  /** Epoch ms. */
  readonly at: number
  /** The record in words: one line, without a secret. */
  readonly line: string
}

/** One thing that happened at a server. Plain values, but for `error`; no token, no header, no message. */
export type ServerRecord = RecordPlace &
  (
    | {
        readonly type: 'open'
        readonly transport: Transport
        readonly conn: string
        readonly address: string
        readonly identity?: string
        readonly topics: number
      }
    | {
        readonly type: 'close'
        readonly transport: Transport
        /** Absent when no `hello` came. */
        readonly conn?: string
        readonly address: string
        readonly identity?: string
        readonly code: number
        readonly reason: string
        readonly by: EndedBy
        readonly lifeMs: number
        readonly framesIn: number
        readonly framesOut: number
      }
    /** A handshake, or a request, that was refused with an HTTP status. */
    | {
        readonly type: 'refused'
        /** Absent when what was asked for is nothing that is served. */
        readonly transport?: Transport
        readonly address: string
        readonly status: number
        readonly why: string
      }
    /** A hook or the log threw something else than a refusal. */
    | { readonly type: 'failed'; readonly where: string; readonly conn?: string; readonly error: unknown }
    | { readonly type: 'log'; readonly available: boolean }
    | { readonly type: 'drain'; readonly connections: number; readonly withinMs: number }
  )

type Without<T> = T extends unknown ? Omit<T, keyof RecordPlace> : never
/** A record before it has its time and its line. */
export type Happening = Without<ServerRecord>

/** Of the other side: quoted, so that it cannot look like a line of its own, and cut. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 128 ? `${text.slice(0, 128)}…` : text)
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
const who = (identity: string | undefined): string => (identity === undefined ? '' : ` of ${quoted(identity)}`)

/** What was thrown, by its name alone: its text may hold whatever the app put into it. */
function nameOf(error: unknown): string {
  try {
    return error instanceof Error ? quoted(error.name) : `a ${typeof error}`
  } catch {
    return 'something'
  }
}

/** WebSockets are what goes without saying. */
const over = (transport: Transport): string => (transport === 'websocket' ? '' : ` over HTTP (${transport})`)

const ENDED: Readonly<Record<EndedBy, string>> = {
  server: 'closed by this server',
  client: 'closed by the client',
  network: 'lost',
}

const REFUSED: Readonly<Record<Transport, string>> = {
  websocket: 'handshake',
  stream: 'stream',
  poll: 'poll',
  send: 'sending',
}

function lineOf(happening: Happening): string {
  switch (happening.type) {
    case 'open':
      return `${quoted(happening.conn)}${who(happening.identity)} from ${happening.address}${over(happening.transport)} open, ${happening.topics} topics`
    case 'close': {
      const { conn, transport, identity, address, code, reason, by, lifeMs, framesIn, framesOut } = happening
      const what = conn === undefined ? 'a connection without hello' : quoted(conn)
      const why = reason ? ` ${quoted(reason)}` : ''
      return `${what}${who(identity)} from ${address}${over(transport)} ${ENDED[by]}: ${code}${why} after ${seconds(lifeMs)}, ${framesIn} in / ${framesOut} out`
    }
    case 'refused':
      return `${REFUSED[happening.transport ?? 'websocket']} from ${happening.address} refused with HTTP ${happening.status}: ${happening.why}`
    case 'failed':
      return `${happening.where} threw ${nameOf(happening.error)}${happening.conn === undefined ? '' : ` for ${quoted(happening.conn)}`}; see \`error\``
    case 'log':
      return happening.available ? 'the log is available again' : 'the log is unavailable: nothing is acknowledged'
    case 'drain':
      return `draining ${happening.connections} connections within ${seconds(happening.withinMs)}`
  }
}

/** Completes a record. */
export function recorded(happening: Happening, at: number): ServerRecord {
  return { ...happening, at, line: lineOf(happening) }
}
