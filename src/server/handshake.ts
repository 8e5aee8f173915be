import type { IncomingMessage } from 'node:http'
import { isIP, isIPv6 } from 'node:net'
import type { Origin } from './connection.ts'
import type { Settings } from './settings.ts'

/** Why a handshake is answered with an HTTP status. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 405 | 408 | 413 | 503
  readonly why: string
}

/** IPv4 in the clothes of IPv6 [RFC 4291 §2.5.5.2]. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** Some proxies write the port too. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+)|\[(.+)\]):\d+$/

/** The /64 of an IPv6 address: a home has a whole one [RFC 6177]. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail?.split(':').filter(Boolean) ?? []
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map(group => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** Where a request comes from; behind `proxies` of ours, where the outermost one of them saw it come from. */
export function originOf({ headers, socket }: IncomingMessage, proxies: number): Origin {
  const near = socket.remoteAddress ?? 'unknown'
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  const said = proxies > 0 ? (forwarded.at(-proxies)?.trim().replace(WITH_PORT, '$1$2') ?? '') : ''
  const address = (isIP(said) ? said : near).replace(MAPPED, '$1')
  return { address, network: networkOf(address), headers }
}

/** The path of a request, without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/'
}

function sameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}

/** Whether a page of that origin may connect. Whoever sends no Origin is no browser. */
export function originAllowed(request: IncomingMessage, origins: Settings['origins']): boolean {
  const { origin, host } = request.headers
  if (origin === undefined || origins === '*') return true
  if (typeof origins === 'function') return origins(origin, request)
  return origins ? origins.includes(origin) : sameHost(origin, host)
}
