import { read, unexpected } from '../core/resilient-error.ts'
import type { Backoff } from '../core/rules.ts'
import type { TransitionRecord } from '../core/trace.ts'
import type { AuthProvider, Carry } from '../policies/auth.ts'
import type { CloseRule } from '../policies/close-policy.ts'
import type { Heartbeat } from '../policies/heartbeat.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ConnectionHook } from '../runtime/link.ts'
import type { PageSignals } from '../runtime/page-signals.ts'
import type { SessionFactory } from '../session/layer.ts'
import type { Transport } from '../transports/transport.ts'
import type { WebSocketConstructor } from '../transports/websocket.ts'
import type { DedupeOptions, ResumeOptions } from './continuity.ts'
import type { SendOptions } from './sending.ts'
import type { Subscription } from './subscriptions.ts'

/** Sees every transition as one plain record. It can change nothing; one that throws is reported. */
export type Watcher = (record: TransitionRecord) => void

/** The bounds of the outbox. */
export interface OutboxOptions {
  /** Messages it holds. @defaultValue 1000 */
  readonly maxMessages?: number
  /** UTF-8 bytes it holds. @defaultValue 1048576 */
  readonly maxBytes?: number
  /** What happens to a message that does not fit: `send()` throws `ERR_OUTBOX_FULL`, the oldest ones make room, or it is dropped itself. What is dropped is told by a `discard` event. @defaultValue 'throw' */
  readonly overflow?: 'throw' | 'drop-oldest' | 'drop-newest'
  /** How long a message may wait, in ms; then it is discarded. @defaultValue Infinity */
  readonly ttlMs?: number
  /** UTF-8 bytes that one message may have, whether it waits or not; `send()` throws `ERR_MESSAGE_TOO_BIG` for more. @defaultValue Infinity */
  readonly maxMessageBytes?: number
}

/** Where credentials come from, and how they reach the server. */
export interface AuthOptions {
  readonly provider: AuthProvider
  /** Puts the token into a dial: `subprotocol()`, `firstMessage()`, `ticket()`, or a function of yours. Without one the `url` and `protocols` functions are given it, or a cookie carries the session. */
  readonly carry?: Carry
  /** What a fresh credential means to the connection that was made with the old one: it is replaced at its first 250 ms of silence, at the latest when the old one expires; or it stays, and the next dial uses the fresh one. @defaultValue 'replace' */
  readonly onRotate?: 'replace' | 'keep'
}

/** Everything but the address. A wrong value, or an option that is not known, throws a {@link ResilientError} `ERR_OPTION` from the constructor. */
export interface Options {
  /** Connect again when a connection is lost. `false`: exactly one connection, like the native class. @defaultValue true */
  readonly reconnect?: boolean
  /** Where messages wait while nothing is open. A full one makes `send()` throw `ERR_OUTBOX_FULL`; nothing is dropped in silence. `false`: `send()` throws InvalidStateError while connecting, like the native class. */
  readonly outbox?: false | OutboxOptions
  /** What to do about a close: tables of codes and ranges, and functions, asked in order; the first answer wins, and the standard table stands behind them. Called once per disconnect; one that throws or answers nonsense abstains and is reported. */
  readonly closePolicy?: CloseRule | readonly CloseRule[]
  /** A provider of credentials, or one with how they are carried. Without it a refused credential closes the socket. */
  readonly auth?: AuthProvider | AuthOptions
  /** Run on every connection before it counts as open, within the connect timeout: authenticate, and await the answer. One that throws or rejects is a failed attempt. What arrives meanwhile and it does not claim is delivered after `open`. */
  readonly beforeOpen?: ConnectionHook
  /** For a server that is not ours: asks it, on every connection but the first, for what came after the last message that was handled. */
  readonly resume?: ResumeOptions
  /** Knows a message that came before by its key, and does not deliver it again. With it a connection is replaced without a gap: the next one is ready first. */
  readonly dedupe?: DedupeOptions
  /** How the life of a connection is watched: `ping()`, `expect()`, or an object of yours. Without one a link that dies in silence is noticed when the platform notices, which may take minutes. @defaultValue nobody watches: a server of an unknown protocol might not take a ping well */
  readonly heartbeat?: Heartbeat
  /** The session protocol: `session()` of `holdfast/session`. Nothing is lost and nothing comes twice across reconnects, with a server that speaks it. `beforeOpen`, `subscribe()` and `auth.carry` with a first message are for plain connections: here `hello` carries the token, and topics are subscribed to. */
  readonly session?: SessionFactory
  /** The ways to connect, the preferred one first: `[websocket(), sse(), polling()]`, with `websocket()` of `holdfast`, `sse()` of `holdfast/sse` and `polling()` of `holdfast/polling`. Where the first does not get through, the next one carries the traffic, the state is `degraded`, and a better one is looked for beside it. @defaultValue a WebSocket and nothing else */
  readonly transports?: readonly Transport[]
  /** How long a connection may serve, in ms; it is replaced at 80 to 100 % of that, at a quiet moment, so that a client does not stay on a degraded region for days. @defaultValue Infinity */
  readonly maxAgeMs?: number
  /** The delay before the next dial in ms. Called once per wait; `undefined` leaves it to the standard backoff, and one that throws is reported and does too. The dial guard (6 dials in 10 s) holds whatever it answers. @defaultValue fullJitter() */
  readonly backoff?: Backoff
  /** Attempts without a stable connection between, before the socket closes for good. @defaultValue Infinity */
  readonly maxAttempts?: number
  /** How long a dial may take in ms. It grows by half with every failed attempt, to 65 s. `Infinity`: as long as the browser lets it. @defaultValue 10000; Infinity with `reconnect: false` */
  readonly connectTimeoutMs?: number
  /** How long a connection must be up before earlier attempts are forgotten, in ms. @defaultValue 10000 */
  readonly stableMs?: number
  /** Dial nothing until `reconnect()`. The address is not looked at before. @defaultValue false */
  readonly startClosed?: boolean
  /** The WebSocket class to dial with: `ws` in Node, mock-socket in a test. @defaultValue globalThis.WebSocket, looked up at every dial */
  readonly WebSocket?: WebSocketConstructor
  /** Aborting it closes the socket, as `close()` does. */
  readonly signal?: AbortSignal
  /** Sees every transition, the first dial included; `socket.on('transition')` comes too late for that. */
  readonly watch?: Watcher
  /** Time and chance, for tests. */
  readonly clock?: Clock
  /** What the page says, for runtimes that are no page and know better. @defaultValue the events of `window` and `document`, where there are any */
  readonly pageSignals?: PageSignals
}

/** The auth options, whichever way they were given. */
export function authOf({ auth }: Options): AuthOptions | undefined {
  return typeof auth === 'function' ? { provider: auth } : auth
}

/** The kind of each option, the least number it may be, the methods that an object must have, or the words it may be. */
type Kind = 'boolean' | 'function' | 'class' | 'any' | number | readonly string[] | RegExp
type Kinds<T> = { readonly [K in keyof Required<T>]: Kind }

const OPTIONS: Kinds<Options> = {
  reconnect: 'boolean',
  outbox: 'any',
  closePolicy: 'any',
  auth: 'any',
  beforeOpen: 'function',
  resume: ['cursorOf', 'since'],
  dedupe: ['keyOf'],
  heartbeat: ['judge'],
  session: 'function',
  transports: 'any',
  maxAgeMs: 1,
  backoff: 'function',
  maxAttempts: 0,
  connectTimeoutMs: 1,
  stableMs: 0,
  startClosed: 'boolean',
  WebSocket: 'class',
  signal: ['addEventListener', 'removeEventListener'],
  watch: 'function',
  clock: ['now', 'wall', 'roll', 'schedule'],
  pageSignals: 'function',
}
const OUTBOX: Kinds<OutboxOptions> = {
  maxMessages: 0,
  maxBytes: 0,
  overflow: /^(throw|drop-oldest|drop-newest)$/,
  ttlMs: 0,
  maxMessageBytes: 0,
}
const AUTH: Kinds<AuthOptions> = { provider: 'function', carry: 'function', onRotate: /^(replace|keep)$/ }
const RESUME: Kinds<ResumeOptions> = { cursorOf: 'function', since: 'function' }
const DEDUPE: Kinds<DedupeOptions> = { keyOf: 'function', window: 1 }
const HEARTBEAT: Kinds<Heartbeat> = { judge: 'function', message: 'function', isPong: 'function' }

/** Whether `new` takes it; nothing is called [ECMA-262 §28.1.2]. */
function isClass(value: unknown): boolean {
  try {
    return !!Reflect.construct(Object, [], Object(value))
  } catch {
    return false
  }
}

function fits(path: string, value: unknown, kind: Kind | undefined): boolean {
  if (kind instanceof RegExp) return typeof value === 'string' && kind.test(value)
  if (kind === 'any') return true
  if (kind === 'class') return isClass(value)
  if (typeof kind === 'number') return typeof value === 'number' && value >= kind
  if (typeof kind !== 'object') return typeof value === kind
  const has = (object: object, method: string): boolean =>
    typeof read(object, method, `${path}.${method}`) === 'function'
  return typeof value === 'object' && !!value && kind.every(method => has(value, method))
}

function expected(kind: Kind | undefined): string {
  if (kind instanceof RegExp) return kind.source.slice(2, -2).replaceAll('|', ' or ')
  if (typeof kind === 'object') return ['an object', ...kind].join(' with ')
  return typeof kind === 'number' ? `a number from ${kind}` : (kind ?? 'absent: no such option')
}

function check(path: string, value: unknown, kind: Kind | undefined): void {
  if (!fits(path, value, kind)) throw unexpected('ERR_OPTION', path, expected(kind), value)
}

/** `own`: an object of the app's, and what else it has is its own. */
function checkAll(values: object, kinds: Readonly<Record<string, Kind>>, prefix: string, own?: boolean): void {
  for (const name of new Set([...Object.keys(kinds), ...(own ? [] : Object.keys(values))])) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    const value = read(values, name, prefix + name)
    if (value !== undefined || kind === undefined) check(prefix + name, value, kind)
  }
}

function checkTransports(transports: unknown): void {
  if (!Array.isArray(transports) || !transports.length) {
    throw unexpected('ERR_OPTION', 'transports', 'a list of at least one', transports)
  }
  const names = new Set<unknown>()
  for (const [at, transport] of transports.entries()) {
    const path = `transports[${at}]`
    check(path, transport, ['dial'])
    const name = read(transport, 'name', `${path}.name`)
    if (!name || typeof name !== 'string' || names.has(name)) {
      throw unexpected('ERR_OPTION', `${path}.name`, 'a name that no other one has', name)
    }
    names.add(name)
  }
}

/** Throws `ERR_OPTION` for an unknown option, or one of the wrong kind or range. */
export function checkOptions(options: Options): void {
  check('options', options, [])
  checkAll(options, OPTIONS, '')
  const { outbox, auth, heartbeat, resume, dedupe, transports } = options
  if (resume) checkAll(resume, RESUME, 'resume.')
  if (dedupe) checkAll(dedupe, DEDUPE, 'dedupe.')
  if (transports !== undefined) checkTransports(transports)
  if (heartbeat) checkAll(heartbeat, HEARTBEAT, 'heartbeat.', true)
  if (auth !== undefined && typeof auth !== 'function') {
    check('auth', auth, [])
    checkAll(auth, AUTH, 'auth.')
    check('auth.provider', auth.provider, AUTH.provider)
  }
  if (outbox === undefined || outbox === false) return
  check('outbox', outbox, [])
  checkAll(outbox, OUTBOX, 'outbox.')
}

const SEND: Kinds<SendOptions> = { volatile: 'boolean', ttlMs: 0 }

/** Throws `ERR_OPTION` for a wrong option of `send()`. */
export function checkSendOptions(options: SendOptions): void {
  check('send() options', options, [])
  checkAll(options, SEND, '')
}

/** Throws `ERR_OPTION` for a wrong argument of `subscribe()`. */
export function checkSubscription(key: string, subscription: Subscription): void {
  if (typeof key !== 'string') throw unexpected('ERR_OPTION', 'key', 'a string', key)
  check('subscription', subscription, ['join'])
  checkAll(subscription, { leave: 'function' }, 'subscription.', true)
}
