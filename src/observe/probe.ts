import { ResilientError, unexpected } from '../core/resilient-error.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { duration, timeOfDay } from './words.ts'

/** Asked at most so often: what a network does it does for a while. */
const PROBE_EVERY_MS = 30_000
/** How long the answer may take. */
const ANSWER_WITHIN_MS = 10_000
/** The longest wait that a server is believed in. */
const LONGEST_ASKED_MS = 600_000

/** What the endpoint answered to a plain request, where a WebSocket got nothing but 1006. */
export interface Finding {
  /** `open`: it answered, and so does the way to it; what does not pass is the WebSocket. */
  readonly kind:
    | 'open'
    | 'bad-request'
    | 'unauthorized'
    | 'forbidden'
    | 'not-found'
    | 'upgrade-required'
    | 'too-many'
    | 'bad-gateway'
    | 'unavailable'
    | 'gateway-timeout'
    | 'server-error'
    | 'other-status'
    | 'captive-portal'
    | 'offline'
    | 'unreachable'
    | 'no-answer'
  /** The HTTP status; `null` when there was no answer that says one. */
  readonly status: number | null
  /** What `Retry-After` asks for, in ms; `null` when it says nothing. At most 10 minutes. */
  readonly retryAfterMs: number | null
  /** In words, for a person on call. */
  readonly line: string
}

/** Options of {@link probe}. */
export interface ProbeOptions {
  /** An endpoint beside the WebSocket that asks for the same credential, answers 2xx without a page, and is allowed to this origin (CORS). */
  readonly url: string | URL
  /** Headers of the request, the credential among them. They are in no finding and no line. @defaultValue none; cookies go along */
  readonly headers?: () => HeadersInit | PromiseLike<HeadersInit>
  /** Takes what was found. @defaultValue its line goes to console.info */
  readonly tell?: (finding: Finding) => void
  /** @defaultValue globalThis.fetch, looked up when it is needed */
  readonly fetch?: typeof fetch
}

type Kind = Finding['kind']

const STATUSES: Readonly<Record<number, Kind>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  426: 'upgrade-required',
  429: 'too-many',
  502: 'bad-gateway',
  503: 'unavailable',
  504: 'gateway-timeout',
}

const MEANS: Readonly<Record<Kind, string>> = {
  open: 'the server answers, so it is the WebSocket that does not get through: a proxy that does not pass the upgrade',
  'bad-request': 'the server, or a proxy, does not understand the request',
  unauthorized: 'the credential is refused',
  forbidden: 'it is not allowed: the origin, the account or a firewall',
  'not-found': 'nothing is served at that path',
  'upgrade-required': 'the server wants an upgrade, and a proxy has taken it away',
  'too-many': 'the server, or a proxy, says that there are too many',
  'bad-gateway': 'a proxy reaches no server',
  unavailable: 'the server, or a proxy, says that it is not available',
  'gateway-timeout': 'a proxy waits for the server in vain',
  'server-error': 'the server fails',
  'other-status': 'an answer that nobody expected',
  'captive-portal':
    'somebody else answered, with a page or a redirection: a captive portal, or a proxy that wants a login',
  offline: 'the browser says offline',
  unreachable: 'no connection: DNS, the certificate or the network; the browser does not say which',
  'no-answer': 'no answer in time',
}

function kindOf(status: number): Kind {
  const known = STATUSES[status]
  if (known) return known
  if (status >= 500) return 'server-error'
  return status >= 200 && status < 300 ? 'open' : 'other-status'
}

function retryAfter(headers: Headers): number | null {
  const asked = headers.get('retry-after')
  return asked !== null && /^\d{1,9}$/.test(asked.trim()) ? Math.min(Number(asked) * 1_000, LONGEST_ASKED_MS) : null
}

function finding(kind: Kind, status: number | null = null, retryAfterMs: number | null = null): Finding {
  const said = status === null ? '' : ` answered ${status}`
  const later = retryAfterMs === null ? '' : `, and wants to be asked again in ${duration(retryAfterMs)}`
  return { kind, status, retryAfterMs, line: `the probe${said}: ${MEANS[kind]}${later}` }
}

/** A page, or a redirection, in place of the endpoint. */
function isSomebodyElse({ type, redirected, status, ok, headers }: Response): boolean {
  const redirects = type === 'opaqueredirect' || redirected || (status >= 300 && status < 400)
  return redirects || (ok && /^text\/html\b/i.test(headers.get('content-type') ?? ''))
}

/**
 * Says why a WebSocket could not connect. A browser tells a page nothing but 1006, whatever the server or a proxy
 * answered [WHATWG WebSockets §9.3.1]; a plain request to an endpoint beside it may see the status. A watcher, which changes
 * nothing: asked after a dial that failed, at most once in 30 s.
 *
 * ```ts
 * socket.on('transition', probe({ url: '/live/health', headers: () => ({ authorization: `Bearer ${token()}` }) }))
 * ```
 *
 * @throws ResilientError `ERR_OPTION` for a wrong option.
 */
export function probe(options: ProbeOptions): (record: TransitionRecord) => void {
  const { url, headers, tell } = options
  if (!(typeof url === 'string' || url instanceof URL)) throw unexpected('ERR_OPTION', 'probe.url', 'a URL', url)
  for (const [name, value] of Object.entries({ headers, tell, fetch: options.fetch })) {
    if (value !== undefined && typeof value !== 'function') {
      throw unexpected('ERR_OPTION', `probe.${name}`, 'a function', value)
    }
  }
  let askedAt = -Infinity
  return ({ effects, now, wall, state: { page } }) => {
    const failed = effects.some(
      effect => effect.type === 'disconnected' && effect.disconnect.origin === 'dial-failed' && !effect.silent,
    )
    if (!failed || now - askedAt < PROBE_EVERY_MS) return
    askedAt = now
    const told = tell ?? (({ line }: Finding) => console.info(`${timeOfDay(wall)} ${line}`))
    void ask(options, page.online).then(told).catch(report)
  }
}

async function ask({ url, headers, fetch = globalThis.fetch }: ProbeOptions, online: boolean): Promise<Finding> {
  if (!online) return finding('offline')
  const own = await headers?.()
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), ANSWER_WITHIN_MS)
  const { signal } = late
  try {
    const credentials = 'include'
    const init = { ...(own && { headers: own }), credentials, redirect: 'manual', cache: 'no-store', signal } as const
    const response = await fetch(url, init)
    await response.body?.cancel()
    if (isSomebodyElse(response)) return finding('captive-portal', response.status || null)
    return finding(kindOf(response.status), response.status, retryAfter(response.headers))
  } catch {
    return finding(signal.aborted ? 'no-answer' : 'unreachable')
  } finally {
    clearTimeout(timer)
  }
}

/** The app's functions failed: where `reportError` is, it is told [HTML §8.1.4.6]. */
function report(cause: unknown): void {
  const error = new ResilientError('ERR_HANDLER', 'A function of `probe` failed.', cause)
  const { reportError } = globalThis
  if (reportError) reportError(error)
  else console.error(error)
}
