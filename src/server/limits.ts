import { CLAMPS } from '../session/frames.ts'

/** How fast: a bucket of `burst` tokens that `perSecond` refill. */
export interface Rate {
  readonly perSecond: number
  /** @defaultValue one second's worth, at least 1 */
  readonly burst?: number
}

/** Rates of messages. One that comes too fast is `err … rate` with `afterMs`, and waits at the client. */
export interface RateOptions {
  /** Messages of one connection; over HTTP, of one client, however many its requests. @defaultValue none */
  readonly connection?: Rate
  /** Messages of one identity, over all its connections to this server. @defaultValue none */
  readonly identity?: Rate
  /** Messages to one topic, whoever sends them to this server. @defaultValue none */
  readonly topic?: Rate
  /** Messages of one connection, by type; over HTTP as above. */
  readonly type?: Readonly<Record<string, Rate>>
  /** The type of a message, for `type`. @defaultValue its field `type` */
  readonly typeOf?: (data: unknown) => unknown
  /** Frames of any kind on one connection, pings of the WebSocket included; over HTTP as above. Beyond it the connection is closed with 4300. @defaultValue 5000 a second, 10000 at once */
  readonly frames?: Rate
}

/** What one client may cost. */
export interface LimitOptions {
  /** UTF-8 bytes of the data of a message. Told to the client; a bigger one is `err … too-big`. A frame of more than twice that and 64 KiB ends the connection with 1009. @defaultValue 1048576 */
  readonly messageBytes?: number
  /** Messages of one connection that wait for `ok`. Told to the client; the next one is `err … in-flight`. @defaultValue 64 */
  readonly inFlight?: number
  /** Events on their way to one connection that it has not acknowledged. Further ones stay in the log. @defaultValue 256 */
  readonly unacked?: number
  /** How long the id of a message is remembered, in ms: the longest absence after which a resend is still recognised. Told to clients; kept for a minute longer, for one that is on its way. @defaultValue 120000 */
  readonly dedupeMs?: number
  /** Topics of one connection. @defaultValue 1000 */
  readonly topics?: number
  /** Connections to this server; the next handshake or request is answered 503. Requests that send are counted apart, here and below: a page that listens over HTTP needs one too. @defaultValue Infinity */
  readonly connections?: number
  /** Connections of one identity; the next one is closed with 4301. @defaultValue Infinity */
  readonly connectionsPerIdentity?: number
  /** Connections of one address (IPv6: of one /64 network); the next one is closed with 4302. @defaultValue Infinity: offices and mobile networks share one */
  readonly connectionsPerAddress?: number
  /** Bytes that wait in this server for a slow reader. Events beyond it stay in the log. @defaultValue 1048576 */
  readonly bufferedBytes?: number
  /** How long so many may wait before the reader is disconnected with 4001, to resume where it was. @defaultValue 10000 */
  readonly slowMs?: number
  /** How long a hook may take for one message; then it is `err … timeout`, and the next one is handled. @defaultValue 30000 */
  readonly handlerMs?: number
}

export type Limits = Required<LimitOptions>

const LIMITS: Readonly<Record<keyof Limits, readonly [least: number, otherwise: number]>> = {
  messageBytes: [CLAMPS.messageBytes[0], CLAMPS.messageBytes[2]],
  inFlight: [CLAMPS.inFlight[0], CLAMPS.inFlight[2]],
  unacked: [CLAMPS.unacked[0], CLAMPS.unacked[2]],
  dedupeMs: [CLAMPS.dedupeMs[0], CLAMPS.dedupeMs[2]],
  topics: [1, 1_000],
  connections: [1, Infinity],
  connectionsPerIdentity: [1, Infinity],
  connectionsPerAddress: [1, Infinity],
  bufferedBytes: [1_024, 1_048_576],
  slowMs: [0, 10_000],
  handlerMs: [1, 30_000],
}

/** A client believes no more than that. */
const MOST: Partial<Readonly<Record<string, number>>> = { inFlight: CLAMPS.inFlight[1], unacked: CLAMPS.unacked[1] }

/** A number that an option must be. @throws RangeError otherwise. */
export function numberFrom(name: string, value: unknown, least: number, most: number = Infinity): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  const range = most === Infinity ? `from ${least} up` : `from ${least} to ${most}`
  const got = typeof value === 'number' ? `${value}` : typeof value
  throw new RangeError(`Expected \`${name}\` to be a number ${range}, got ${got}.`)
}

/** Whatever is misspelt must not be ignored. @throws TypeError. */
export function refuseOthers(name: string, given: object, known: Iterable<string>): void {
  const names = new Set(known)
  for (const key of Object.keys(given)) {
    if (!names.has(key)) throw new TypeError(`Expected \`${name}${key}\` to be absent: there is no such option.`)
  }
}

/** The limits in full. @throws RangeError or TypeError that names the one that is wrong. */
export function limitsOf(given: LimitOptions = {}): Limits {
  refuseOthers('limits.', given, Object.keys(LIMITS))
  const of = (name: keyof Limits): number => {
    const [least, otherwise] = LIMITS[name]
    return numberFrom(`limits.${name}`, given[name] ?? otherwise, least, MOST[name])
  }
  return {
    messageBytes: of('messageBytes'),
    inFlight: of('inFlight'),
    unacked: of('unacked'),
    dedupeMs: of('dedupeMs'),
    topics: of('topics'),
    connections: of('connections'),
    connectionsPerIdentity: of('connectionsPerIdentity'),
    connectionsPerAddress: of('connectionsPerAddress'),
    bufferedBytes: of('bufferedBytes'),
    slowMs: of('slowMs'),
    handlerMs: of('handlerMs'),
  }
}
