import { asOwn, ResilientError, read, refuseOthers, unexpected } from '../core/resilient-error.ts'
import type { DialRequest } from './transport.ts'

/** What a request is made for. */
export interface RequestQuestion {
  readonly url: string
  /** The credential, where there is one. */
  readonly token: string | undefined
  readonly signal: AbortSignal
}

/** Options of every transport over HTTP. */
export interface HttpOptions {
  /**
   * Where to ask: an address, or a function of the one that is dialled. Relative, `http:` and `ws:` are as good as one
   * another. @defaultValue the address that is dialled
   */
  readonly url?: string | URL | ((url: URL) => string | URL)
  /** Headers of every request, or a function that gives them, sync or async. Other headers than the simple ones cost a CORS preflight. One that throws fails the request. @defaultValue none */
  readonly headers?: HeadersInit | ((question: RequestQuestion) => HeadersInit | PromiseLike<HeadersInit>)
  /** Whether cookies go along. @defaultValue `include` in a session, as with a WebSocket; else `same-origin` */
  readonly credentials?: RequestCredentials
  /** Called instead of the platform's `fetch`. @defaultValue `globalThis.fetch`, looked up for every request */
  readonly fetch?: typeof fetch
}

/** The names of the options that {@link checkHttpOptions} looks at. */
const CREDENTIALS: readonly unknown[] = ['include', 'omit', 'same-origin']

/** Looks at the options of all, and refuses those that there are not. @throws ResilientError `ERR_OPTION` */
export function checkHttpOptions(
  transport: string,
  options: unknown,
  more: Readonly<Record<string, 'function' | 'object' | 'number'>>,
): void {
  if (typeof options !== 'object' || !options) throw unexpected('ERR_OPTION', `${transport}()`, 'an object', options)
  const at = (name: string): readonly [string, unknown] => [`${transport}.${name}`, read(options, name, name)]
  const [, url] = at('url')
  const urlPath = `url of ${transport}()`
  if (url !== undefined && typeof url !== 'function' && !(typeof url === 'string' || url instanceof URL)) {
    throw unexpected('ERR_OPTION', urlPath, 'a URL or a function', url)
  }
  if (typeof url === 'string') addressOf(url, urlPath)
  const [, headers] = at('headers')
  if (headers !== undefined && typeof headers !== 'function') checkHeaders(`options.headers of ${transport}()`, headers)
  const [credentialsPath, credentials] = at('credentials')
  if (credentials !== undefined && !CREDENTIALS.includes(credentials)) {
    throw unexpected('ERR_OPTION', credentialsPath, 'one of include, omit, same-origin', credentials)
  }
  for (const [name, kind] of Object.entries({ fetch: 'function', ...more })) {
    const [path, value] = at(name)
    if (value !== undefined && (typeof value !== kind || value === null)) {
      throw unexpected('ERR_OPTION', path, `a${kind === 'object' ? 'n' : ''} ${kind}`, value)
    }
  }
  const known = ['url', 'headers', 'credentials', 'fetch', ...Object.keys(more)]
  refuseOthers(transport, Object.fromEntries(Object.entries(options).filter(([name]) => !known.includes(name))))
}

function checkHeaders(path: string, headers: unknown): void {
  try {
    if (typeof headers !== 'object' || !headers) throw new TypeError('No object.')
    new Headers(
      Object.fromEntries(headers instanceof Headers || Array.isArray(headers) ? headers : Object.entries(headers)),
    )
  } catch {
    throw unexpected('ERR_OPTION', path, 'headers, as `fetch` takes them, or a function', headers)
  }
}

/** An address over HTTP, of one that may be relative or that of a WebSocket. @throws ResilientError `ERR_OPTION` */
export function addressOf(url: string | URL, path = 'url'): URL {
  const base = globalThis.location?.href
  const parsed = URL.canParse(`${url}`, base) ? new URL(`${url}`, base) : null
  if (parsed) parsed.protocol = parsed.protocol.replace(/^ws/, 'http')
  // Without a page there is nothing that a path could be relative to; that of a dial is looked at then.
  if (!parsed && base === undefined && /^[./]/.test(`${url}`) && path !== 'url')
    return new URL('http://relative.invalid')
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) {
    throw unexpected('ERR_OPTION', path, 'an address with http, https, ws or wss', url)
  }
  parsed.hash = ''
  return parsed
}

/** Where and how the requests of one connection are made. */
export interface Http {
  /** What the app is shown as the address. */
  readonly url: URL
  /** Asks. Rejects when nobody can be reached, and with what the app's functions throw. */
  ask(url: string, init: RequestInit & { readonly signal: AbortSignal }, token: string | undefined): Promise<Response>
}

/** The requests of one connection. @throws ResilientError `ERR_OPTION` when there is no address, or no `fetch` */
export function httpOf(
  { url, headers, credentials, fetch: given }: HttpOptions,
  request: Pick<DialRequest, 'url' | 'report'>,
  otherwise: RequestCredentials,
): Http {
  const dialled = addressOf(request.url)
  const address = addressOf(typeof url === 'function' ? url(dialled) : (url ?? dialled))
  if (typeof (given ?? globalThis.fetch) !== 'function') {
    throw new ResilientError('ERR_OPTION', 'No `fetch` here: pass one, `{ fetch }`.')
  }
  async function headersOf(question: RequestQuestion): Promise<HeadersInit | undefined> {
    try {
      return typeof headers === 'function' ? await headers(question) : headers
    } catch (cause) {
      const failure = asOwn(cause, 'ERR_PROVIDER', '`headers` failed: the request was not made.')
      if (!question.signal.aborted) request.report(failure)
      throw failure
    }
  }
  return {
    url: address,
    async ask(target, init, token) {
      const made = await headersOf({ url: target, token, signal: init.signal })
      const fetch = given ?? globalThis.fetch
      const all = new Headers(made)
      for (const [name, value] of new Headers(init.headers)) if (!all.has(name)) all.set(name, value)
      init.signal.throwIfAborted()
      return fetch(target, { cache: 'no-store', credentials: credentials ?? otherwise, ...init, headers: all })
    },
  }
}

/** The address of one of the three things that a server does over HTTP. */
export function endpoint(base: URL, name: 'stream' | 'send' | 'poll'): string {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${name}`
  return url.href
}
