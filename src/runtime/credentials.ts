import { asOwn, ResilientError, unexpected } from '../core/resilient-error.ts'
import type { AuthProvider, AuthReason, Credential, ProvidedCredential } from '../policies/auth.ts'

/** One call of a provider, and everyone who waits for it. */
interface Flight {
  readonly abort: AbortController
  readonly waiters: Set<Waiter>
  /** It began in this very task: whoever asks for a fresh one now is answered by it. */
  young: boolean
}

interface Waiter {
  readonly done: (answer: ProvidedCredential) => void
  readonly failed: (cause: unknown) => void
}

// By provider and not by socket: two sockets that redeem the same rotating refresh token log the user out.
const flights = new WeakMap<AuthProvider, Flight>()

/** Joins the call that is under way, or begins one; `fresh` begins one in any case, for those who wait already too. The result leaves: the last one to leave aborts it. */
function join(provider: AuthProvider, reason: AuthReason, fresh: boolean, waiter: Waiter): () => void {
  const known = flights.get(provider)
  const waiters = known?.waiters ?? new Set()
  waiters.add(waiter)
  if (!known || (fresh && !known.young)) {
    known?.abort.abort()
    const flight: Flight = { abort: new AbortController(), waiters, young: true }
    flights.set(provider, flight)
    queueMicrotask(() => {
      flight.young = false
    })
    const settle = (tell: (waiter: Waiter) => void): void => {
      if (flights.get(provider) !== flight) return
      flights.delete(provider)
      waiters.forEach(tell)
    }
    // In a promise: one that throws at once has failed like one that rejects.
    new Promise<ProvidedCredential>(resolve => resolve(provider({ reason, signal: flight.abort.signal }))).then(
      answer => settle(each => each.done(answer)),
      cause => settle(each => each.failed(cause)),
    )
  }
  return () => {
    waiters.delete(waiter)
    const flight = flights.get(provider)
    if (waiters.size || flight?.waiters !== waiters) return
    flights.delete(provider)
    flight.abort.abort()
  }
}

type Parsed = { readonly [K in keyof Credential]-?: Credential[K] | undefined }

/** An answer taken apart; throws for one that is none. */
function parsed(answer: string | Credential | undefined, wall: number): Parsed {
  const credential = typeof answer === 'string' ? { token: answer } : (answer ?? {})
  const wrong = (field: string, expected: string, got: unknown): ResilientError =>
    unexpected('ERR_PROVIDER', `auth()${field}`, expected, got)
  if (typeof credential !== 'object' || Array.isArray(credential)) {
    throw wrong('', 'a token, { token, expiresAt, identity }, or null', answer)
  }
  const { token, expiresAt, identity } = credential
  if (token !== undefined && (typeof token !== 'string' || !token)) throw wrong('.token', 'a string, not empty', token)
  if (identity !== undefined && typeof identity !== 'string') throw wrong('.identity', 'a string', identity)
  // A Date and a string of digits compare like numbers, and are none.
  if (expiresAt !== undefined && !(typeof expiresAt === 'number' && expiresAt > wall && expiresAt < Infinity)) {
    throw wrong('.expiresAt', `epoch milliseconds after now (${wall}), not seconds`, expiresAt)
  }
  // What was looked at: a getter may answer otherwise the next time.
  return { token, expiresAt, identity }
}

/** How a fetch ended. */
export interface Fetched {
  /** `changed`: of another identity. `same`: the token that there was. */
  readonly done: (expiresAt: number | null, changed: boolean, same: boolean) => void
  /** `refused`: it is the very credential that the server refused. */
  readonly failed: (refused: boolean) => void
  readonly signedOut: () => void
  readonly report: (error: ResilientError) => void
}

/** What is known of a token. */
interface Known {
  readonly token: string
  readonly expiresAt: number | undefined
  readonly refused: boolean
}

const NONE: readonly Known[] = []
/** How many tokens are remembered: a provider with a stale cache hands out the one before the last, not last week's. */
const REMEMBERED = 8

/** The credential of one socket. Its value never leaves the runtime. */
export class Credentials {
  /** What the next dial carries; `undefined` where a cookie does. */
  token: string | undefined
  #identity: string | undefined
  /** The last tokens, oldest first. */
  #known = NONE
  #leave: (() => void) | undefined
  readonly #provider: AuthProvider

  constructor(provider: AuthProvider) {
    this.#provider = provider
  }

  /** Fetches a fresh one, instead of what was asked for before. */
  fetch(reason: AuthReason, fresh: boolean, wall: () => number, { done, failed, signedOut, report }: Fetched): void {
    const before = this.#leave
    const take = (answer: ProvidedCredential): void => {
      this.#leave = undefined
      if (answer === null) {
        signedOut()
        return
      }
      const now = wall()
      const { token, expiresAt, identity } = parsed(answer, now)
      const known = token === undefined ? undefined : this.#known.find(each => each.token === token)
      if (known?.refused) {
        report(new ResilientError('ERR_PROVIDER', '`auth` answered with a token that the server has refused.'))
        failed(true)
        return
      }
      // The same token again, without a word about its expiry: what is known of it stays known.
      const expires = expiresAt ?? known?.expiresAt
      const replaced = reason === 'expiring' || reason === 'expired'
      const longer = (expires ?? 0) > (known?.expiresAt ?? 0)
      const same = token !== undefined && token === this.token
      if ((expires ?? Infinity) <= now || (replaced && same && !longer)) {
        report(new ResilientError('ERR_PROVIDER', '`auth` answered with the token that was to be replaced.'))
        failed(false)
        return
      }
      const changed = identity !== undefined && this.#identity !== undefined && identity !== this.#identity
      this.token = token
      this.#remember(token, expires, false)
      this.#identity = identity ?? this.#identity
      done(expires ?? null, changed, same)
    }
    const fail = (cause: unknown): void => {
      this.#leave = undefined
      report(asOwn(cause, 'ERR_PROVIDER', '`auth` failed; backing off.'))
      failed(false)
    }
    this.#leave = join(this.#provider, reason, fresh, {
      done: answer => {
        try {
          take(answer)
        } catch (cause) {
          fail(cause)
        }
      },
      failed: fail,
    })
    before?.()
  }

  /** It is being fetched. */
  get pending(): boolean {
    return this.#leave !== undefined
  }

  /** The server refused that token: it is not dialled with again. */
  refuse(token: string | undefined): void {
    const known = this.#known.find(each => each.token === token)
    this.#remember(token, known?.expiresAt, true)
  }

  #remember(token: string | undefined, expiresAt: number | undefined, refused: boolean): void {
    if (token === undefined) return
    const others = this.#known.filter(each => each.token !== token)
    this.#known = [...others.slice(1 - REMEMBERED), { token, expiresAt, refused }]
  }

  /** Nothing is refused for ever: a life has ended, and the next one may be dialled with what was refused in this one. */
  forgive(): void {
    this.#known = this.#known.map(known => ({ ...known, refused: false }))
  }

  /** Nobody waits for it any more. */
  abandon(): void {
    this.#leave?.()
    this.#leave = undefined
  }
}
