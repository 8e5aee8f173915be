import { ResilientError } from '../core/resilient-error.ts'

/** Why a provider is asked. */
export type AuthReason =
  /** There is none yet. */
  | 'missing'
  /** 80 % of its life are over; the connection still serves. */
  | 'expiring'
  /** It has expired by the wall clock. */
  | 'expired'
  /** The server refused it. */
  | 'refused'
  /** The app called `refreshAuth()`, or `reconnect()` after the end. */
  | 'requested'

/** What a provider is told. */
export interface AuthRequest {
  readonly reason: AuthReason
  /** Aborted when nobody waits for the answer any more: after 10 s, by `close()`, by `refreshAuth()`. */
  readonly signal: AbortSignal
}

/** A credential with what is known of it. Without a `token`: the session lives in a cookie that the provider has refreshed. */
export interface Credential {
  /** Carried to the server as `auth.carry` says, or by the app's `url` and `protocols` functions. */
  readonly token?: string
  /** When it expires, epoch **milliseconds** (the `exp` of a JWT is in seconds). It is renewed at 80 % of its life. */
  readonly expiresAt?: number
  /** Whose it is. When it changes, the outbox is dropped and the connection replaced at once. */
  readonly identity?: string
}

/** What a provider answers; `null` is signed out, and closes the socket at once. Nothing at all: a cookie session was refreshed. */
export type ProvidedCredential = string | Credential | null | undefined

/**
 * Fetches a credential. Called when one is needed and never twice at a time, not even by two sockets: rotating refresh
 * tokens log users out otherwise. One that throws, rejects or takes more than 10 s is a failed attempt, with backoff.
 * Not called after `close()`.
 */
export type AuthProvider = (request: AuthRequest) => ProvidedCredential | PromiseLike<ProvidedCredential>

/** What a carry is told of the dial. */
export interface CarryContext {
  readonly token: string
  /** What the app asked for. */
  readonly url: string | URL
  readonly protocols: readonly string[]
  readonly signal: AbortSignal
}

/** How one dial carries the credential. What is left out stays as the app asked for it. */
export interface Carried {
  /** Subprotocols to ask for; those that the app did not ask for and that `companion` is not are secrets. */
  readonly protocols?: readonly string[]
  /** The subprotocol that the server selects in their stead. */
  readonly companion?: string
  /** Added to the query of this dial; never shown. Only for values that are used up by it. */
  readonly query?: Readonly<Record<string, string>>
  /** Sent before anything else. */
  readonly firstMessage?: string
}

/** Puts a credential into a dial: {@link subprotocol}, {@link firstMessage}, {@link ticket}, or the app's own. Called for every dial. */
export type Carry = (dial: CarryContext) => Carried | PromiseLike<Carried>

/** Base64url without padding [RFC 4648 §5]: `=` and `/` are not allowed in a subprotocol [RFC 6455 §4.1]. */
export function base64url(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text))
  return btoa(binary).replace(/[+/=]/g, sign => ({ '+': '-', '/': '_' })[sign] ?? '')
}

/**
 * Carries the token as a subprotocol, the only header a browser lets a page set. The server must select `companion`,
 * so that it need not echo the secret: `Sec-WebSocket-Protocol: v1, bearer.ZXlK…`, answered by `v1`.
 *
 * @param companion - The subprotocol that the server selects. Required: Chromium fails a handshake in which none is.
 * @param prefix - In front of the token, which is base64url without padding.
 */
export function subprotocol(companion: string, prefix = 'bearer.'): Carry {
  return ({ token, protocols }) => ({
    companion,
    protocols: [...new Set([companion, ...protocols, prefix + base64url(token)])],
  })
}

/** Carries the token in the first message of every connection, before `beforeOpen`, subscriptions and the outbox. */
export function firstMessage(format: (token: string) => string): Carry {
  return ({ token }) => ({ firstMessage: format(token) })
}

/**
 * Carries a one-time ticket in the query: a value fetched for this dial with the token, used up by it. The only kind of
 * secret that may travel there, because URLs end up in logs. `socket.url` does not show it.
 *
 * @param fetchTicket - Called for every dial.
 * @param parameter - Its name in the query.
 */
export function ticket(
  fetchTicket: (request: { readonly token: string; readonly signal: AbortSignal }) => string | PromiseLike<string>,
  parameter = 'ticket',
): Carry {
  return async ({ token, signal }) => {
    const value = await fetchTicket({ token, signal })
    if (typeof value !== 'string' || !value) throw new ResilientError('ERR_PROVIDER', '`ticket()` fetched no ticket.')
    return { query: { [parameter]: value } }
  }
}
