import { unexpected } from '../core/resilient-error.ts'
import type { Backoff } from '../core/rules.ts'
import type { TransitionRecord } from '../core/trace.ts'
import type { Clock } from '../runtime/clock.ts'
import type { PageSignals } from '../runtime/page-signals.ts'
import type { WebSocketConstructor } from '../transports/websocket.ts'

/** Sees every transition as one plain record. It can change nothing; one that throws is reported. */
export type Watcher = (record: TransitionRecord) => void

/** The bounds of the outbox. */
export interface OutboxOptions {
  /** Messages it holds. @defaultValue 1000 */
  readonly maxMessages?: number
  /** UTF-8 bytes it holds. @defaultValue 1048576 */
  readonly maxBytes?: number
}

/** Everything but the address. A wrong value, or an option that is not known, throws a {@link ResilientError} `ERR_OPTION` from the constructor. */
export interface Options {
  /** Connect again when a connection is lost. `false`: exactly one connection, like the native class. @defaultValue true */
  readonly reconnect?: boolean
  /** Where messages wait while nothing is open. A full one makes `send()` throw `ERR_OUTBOX_FULL`; nothing is dropped in silence. `false`: `send()` throws InvalidStateError while connecting, like the native class. */
  readonly outbox?: false | OutboxOptions
  /** The delay before the next dial in ms. Called once per wait; `undefined` leaves it to the standard backoff, and one that throws is reported and does too. The dial guard (6 dials in 10 s) holds whatever it answers. @defaultValue fullJitter() */
  readonly backoff?: Backoff
  /** Attempts without a stable connection between, before the socket closes for good. @defaultValue Infinity */
  readonly maxAttempts?: number
  /** How long a dial may take in ms. It grows by half with every failed attempt, to 65 s. `Infinity`: as long as the browser lets it. @defaultValue 10000 */
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

/** The kind of each option, the least number it may be, or the methods that an object must have. */
type Kind = 'boolean' | 'function' | number | readonly string[]
type Kinds<T> = { readonly [K in keyof Required<T>]: Kind }

const OPTIONS: Kinds<Options> = {
  reconnect: 'boolean',
  outbox: [],
  backoff: 'function',
  maxAttempts: 0,
  connectTimeoutMs: 1,
  stableMs: 0,
  startClosed: 'boolean',
  WebSocket: 'function',
  signal: ['addEventListener', 'removeEventListener'],
  watch: 'function',
  clock: ['now', 'wall', 'roll', 'schedule'],
  pageSignals: 'function',
}
const OUTBOX: Kinds<OutboxOptions> = { maxMessages: 0, maxBytes: 0 }

function fits(value: unknown, kind: Kind | undefined): boolean {
  if (typeof kind === 'number') return typeof value === 'number' && value >= kind
  if (typeof kind !== 'object') return typeof value === kind
  return typeof value === 'object' && !!value && kind.every(method => fits(Reflect.get(value, method), 'function'))
}

function expected(kind: Kind | undefined): string {
  if (typeof kind === 'object') return ['an object', ...kind].join(' with ')
  return typeof kind === 'number' ? `a number from ${kind}` : (kind ?? 'absent: no such option')
}

function check(name: string, value: unknown, kind: Kind | undefined): void {
  if (!fits(value, kind)) throw unexpected('ERR_OPTION', name, expected(kind), value)
}

function checkAll(values: object, kinds: Readonly<Record<string, Kind>>, prefix: string): void {
  for (const [name, value] of Object.entries(values)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (value !== undefined || kind === undefined) check(prefix + name, value, kind)
  }
}

/** Throws `ERR_OPTION` for an unknown option, or one of the wrong kind or range. */
export function checkOptions(options: Options): void {
  check('options', options, [])
  const { outbox, ...others } = options
  checkAll(others, OPTIONS, '')
  if (outbox === undefined || outbox === false) return
  check('outbox', outbox, OPTIONS.outbox)
  checkAll(outbox, OUTBOX, 'outbox.')
}
