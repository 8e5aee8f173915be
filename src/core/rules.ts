import type { Ending } from './disconnect.ts'

/** What a close policy may answer; `undefined` abstains. */
export type Answer =
  | 'retry'
  /** Retry in the slow window. */
  | 'retry-slowly'
  /** Fetch a fresh credential first; without an auth provider this stops. */
  | 'refresh-auth'
  /** Retry on the next transport. */
  | 'fall-back'
  | 'stop'
  /** Retry after exactly this long, in ms, from 0 to 600,000. */
  | { readonly afterMs: number }

/** What a backoff function is asked. */
export interface BackoffQuestion {
  /** Which attempt the wait is for: 1 after the first failure. */
  readonly attempt: number
  /** The delay drawn before, in ms; 0 at first. */
  readonly previousMs: number
  /** How long it has been failing, in ms: since the first failure after a stable connection. A connection that opens and closes does not end that. */
  readonly failingMs: number
  /** A policy or the server asked to go slow. */
  readonly slow: boolean
  /** Chance, uniform in [0, 1): use it instead of `Math.random()`, and the delay can be replayed. */
  readonly roll: number
}

/** A backoff: the delay before the next dial in ms. `undefined` leaves it to the standard one. */
export type Backoff = (question: BackoffQuestion) => number | undefined

/** A close policy: what to do about a disconnect. `undefined` abstains. */
export type ClosePolicy = (ending: Ending) => Answer | undefined

/** What a heartbeat is asked about the connection that serves. Spans in ms. */
export interface Pulse {
  /** Since it opened. */
  readonly openMs: number
  /** Since something was last heard, since it opened, or since the machine woke up. */
  readonly silentMs: number
  /** Since the first ping that nothing has answered; `null` when none is out. Anything heard is an answer. */
  readonly askedMs: number | null
  /** Pings since then. */
  readonly pings: number
  /** The last measured round trip; `null` before the first. */
  readonly roundTripMs: number | null
  /** Messages came at least every 3 s. */
  readonly flowing: boolean
  /** Since when the app awaits an answer (`receive()`); `null` when it does not. */
  readonly awaitedMs: number | null
  /** Something says that the connection may not have survived: the machine slept that long, or the page came back (0). `null` when nothing does. */
  readonly sleptMs: number | null
  /** How often to ask, as learnt from connections that were cut after the same silence; `null` when nothing was. */
  readonly learntMs: number | null
  /** How late the timer was. */
  readonly lateMs: number
}

/** What a heartbeat answers. */
export type Beat =
  /** It lives as far as anybody knows: ask again in `ms`, at the earliest in 50 ms; `null` leaves it to events. */
  | { readonly type: 'wait'; readonly ms: number | null }
  /** Ask for a sign of life, and ask the heartbeat again in `ms`. */
  | { readonly type: 'ping'; readonly ms: number }
  /** It is dead. It is asked once more: a macrotask later, or a second later when the timer was late. */
  | { readonly type: 'dead' }

/** How the machine watches over a connection that serves. */
export interface LifeRule {
  /** It can ask for a sign of life. */
  readonly pings: boolean
  judge(pulse: Pulse): Beat
}

/** What the machine runs by: the app's choices. The numbers nobody has to choose stand in limits.ts. */
export interface Rules {
  /** Names of the transports, the preferred one first. */
  readonly transports: readonly string[]
  /** Something has to be fetched before every dial: a URL or protocols from a function. */
  readonly authorizes: boolean
  /** There is an auth provider. */
  readonly credentials: boolean
  /** Two connections may overlap (session or dedupe), so a handover dials before it retires. */
  readonly overlaps: boolean
  /** A fresh credential replaces the connection that was made with the old one. */
  readonly rotates: boolean
  /** How long a connection serves before it is replaced, in ms; `Infinity` for as long as it lasts. */
  readonly maxAgeMs: number
  /** `null`: nobody watches. */
  readonly life: LifeRule | null
  /** Nobody watches, and still a connection that slept for long is presumed dead. */
  readonly presumes: boolean
  readonly decide: ClosePolicy
  /** Always answers here: the standard backoff stands behind the app's. */
  readonly backoff: (question: BackoffQuestion) => number
  readonly maxAttempts: number
  readonly stableMs: number
  readonly connectTimeoutMs: number
}
