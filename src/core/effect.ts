import type { Disconnect } from './disconnect.ts'

/** What the driver is to do: plain data, performed in order. */
export type Effect =
  /** Fetch what the dial needs; answer with `authorized` or `ended`. */
  | { readonly type: 'authorize'; readonly number: number }
  /** Fetch a credential while no dial waits for it; answer with `renewed`, `not-renewed` or `signed-out`. `fresh`: what is being fetched already is not good enough. */
  | { readonly type: 'renew'; readonly fresh: boolean }
  /** The server refused the credential of that connection: it is not to be dialled with again. */
  | { readonly type: 'refuse'; readonly number: number }
  /** Nobody waits for that credential any more. */
  | { readonly type: 'abandon' }
  /** Open a connection; answer with `connected` or `ended`. */
  | { readonly type: 'dial'; readonly number: number }
  /** Make it ready for the app; answer with `ready` or `ended`. */
  | { readonly type: 'greet'; readonly number: number }
  /** It carries the app's traffic from now on. `handover`: another one did until now, so it is no `open`. */
  | {
      readonly type: 'serve'
      readonly number: number
      readonly attempt: number
      readonly reconnected: boolean
      readonly handover: boolean
      /** The transport by name, where it is not the preferred one, or no longer another one. */
      readonly over?: string
    }
  /** Ask for a sign of life; answer with `not-pinged` when that cannot be done. */
  | { readonly type: 'ping'; readonly number: number }
  /** It lives, after a sleep in which it was not to be trusted: what was sent meanwhile waits. */
  | { readonly type: 'trust'; readonly number: number }
  /** Connections were cut twice after the same silence. `everyMs`: how often it is asked for life from now on; `null` where nobody asks. */
  | { readonly type: 'learnt'; readonly silentMs: number; readonly everyMs: number | null }
  /** Close politely and keep listening until it has ended. */
  | {
      readonly type: 'shut'
      readonly number: number
      readonly code?: number | undefined
      readonly reason?: string | undefined
    }
  /** Stop listening, close in the background, forget. */
  | { readonly type: 'retire'; readonly number: number }
  /** A connection is gone. `silent`: another one serves, so the app has lost nothing. */
  | { readonly type: 'disconnected'; readonly disconnect: Disconnect; readonly silent: boolean }
  /** Nothing will be sent any more: what is queued goes. */
  | { readonly type: 'discard' }
