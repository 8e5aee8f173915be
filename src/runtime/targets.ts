import { ResilientError } from '../core/resilient-error.ts'

/** What a provider is told of the dial it is asked for. */
export interface DialContext {
  /** Aborted when the answer is no longer wanted: the connect timeout, `close()`, `reconnect()`. */
  readonly signal: AbortSignal
  /** Attempts since a connection was last stable; 0 at first. */
  readonly attempt: number
}

/** A value, or a function called anew for every dial. It may be async; one that throws, rejects or takes longer than the connect timeout is a failed attempt. Not called after `close()`. */
export type Provided<T> = T | Provider<T>

/** A function that provides a value for one dial. */
export type Provider<T> = (dial: DialContext) => T | PromiseLike<T>

/** Where to dial. */
export type Url = string | URL
/** Which subprotocols to ask for. */
export type Protocols = string | string[]

/** What one dial needs. */
export interface Target {
  readonly url: Url
  readonly protocols: Protocols
}

/** A function rather than a value. */
export function isProvider<T>(provided: Provided<T>): provided is Provider<T> {
  return typeof provided === 'function'
}

/** Asks the providers for one dial; the result gives up on them. */
export function fetchTarget(
  url: Provided<Url>,
  protocols: Provided<Protocols>,
  attempt: number,
  done: (target: Target) => void,
  failed: (error: ResilientError) => void,
): () => void {
  const abort = new AbortController()
  const { signal } = abort
  const ask = async <T>(provided: Provided<T>): Promise<T> => {
    const value = isProvider(provided) ? await provided({ signal, attempt }) : provided
    if (value == null) throw new TypeError('It answered nothing.')
    return value
  }
  Promise.all([ask(url), ask(protocols)]).then(
    ([url, protocols]) => signal.aborted || done({ url, protocols }),
    (cause: unknown) => {
      if (signal.aborted) return
      // The other one is not needed any more.
      abort.abort()
      failed(new ResilientError('ERR_PROVIDER', '`url` or `protocols` failed; backing off.', cause))
    },
  )
  return () => abort.abort()
}
