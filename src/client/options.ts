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

/** The kind of each option, or the least number it may be. */
type Kinds<T> = { readonly [K in keyof Required<T>]: 'boolean' | 'function' | 'object' | number }

const OPTIONS: Kinds<Options> = {
  reconnect: 'boolean',
  outbox: 'object',
  backoff: 'function',
  maxAttempts: 0,
  connectTimeoutMs: 1,
  stableMs: 0,
  startClosed: 'boolean',
  WebSocket: 'function',
  signal: 'object',
  watch: 'function',
  clock: 'object',
  pageSignals: 'function',
}
const OUTBOX: Kinds<OutboxOptions> = { maxMessages: 0, maxBytes: 0 }

function check(values: object, kinds: Readonly<Record<string, string | number>>, prefix: string): void {
  if (typeof values !== 'object' || !values) throw unexpected('ERR_OPTION', prefix || 'options', 'an object', values)
  for (const [name, value] of Object.entries(values)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : 'absent: no such option'
    const least = typeof kind === 'number'
    const fits = least ? typeof value === 'number' && value >= kind : typeof value === kind && value !== null
    if (value !== undefined && !fits) {
      throw unexpected('ERR_OPTION', prefix + name, least ? `a number from ${kind}` : `${kind}`, value)
    }
  }
}

/** Throws `ERR_OPTION` for an unknown option, or one of the wrong kind or range. */
export function checkOptions(options: Options): void {
  const { outbox, ...others } = options
  check(others, OPTIONS, '')
  if (outbox !== undefined && outbox !== false) check(outbox, OUTBOX, 'outbox.')
}
