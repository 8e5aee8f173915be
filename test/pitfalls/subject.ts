import type { Speaks } from './world.ts'

export interface Token {
  readonly token: string
  readonly expiresAt: number
}

/** What a test asks of a client, in nobody's words: a subject says it in its own, and leaves out what it does not have. */
export interface Wish {
  readonly url?: string | (() => string | Promise<string>)
  readonly protocols?: string | null
  /** Attempts after which it gives up. */
  readonly maxAttempts?: number
  /** Without any wait between attempts. */
  readonly instantly?: boolean
  /** Messages that may wait. */
  readonly maxQueued?: number
  /** Watch the connection by pings. */
  readonly heartbeat?: boolean
  /** Whether that code is the end of it. */
  readonly stopOn?: (code: number) => boolean
  readonly provider?: () => Promise<Token>
}

type EventType = 'open' | 'message' | 'error' | 'close'

/** What an event may tell. */
export interface Seen {
  readonly type: string
  readonly data?: unknown
  readonly code?: unknown
  readonly reason?: unknown
  readonly wasClean?: unknown
}

/** A client that every test can use. */
export interface Client {
  readonly readyState: number
  send(data: string): unknown
  close(code?: number, reason?: string): unknown
  /** Drops the connection for another one, where that can be asked for. */
  reconnect?(code?: number, reason?: string): unknown
  listen?(type: EventType, listener: (event: Seen) => void): unknown
  unlisten?(type: EventType, listener: (event: Seen) => void): unknown
  readonly url?: string
  binaryType?: BinaryType
  /** Joins a room on every connection, the way an app does it with this client; the result leaves it. */
  join?(join: string, leave: string): () => unknown
  /** Handlers of its lifecycle events. */
  on?(handler: () => void): unknown
}

/** A client in the shape of the platform's class. */
export type DropIn = Pick<
  WebSocket,
  Exclude<keyof WebSocket, 'extensions' | 'CONNECTING' | 'OPEN' | 'CLOSING' | 'CLOSED'>
>

/** Something that reconnects: Holdfast, a library, or a client as it is commonly written. */
export interface Subject {
  readonly name: string
  /** The package it comes from, if it is a library. */
  readonly package?: string
  /** What it is, or with which options it was run, for readers. */
  readonly about: string
  open(wish?: Wish): Client
  socket?(wish?: Wish): DropIn
  /** What its ping is, and the answer to it. */
  readonly pings?: { readonly ping: string; readonly pong: string }
  readonly speaks?: Speaks
}

export const URL_OF_SERVER = 'wss://feed.example/live'
