import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Clock } from './clock.ts'
import type { LimitOptions, RateOptions } from './limits.ts'
import type { Log } from './log.ts'
import type { ServerRecord } from './records.ts'

/** What a client showed. Nothing of it is kept or logged. */
export interface Credentials {
  /** The token of `hello` or `auth`; absent when a cookie is to say who it is. */
  readonly token?: string
  /** Of the handshake, or of the request. Absent outside browsers. */
  readonly origin?: string
  readonly headers: IncomingHttpHeaders
  /** Of the client; see {@link SessionServerOptions.trustProxy}. */
  readonly address: string
  /** `hello`: a new connection, or a request over HTTP. `auth`: fresh credentials on a live one. */
  readonly reason: 'hello' | 'auth'
  /** Aborted when the connection is gone or 10 s are over. */
  readonly signal: AbortSignal
}

/** Who it is. */
export interface Authenticated {
  /** Names the user: what limits, `revoke()` and the deduplication of messages go by. Shown to the client. */
  readonly identity: string
  /** Epoch ms. The connection is closed with 4201 then, unless fresh credentials came. @defaultValue never */
  readonly expiresAt?: number
}

/**
 * Why not: `null` and `'unauthorized'` close with 4400, and the client gives up; `'refresh'` 4200 and `'expired'` 4201:
 * it fetches fresh credentials and dials again; `'revoked'` 4202 likewise; `'forbidden'` 4403, it gives up. To an `auth`
 * on a live connection, `null` is answered as `'refresh'`.
 */
export type Denied = null | 'unauthorized' | 'refresh' | 'expired' | 'revoked' | 'forbidden'

/** Whom a question is about. */
export interface Client {
  /** Absent when the server authenticates nobody. */
  readonly identity?: string
  /** The id of the connection, as both sides log it. */
  readonly conn: string
  readonly address: string
}

/** What somebody wants to do. */
export interface Wish extends Client {
  /** `subscribe`: read a topic, now and after every `auth`. `publish`, `request`: send this one message. */
  readonly action: 'subscribe' | 'publish' | 'request'
  readonly topic: string
  /** The message, as JSON value or bytes; absent for `subscribe`. */
  readonly data?: unknown
}

/** A message on its way to the log, or a request. */
export interface Message extends Client {
  /** The same on every resend. Effects of your own must be idempotent under it: a resend calls the hook again. */
  readonly id: string
  readonly topic: string
  /** A JSON value, or a Uint8Array. */
  readonly data: unknown
  /** Aborted when the connection is gone, or `limits.handlerMs` are over. */
  readonly signal: AbortSignal
}

/** Stored in place of what the client sent: a value for JSON, or a Uint8Array. */
export interface Replacement {
  readonly data: unknown
}

/** How to refuse clients that are too old for the app's messages. */
export interface SchemaOptions {
  /** The server's version, which `welcome` names. */
  readonly version: number
  /** Whether a client of that version is served; otherwise it is closed with 4426. A client that names none is served. @defaultValue the same version */
  readonly accepts?: (version: number) => boolean
}

/** Options of {@link sessionServer}. A wrong value throws a TypeError or a RangeError that names it. */
export interface SessionServerOptions {
  /** Whose upgrades and requests are taken. Without it, give them to `handleUpgrade()` and `handleRequest()`. */
  readonly server?: Server | SecureServer
  /** The path that is served, without a query. Over HTTP it is `{path}/stream`, `{path}/send` and `{path}/poll`. Other paths are left to other listeners, and answered 404 where there are none. @defaultValue every path; over HTTP too, but only where the http server has no other listeners */
  readonly path?: string
  /** Who is it? Asked after the WebSocket is open, because a browser is not told why a handshake failed. One that throws, or takes 10 s, closes with 1011, and the client tries again. @defaultValue everybody is served, without identity */
  readonly authenticate?: (credentials: Credentials) => Authenticated | Denied | Promise<Authenticated | Denied>
  /**
   * Which pages may connect: their origins (`https://app.example.com`), a function, or `'*'` for all. Any page of the web
   * can open a WebSocket, and the browser sends your cookies along; this check is what stops it. Refused with HTTP 403
   * before the upgrade; the page sees `error` and 1006 like for every failed handshake, the log line says why. A client
   * that sends no Origin is no browser, and is let through to `authenticate`. @defaultValue the host that was asked for
   */
  readonly origins?: '*' | readonly string[] | ((origin: string, request: IncomingMessage) => boolean)
  /** How many proxies of yours stand in front: the client's address is that many entries from the end of `X-Forwarded-For`. `true`: one. @defaultValue 0: the address of the socket */
  readonly trustProxy?: boolean | number
  /** May they? Asked per topic, per message, and for every topic again after `auth`. `false` is `err … forbidden`; a thrown {@link Refused} says more. @defaultValue everything is allowed */
  readonly authorize?: (wish: Wish) => boolean | Promise<boolean>
  /** Sees a message before it is stored, and may store another one in its place. Throw {@link Refused} to refuse it. Anything else that is thrown becomes `err … failed`, without its text. Never closes the connection. */
  readonly onMessage?: (message: Message) => undefined | Replacement | Promise<undefined | Replacement>
  /** Answers a request; the answer is sent as JSON, and again when the request comes again within `limits.dedupeMs`. @defaultValue `err … no-requests` */
  readonly onRequest?: (request: Message) => unknown
  /** The truth. @defaultValue memoryLog() */
  readonly log?: Log
  readonly limits?: LimitOptions
  /** Messages in a second, and how many at once. @defaultValue no rates, but `frames` */
  readonly rates?: RateOptions
  /** How often a client is asked for life, in ms, 5,000 to 120,000. Silent for two and a half of these, it is dropped with 4000. @defaultValue 15000 (a quarter of the common idle timeout: nginx, AWS ALB) */
  readonly heartbeatMs?: number
  /** The version of the app's messages. */
  readonly schema?: number | SchemaOptions
  /** Compress messages of so many bytes and more (permessage-deflate). It costs memory for each connection. @defaultValue Infinity: none */
  readonly compressOverBytes?: number
  /** Told of every connection that opened or closed, of what was refused at the door, and of what hooks threw. Of polls and requests that send, only of those that were refused or closed by this server. Holds no token. @defaultValue what hooks threw goes to console.error */
  readonly onLog?: (record: ServerRecord) => void
  /** Time and chance, for tests. */
  readonly clock?: Clock
}
