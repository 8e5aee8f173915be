import type { Ending } from '../core/disconnect.ts'
import type { Answer } from '../core/rules.ts'

/** What the close codes of the protocol mean, by hundreds: a client that knows none of them still does the right thing. */
export function decide({ code, origin }: Ending): Answer | undefined {
  if (origin !== 'server' || code < 4_000 || code > 4_499) return undefined
  if (code < 4_200) return 'retry'
  if (code < 4_300) return 'refresh-auth'
  return code < 4_400 ? 'retry-slowly' : 'stop'
}

/** The session is over, and another one begins: cursors and messages of the old one mean nothing to the server. */
export function endsSession(origin: Ending['origin'], code: number): boolean {
  return origin === 'server' && code >= 4_100 && code < 4_200
}
