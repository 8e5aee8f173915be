import { ResilientError, unexpected } from '../core/resilient-error.ts'
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

/** Everything but the address. A wrong value throws a {@link ResilientError} `ERR_OPTION` from the constructor. */
export interface Options {
  /** Connect again when a connection is lost. `false`: exactly one connection, like the native class. @defaultValue true */
  readonly reconnect?: boolean
  /** Where messages wait while nothing is open. A full one makes `send()` throw `ERR_OUTBOX_FULL`; nothing is dropped in silence. `false`: `send()` throws InvalidStateError while connecting, like the native class. */
  readonly outbox?: false | OutboxOptions
  /** The delay before the next dial in ms. Called once per wait; `undefined` leaves it to the standard backoff, and one that throws is reported and does too. The dial guard (6 dials in 10 s) holds whatever it answers. @defaultValue fullJitter() */
  readonly backoff?: Backoff
  /** Attempts without a stable connection between, before the socket closes for good. 0: like `reconnect: false`. @defaultValue Infinity */
  readonly maxAttempts?: number
  /** How long a dial may take in ms. It grows by half with every failed attempt, to 65 s. @defaultValue 10000 */
  readonly connectTimeoutMs?: number
  /** How long a connection must be up before earlier attempts are forgotten, in ms. @defaultValue 10000 */
  readonly stableMs?: number
  /** Dial nothing until `reconnect()`. The address is not looked at before. @defaultValue false */
  readonly startClosed?: boolean
  /** The WebSocket class to dial with: `ws` in Node, mock-socket in a test. @defaultValue globalThis.WebSocket, looked up at every dial */
  readonly WebSocket?: WebSocketConstructor
  /** Aborting it closes the socket, as `close()` does. */
  readonly signal?: AbortSignal
  /** Watchers that see the first dial too; `socket.on('transition')` comes later than that. */
  readonly watch?: Watcher | readonly Watcher[]
  /** Time and chance, for tests. */
  readonly clock?: Clock
  /** What the page says; `false` for nothing. For runtimes that are no page and know better. */
  readonly pageSignals?: false | PageSignals
}

type Check = readonly [expected: string, holds: (value: unknown) => boolean]

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const flag: Check = ['true or false', value => typeof value === 'boolean']
const callable: Check = ['a function', isFunction]
const number = (from: number, to: number, unit = ''): Check => [
  `a number from ${from} to ${to}${unit}`,
  value => typeof value === 'number' && value >= from && value <= to,
]
const ms = (from: number, to: number): Check => number(from, to, ' (ms)')

const checks: { readonly [K in keyof Required<Options>]: Check } = {
  reconnect: flag,
  outbox: ['false or an object', value => value === false || isObject(value)],
  backoff: callable,
  maxAttempts: number(0, Infinity),
  connectTimeoutMs: ms(1, 600_000),
  stableMs: ms(0, 3_600_000),
  startClosed: flag,
  WebSocket: callable,
  signal: ['an AbortSignal', value => isObject(value) && 'aborted' in value],
  watch: [
    'a function or a list of them',
    value => isFunction(value) || (Array.isArray(value) && value.every(isFunction)),
  ],
  clock: ['an object with now, wall, roll and schedule', value => isObject(value) && 'schedule' in value],
  pageSignals: ['false or a function', value => value === false || isFunction(value)],
}

const bounds: { readonly [K in keyof Required<OutboxOptions>]: Check } = {
  maxMessages: number(0, Infinity),
  maxBytes: number(0, Infinity),
}

function check(values: object, table: Readonly<Record<string, Check>>, prefix = ''): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const known = Object.hasOwn(table, name) && table[name]
    if (!known) {
      throw new ResilientError(
        'ERR_OPTION',
        `Unknown option \`${prefix}${name}\`; known: ${Object.keys(table).join(', ')}.`,
      )
    }
    const [expected, holds] = known
    if (!holds(value)) throw unexpected('ERR_OPTION', prefix + name, expected, value)
  }
}

/** Throws `ERR_OPTION` for an unknown option, or one of the wrong type or range. */
export function checkOptions(options: Options): void {
  if (!isObject(options)) throw unexpected('ERR_OPTION', 'options', 'an object', options)
  check(options, checks)
  if (options.outbox) check(options.outbox, bounds, 'outbox.')
}
