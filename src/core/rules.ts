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
  /** How long nothing has carried traffic, in ms. */
  readonly downMs: number
  /** A policy or the server asked to go slow. */
  readonly slow: boolean
  /** Chance, uniform in [0, 1): use it instead of `Math.random()`, and the delay can be replayed. */
  readonly roll: number
}

/** A backoff: the delay before the next dial in ms. `undefined` leaves it to the standard one. */
export type Backoff = (question: BackoffQuestion) => number | undefined

/** A close policy: what to do about a disconnect. `undefined` abstains. */
export type ClosePolicy = (ending: Ending) => Answer | undefined

/** The numbers the machine runs by; the defaults and their reasons stand in {@link standardRules}. */
export interface Limits {
  readonly maxAttempts: number
  readonly stableMs: number
  readonly connectTimeoutMs: number
  readonly connectTimeoutGrowth: number
  readonly connectTimeoutCapMs: number
  readonly guardDials: number
  readonly guardWindowMs: number
  readonly evidenceDelayMs: number
  readonly evidenceForMs: number
  readonly hungDialMs: number
  readonly offlineEveryMs: number
  readonly hiddenPauseMs: number
  readonly limitedAfterMs: number
  readonly serverDelayCapMs: number
  readonly maxRefusals: number
}

/** Everything the machine runs by. */
export interface Rules extends Limits {
  /** Names of the transports, the preferred one first. */
  readonly transports: readonly string[]
  /** Something has to be fetched before every dial: a URL or protocols from a function. */
  readonly authorizes: boolean
  /** There is an auth provider. */
  readonly credentials: boolean
  /** Two connections may overlap (session or dedupe), so a handover dials before it retires. */
  readonly overlaps: boolean
  readonly decide: ClosePolicy
  /** Always answers here: the driver puts the standard backoff behind the app's. */
  readonly backoff: (question: BackoffQuestion) => number
}

/** Every default number of the machine, with its reason. */
export const standardRules: Limits = {
  /** A first failure is not final, and neither is a hundredth: only the app knows when to give up. */
  maxAttempts: Infinity,
  /** Attempts are forgotten after 10 s of being up: a server that accepts and closes looks open each time (290 dials in 10 s in libraries that reset on open). */
  stableMs: 10_000,
  /** First connect timeout: three TCP SYN retransmissions (1 + 2 + 4 s, RFC 6298) and a TLS handshake fit. */
  connectTimeoutMs: 10_000,
  /** It grows by half per failed attempt: with a short fixed one an overloaded server pays for handshakes that nobody waits for. */
  connectTimeoutGrowth: 1.5,
  /** Firefox parks dials to a host that just failed for up to 60 s. */
  connectTimeoutCapMs: 65_000,
  /** At most six dials… */
  guardDials: 6,
  /** …in any 10 s. A server counts arrivals, and a first handshake is slower than a seventh: hence 250 ms on top. */
  guardWindowMs: 10_250,
  /** Local evidence replaces a wait by 0 to 0.5 s: a whole office may come back at once. */
  evidenceDelayMs: 500,
  /** Evidence counts for 10 s, and shortens a wait at most once in 10 s: a flapping interface must not defeat backoff. */
  evidenceForMs: 10_000,
  /** A dial older than the initial retransmission timeout (1 s, RFC 6298 §2) has lost its SYN when the network comes back. */
  hungDialMs: 1_000,
  /** While the browser says offline: one dial per 30 s. Never none, `navigator.onLine` is wrong on LANs and localhost. */
  offlineEveryMs: 30_000,
  /** A page hidden for an hour waits until somebody looks. */
  hiddenPauseMs: 3_600_000,
  /** After a minute without traffic the app is told to work offline. */
  limitedAfterMs: 60_000,
  /** No server may park a client for longer than 10 min. */
  serverDelayCapMs: 600_000,
  /** The third refused credential in a row is final. */
  maxRefusals: 3,
}
