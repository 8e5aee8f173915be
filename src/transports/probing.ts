import { PROTOCOL, VERSION } from '../session/frames.ts'
import { endOf, isUnusable } from './http-end.ts'
import { endpoint, type Http } from './http-request.ts'
import { linesOf } from './ndjson.ts'
import { frameOf } from './session-frames.ts'
import type { DialRequest } from './transport.ts'

/** The session protocol is asked for. */
export function inSession({ protocols }: Pick<DialRequest, 'protocols'>): boolean {
  return [protocols].flat().includes(PROTOCOL)
}

/** Whether the server speaks the session over HTTP: a request that says nothing but who asks. Rejects when nobody can be reached. */
export async function probeSession(http: Http, { token, clock }: DialRequest, signal: AbortSignal): Promise<boolean> {
  const word = (): string =>
    Math.floor(clock.roll() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  const hello = {
    t: 'hello',
    v: VERSION,
    client: `${word()}${word()}${word()}${word()}`,
    conn: 'probe',
    token,
    topics: [],
  }
  const init = { method: 'POST', body: `${JSON.stringify(hello)}\n`, signal }
  const response = await http.ask(endpoint(http.url, 'send'), init, token)
  if (response.ok) {
    for await (const line of linesOf(response, () => {})) if (!frameOf(line)) return false
    return true
  }
  await response.body?.cancel()
  if (isUnusable(endOf(response))) return false
  throw new Error(`HTTP ${response.status}`)
}

/** Whether an event stream is at that address. Rejects when nobody can be reached. */
export async function probePlain(http: Http, { token }: DialRequest, signal: AbortSignal): Promise<boolean> {
  const response = await http.ask(http.url.href, { headers: { accept: 'text/event-stream' }, signal }, token)
  const { ok, headers } = response
  await response.body?.cancel()
  if (ok) return !!headers.get('content-type')?.startsWith('text/event-stream')
  if (isUnusable(endOf(response))) return false
  throw new Error(`HTTP ${response.status}`)
}
