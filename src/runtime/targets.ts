import { ABNORMAL } from '../core/close-codes.ts'
import type { MachineEvent } from '../core/event.ts'
import { asOwn, ResilientError, unexpected } from '../core/resilient-error.ts'
import type { MachineState } from '../core/state.ts'
import type { AuthProvider, AuthReason, Carried, Carry } from '../policies/auth.ts'
import type { Clock } from './clock.ts'
import { Credentials } from './credentials.ts'
import { urlHolds } from './secrets.ts'

/** What a provider is told of the dial it is asked for. */
export interface DialContext {
  /** Aborted when the answer is no longer wanted: the connect timeout, `close()`, `reconnect()`. */
  readonly signal: AbortSignal
  /** Attempts since a connection was last stable; 0 at first. */
  readonly attempt: number
  /** The token that `auth` provided, where there is one. It must not end up in the URL: see `ticket()`. */
  readonly token: string | undefined
}

/** A value, or a function called anew for every dial. It may be async; one that throws, rejects or takes longer than the connect timeout is a failed attempt. Not called after `close()`. */
export type Provided<T> = T | Provider<T>

/** A function that provides a value for one dial. */
export type Provider<T> = (dial: DialContext) => T | PromiseLike<T>

/** Where to dial. */
export type Url = string | URL
/** Where to dial: an address, a list of them in order of preference, or a function of the dial. */
export type Endpoints = Provided<Url> | readonly Url[]
/** Which subprotocols to ask for. */
export type Protocols = string | string[]

/** What a connection knows and nobody is shown. */
export interface Confidential {
  readonly firstMessage?: string | undefined
  /** What was put behind the URL and must not be shown. */
  readonly hidden: string
  /** The credential it is made with. */
  readonly token: string | undefined
  /** What must not be shown if the server sends it back. */
  readonly secrets: readonly string[]
}

/** What one dial needs. */
export interface Target {
  readonly url: Url
  readonly protocols: Protocols
  readonly confidential: Confidential
}

/** Where the parts of a target come from. */
interface Sources {
  readonly url: Provided<Url>
  readonly protocols: Provided<Protocols>
  readonly carry: Carry | undefined
}

/** A function rather than a value. */
function isProvider<T>(provided: Provided<T> | readonly Url[]): provided is Provider<T> {
  return typeof provided === 'function'
}

// Shared: most connections have no secrets.
const NOTHING: Confidential = { hidden: '', token: undefined, secrets: [] }

/** What needs no fetching beside the credential. */
function plainTarget(url: Url, protocols: Protocols, token: string | undefined): Target {
  return { url, protocols, confidential: token ? { hidden: '', token, secrets: [token] } : NOTHING }
}

async function target({ url, protocols, carry }: Sources, dial: DialContext): Promise<Target> {
  const ask = async <T>(provided: Provided<T>): Promise<T> => {
    const value = isProvider(provided) ? await provided(dial) : provided
    if (value == null) throw new TypeError('It answered nothing.')
    return value
  }
  const [where, asked] = await Promise.all([ask(url), ask(protocols)])
  const { token, signal } = dial
  if (token && urlHolds(`${where}`, token)) {
    throw new ResilientError('ERR_PROVIDER', 'The URL holds the credential, and URLs are logged: use `ticket()`.')
  }
  if (!carry) return plainTarget(where, asked, token)
  if (!token) throw new ResilientError('ERR_PROVIDER', '`auth.carry` needs a token, and `auth` answered without one.')
  const wanted = [asked].flat()
  const carried: Carried | null | undefined = await carry({ token, url: where, protocols: wanted, signal })
  if (typeof carried !== 'object' || !carried) {
    throw unexpected('ERR_PROVIDER', 'auth.carry()', '{ protocols, companion, query, firstMessage }', carried)
  }
  const { companion, query, firstMessage } = carried
  const added = (carried.protocols ?? []).filter(each => each !== companion && !wanted.includes(each))
  const values = Object.values(query ?? {}).map(String)
  const hidden = query ? `${`${where}`.includes('?') ? '&' : '?'}${new URLSearchParams(query)}` : ''
  return {
    url: hidden ? where + hidden : where,
    protocols: carried.protocols ? [...carried.protocols] : asked,
    // A slice has room for no more than it holds.
    confidential: {
      firstMessage,
      hidden,
      token,
      secrets: [token, ...added, ...values, hidden].filter(Boolean).slice(),
    },
  }
}

/** What a socket's targets need of it. */
interface Asker {
  readonly state: MachineState
  readonly clock: Clock
  dispatch(event: MachineEvent): void
  discard(why: 'identity'): void
  /** A fresh credential came while no dial waits for it. */
  renewed(token: string | undefined): void
  report(error: unknown): void
}

/** Where a socket dials: its endpoints, its providers and its credential. */
export class Targets {
  /** Index of the endpoint that the next dial uses. */
  endpoint = 0
  /** Something has to be fetched for every dial. */
  readonly fetches: boolean
  #giveUp: (() => void) | undefined
  #fetched: Target | undefined
  readonly #url: Endpoints
  readonly #protocols: Provided<Protocols>
  readonly #credentials: Credentials | undefined
  readonly #carry: Carry | undefined

  constructor(
    url: Endpoints,
    protocols: Provided<Protocols>,
    auth: { readonly provider: AuthProvider; readonly carry?: Carry | undefined } | undefined,
  ) {
    this.#url = isList(url) ? [...url] : url
    this.#protocols = protocols
    this.#credentials = auth && new Credentials(auth.provider)
    this.#carry = auth?.carry
    this.fetches = isProvider(url) || isProvider(protocols) || !!this.#carry
  }

  get #where(): Provided<Url> {
    const url = this.#url
    return isList(url) ? (url[this.endpoint % url.length] ?? '') : url
  }

  /** What the dial uses: what was fetched for it, or what needs no fetching. */
  take(): Target | undefined {
    const fetched = this.#fetched
    const url = this.#where
    const protocols = this.#protocols
    this.#fetched = undefined
    if (this.fetches || isProvider(url) || isProvider(protocols)) return fetched
    return plainTarget(url, protocols, this.#credentials?.token)
  }

  /** The dial is dropped. A credential that is on its way stays so, for the next dial: the server may have spent what it was asked with. */
  drop(): void {
    this.#giveUp?.()
  }

  /** Nothing is fetched any more. */
  abandon(): void {
    this.drop()
    this.#credentials?.abandon()
  }

  /** The server refused that credential. */
  refuse(token: string | undefined): void {
    this.#credentials?.refuse(token)
  }

  /** A life has ended. */
  forget(): void {
    this.abandon()
    this.#credentials?.forgive()
  }

  /** Fetches what a dial needs: the credential, where it has to be fetched, and then the rest. */
  authorize(number: number, app: Asker): void {
    // A reconnect waits for a renewal that is under way.
    if (app.state.session.credential === 'held' && !this.#credentials?.pending) this.#fetch(number, app)
    else this.renew(false, app)
  }

  /** Fetches a credential, for the dial that waits for it when it comes, if there is one then. */
  renew(fresh: boolean, app: Asker): void {
    const dial = (): number | undefined => {
      const { dial } = app.state
      return dial?.phase === 'authorizing' ? dial.number : undefined
    }
    this.#credentials?.fetch(reasonOf(app.state, fresh), fresh, () => app.clock.wall(), {
      done: (expiresAt, changed, same) => {
        if (changed) app.discard('identity')
        const number = dial()
        const fetched = { expiresAt, ...(same && { same }) }
        if (number !== undefined) this.#fetch(number, app, fetched)
        else {
          if (!changed && !same) app.renewed(this.#credentials?.token)
          app.dispatch({ type: 'renewed', ...fetched, ...(changed && { changed }) })
        }
      },
      failed: refused => {
        const number = dial()
        if (number === undefined) app.dispatch({ type: 'not-renewed' })
        else app.dispatch({ ...notDialled(number), ...(refused && { refused }) })
      },
      signedOut: () => app.dispatch({ type: 'signed-out' }),
      report: error => app.report(error),
    })
  }

  /** Asks the providers for one dial. */
  #fetch(number: number, app: Asker, credential?: { readonly expiresAt: number | null }): void {
    this.drop()
    const abort = new AbortController()
    const { signal } = abort
    this.#giveUp = () => abort.abort()
    const sources = { url: this.#where, protocols: this.#protocols, carry: this.#carry }
    const { attempt } = app.state.retry
    target(sources, { signal, attempt, token: this.#credentials?.token }).then(
      made => {
        if (signal.aborted) return
        this.#giveUp = undefined
        this.#fetched = made
        app.dispatch({ type: 'authorized', number, ...credential })
      },
      (cause: unknown) => {
        if (signal.aborted) return
        // The others are not needed any more.
        abort.abort()
        app.report(asOwn(cause, 'ERR_PROVIDER', 'What the dial needs could not be fetched; backing off.'))
        app.dispatch(notDialled(number))
      },
    )
  }
}

/** Why a provider is asked now. */
function reasonOf({ session: { credential, issued } }: MachineState, fresh: boolean): AuthReason {
  if (fresh || (credential === 'missing' && issued)) return 'requested'
  return credential === 'held' ? 'expiring' : credential
}

function notDialled(number: number): Extract<MachineEvent, { readonly type: 'ended' }> {
  return { type: 'ended', number, code: ABNORMAL, reason: '', wasClean: false, origin: 'provider' }
}

function isList(url: Endpoints): url is readonly Url[] {
  return Array.isArray(url)
}
