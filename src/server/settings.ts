import { CLAMPS } from '../session/frames.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Limits, limitsOf, numberFrom, type Rate, type RateOptions, refuseOthers } from './limits.ts'
import type { SessionServerOptions } from './options.ts'
import type { ServerRecord } from './records.ts'

/** A client that floods is slowed down by its own messages long before; this is for those that do not listen. */
const FRAMES: Rate = { perSecond: 5_000, burst: 10_000 }

/** The options, checked and complete. */
export interface Settings
  extends Pick<SessionServerOptions, 'path' | 'authenticate' | 'origins' | 'authorize' | 'onMessage' | 'onRequest'> {
  readonly limits: Limits
  readonly rates: RateOptions & { readonly frames: Rate }
  readonly heartbeatMs: number
  /** Proxies in front. */
  readonly proxies: number
  readonly schema: { readonly version: number; readonly accepts: (version: number) => boolean } | undefined
  readonly compressOverBytes: number
  readonly onLog: (record: ServerRecord) => void
  readonly clock: Clock
}

const KNOWN: { readonly [K in keyof Required<SessionServerOptions>]: 'function' | 'any' } = {
  server: 'any',
  path: 'any',
  authenticate: 'function',
  origins: 'any',
  trustProxy: 'any',
  authorize: 'function',
  onMessage: 'function',
  onRequest: 'function',
  log: 'any',
  limits: 'any',
  rates: 'any',
  heartbeatMs: 'any',
  schema: 'any',
  compressOverBytes: 'any',
  onLog: 'function',
  clock: 'any',
}

function checkRate(name: string, rate: Rate | undefined): void {
  if (rate === undefined) return
  if (typeof rate !== 'object' || rate === null) {
    throw new TypeError(`Expected \`${name}\` to be { perSecond, burst? }, got ${typeof rate}.`)
  }
  refuseOthers(`${name}.`, rate, ['perSecond', 'burst'])
  numberFrom(`${name}.perSecond`, rate.perSecond, Number.MIN_VALUE)
  if (rate.burst !== undefined) numberFrom(`${name}.burst`, rate.burst, 1)
}

function ratesOf(given: RateOptions = {}): Settings['rates'] {
  const { connection, identity, topic, type, typeOf, frames = FRAMES, ...others } = given
  refuseOthers('rates.', others, [])
  checkRate('rates.connection', connection)
  checkRate('rates.identity', identity)
  checkRate('rates.topic', topic)
  checkRate('rates.frames', frames)
  for (const [name, rate] of Object.entries(type ?? {})) checkRate(`rates.type.${name}`, rate)
  if (typeOf !== undefined && typeof typeOf !== 'function') {
    throw new TypeError(`Expected \`rates.typeOf\` to be a function, got ${typeof typeOf}.`)
  }
  return { ...given, frames }
}

function schemaOf(given: SessionServerOptions['schema']): Settings['schema'] {
  if (given === undefined) return undefined
  const { version, accepts = (other: number) => other === version } =
    typeof given === 'number' ? { version: given } : given
  if (!(Number.isSafeInteger(version) && version >= 0)) {
    throw new RangeError(`Expected \`schema\` to be an integer from 0 up, got ${typeof version}.`)
  }
  return { version, accepts }
}

function proxiesOf(trust: SessionServerOptions['trustProxy'] = 0): number {
  return typeof trust === 'boolean' ? Number(trust) : numberFrom('trustProxy', trust, 0)
}

function checkOrigins(origins: SessionServerOptions['origins']): void {
  if (origins === undefined || origins === '*' || typeof origins === 'function') return
  if (!Array.isArray(origins)) throw new TypeError("Expected `origins` to be '*', a list or a function.")
  for (const origin of origins) {
    // As a browser writes it: a path or a trailing slash would never match.
    if (origin !== 'null' && !(URL.canParse(origin) && new URL(origin).origin === origin)) {
      throw new TypeError(`Expected \`origins\` to hold origins such as https://app.example.com, got ${origin}.`)
    }
  }
}

/** What hooks threw is not lost where nobody listens. */
function toConsole(record: ServerRecord): void {
  if (record.type === 'failed') console.error(`holdfast: ${record.line}`, record.error)
}

/** The options in full. @throws TypeError or RangeError that names the option. */
export function settingsOf(options: SessionServerOptions): Settings {
  refuseOthers('', options, Object.keys(KNOWN))
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.entries(KNOWN).find(([known]) => known === name)?.[1]
    if (kind === 'function' && value !== undefined && typeof value !== 'function') {
      throw new TypeError(`Expected \`${name}\` to be a function, got ${typeof value}.`)
    }
  }
  const { path, authenticate, origins, authorize, onMessage, onRequest, onLog = toConsole } = options
  if (path !== undefined && !(typeof path === 'string' && path.startsWith('/') && !path.includes('?'))) {
    throw new TypeError('Expected `path` to begin with / and to have no query.')
  }
  checkOrigins(origins)
  const [least, most, otherwise] = CLAMPS.heartbeatMs
  return {
    ...(path !== undefined && { path }),
    ...(authenticate && { authenticate }),
    ...(origins !== undefined && { origins }),
    ...(authorize && { authorize }),
    ...(onMessage && { onMessage }),
    ...(onRequest && { onRequest }),
    limits: limitsOf(options.limits),
    rates: ratesOf(options.rates),
    heartbeatMs: numberFrom('heartbeatMs', options.heartbeatMs ?? otherwise, least, most),
    proxies: proxiesOf(options.trustProxy),
    schema: schemaOf(options.schema),
    compressOverBytes: numberFrom('compressOverBytes', options.compressOverBytes ?? Infinity, 0),
    onLog,
    clock: options.clock ?? systemClock,
  }
}
