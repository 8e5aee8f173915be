import type { WaitedBy } from './state.ts'

/** Who or what ended a connection. */
export type Origin =
  /** The server sent a close frame. */
  | 'server'
  /** The connection broke without a close frame. */
  | 'network'
  /** The browser failed it: a bad frame, bad UTF-8. */
  | 'browser-failed'
  /** It never opened. */
  | 'dial-failed'
  /** It did not become ready within the connect timeout. */
  | 'dial-timeout'
  /** It was found dead. */
  | 'heartbeat'
  /** What the dial needs (URL, protocols, credential) could not be fetched. */
  | 'provider'
  /** What the app does before a connection counts as open (`beforeOpen`) failed. */
  | 'hook'
  /** This side ended it on purpose. */
  | 'client'

/** What happens after a disconnect. */
export type Next =
  /** `inMs`: the time to the next dial; `null` while the page is frozen or was hidden for long. */
  | { readonly type: 'retry'; readonly inMs: number | null; readonly by: WaitedBy }
  /** Another connection is already on its way up. */
  | { readonly type: 'handover' }
  /** The connection that serves stays: only a better one was looked for. */
  | { readonly type: 'stay' }
  | { readonly type: 'stop'; readonly by: 'app' | 'policy' | 'attempts' | 'unauthorized' | 'signed-out' }

/** The facts of how a connection ended, as a close policy is shown them. */
export interface Ending {
  readonly origin: Origin
  /** The real close code; 1006 when no close frame was received [RFC 6455 §7.1.5]. */
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
  /** Number and id of the connection; `null` when there was none (closed while waiting). */
  readonly connection: number | null
  readonly connectionId: string | null
  readonly transport: string | null
  /** How long it was open, in ms; `null` when it never was. */
  readonly openMs: number | null
  /** How long nothing had been heard when it ended, in ms; `null` when it never was open. */
  readonly silentMs: number | null
  /** The attempt it was; 0 for a first dial or after a stable connection. */
  readonly attempt: number
  /** Credentials refused before this one without a stable connection between; `null` without an auth provider. */
  readonly refusals: number | null
  /** How the connections before it ended, oldest first, at most 10. */
  readonly history: readonly Past[]
}

/** A connection that ended before. */
export interface Past {
  readonly origin: Origin
  readonly code: number
  readonly openMs: number | null
  /** Epoch ms. */
  readonly endedAt: number
}

/** Why a connection ended, and what was decided about it. */
export interface Disconnect extends Ending {
  readonly next: Next
}
