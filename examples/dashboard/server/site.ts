// The HTTP side of the demo: the page, the tokens, and the control API that breaks the line. Loopback only.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Fleet } from '../../session/fleet.ts'
import { isTab } from '../../session/server/names.ts'
import { parseWish } from '../../session/server/wish.ts'
import { applyToAccount, parseAccount, parseAccountRequest } from './accounts.ts'
import { type Objection, parseBreakage } from './breakage.ts'
import type { Breaker } from './breaker.ts'
import type { Feed } from './feed.ts'
import { type Files, inlineScriptHashes } from './files.ts'
import { accounts, type Tokens } from './tokens.ts'

export interface Site {
  readonly port: number
  close(): Promise<void>
}

export interface SiteOptions {
  readonly port: number
  readonly feedPort: number
  readonly files: Files
  readonly breaker: Breaker
  readonly tokens: Tokens
  readonly feed: Feed
  /** Of the page `/session/`. Its WebSockets, and what stands in for them, come in here too. */
  readonly fleet: Fleet
}

interface Answer {
  readonly status: number
  readonly body: string | Buffer
  readonly type?: string
  readonly headers?: Record<string, string>
}

const maxBodyBytes = 4096

export async function site(options: SiteOptions): Promise<Site> {
  const server = createServer(async (request, response) => {
    if (foreign(request) === null && options.fleet.request(request, response)) return
    const answer = await respond(request, options).catch(() => refuse(500, 'The demo failed to answer.'))
    send(response, answer)
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (foreign(request) === null && request.url?.startsWith('/session/')) options.fleet.upgrade(request, head)
    else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  server.listen({ port: options.port, host: '127.0.0.1' })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.')
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function respond(request: IncomingMessage, options: SiteOptions): Promise<Answer> {
  const objection = foreign(request)
  if (objection !== null) return refuse(403, objection)
  const [path = '/', query = ''] = (request.url ?? '/').split('?')
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (path === '/api/demo') {
    if (!reads) return refuse(405, 'Expected GET.', { allow: 'GET' })
    const { feedPort, breaker, tokens } = options
    return json(200, { feedPort, standing: breaker.standing, accounts, tokenLifeMs: tokens.lifeMs })
  }
  if (path === '/api/session' && reads) {
    const tab = new URLSearchParams(query).get('tab')
    return isTab(tab)
      ? json(200, await options.fleet.snapshot(tab))
      : refuse(400, 'Expected `tab` to be 32 hex digits.')
  }
  const answer = controls.get(path)
  if (answer !== undefined) {
    if (request.method !== 'POST') return refuse(405, 'Expected POST.', { allow: 'POST' })
    return control(request, body => answer(body, options))
  }
  if (!reads) return refuse(405, 'Expected GET.', { allow: 'GET' })
  const file = await options.files.read(path)
  if (file === null) return refuse(404, 'There is nothing here.')
  const headers: Record<string, string> = file.type.startsWith('text/html')
    ? { 'content-security-policy': policy(file.body.toString(), options.feedPort) }
    : {}
  return { status: 200, body: file.body, type: file.type, headers }
}

type Control = (body: unknown, options: SiteOptions) => Promise<unknown> | unknown

/** What may be posted where: each answers a parsed body, or says what is wrong with it. */
const controls: ReadonlyMap<string, Control> = new Map<string, Control>([
  [
    '/api/breakages',
    (body, { breaker }) => {
      const breakage = parseBreakage(body)
      return 'error' in breakage ? breakage : breaker.apply(breakage)
    },
  ],
  [
    '/api/accounts',
    (body, { tokens, feed }) => {
      const asked = parseAccountRequest(body)
      return 'error' in asked ? asked : { says: applyToAccount(asked, tokens, feed) }
    },
  ],
  [
    '/api/session',
    (body, { fleet }) => {
      const wish = parseWish(body)
      return 'error' in wish ? wish : fleet.apply(wish)
    },
  ],
  [
    // In the body of an answer that nobody stores: not in a URL, not in a cookie, not in a log.
    '/token',
    (body, { tokens }) => {
      const account = parseAccount(body)
      return typeof account === 'string' ? { token: tokens.issue(account), lifeMs: tokens.lifeMs } : account
    },
  ],
])

async function control(
  request: IncomingMessage,
  answer: (body: unknown) => Promise<unknown> | unknown,
): Promise<Answer> {
  // A page elsewhere cannot send this type without asking first, and the answer to that is no.
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
    return refuse(415, 'Expected `content-type: application/json`.')
  }
  const text = await body(request)
  if (text === null) return refuse(413, `Expected at most ${maxBodyBytes} bytes.`, { connection: 'close' })
  const answered = await answer(parseJson(text))
  return isObjection(answered) ? refuse(400, answered.error) : json(200, answered)
}

function isObjection(answer: unknown): answer is Objection {
  return typeof answer === 'object' && answer !== null && 'error' in answer
}

/**
 * Why a request is not ours to answer, or `null`. The Host header tells a DNS name that was rebound to loopback; the
 * Origin header tells a page from elsewhere. A command line sends no Origin, a browser always does when it posts.
 */
function foreign(request: IncomingMessage): string | null {
  const { host, origin } = request.headers
  const port = request.socket.localPort
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return 'Expected to be addressed as localhost or 127.0.0.1.'
  }
  if (origin !== undefined && origin !== `http://${host}`) return 'Expected a request from the page of this demo.'
  return null
}

async function body(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  // Left open, so that the answer can still be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function policy(html: string, feedPort: number): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${inlineScriptHashes(html)}`,
    "style-src 'self'",
    "img-src 'self'",
    // Its own WebSockets are those of the page beside it [CSP3 §6.7.2.8].
    `connect-src 'self' ws://127.0.0.1:${feedPort} ws://localhost:${feedPort}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, body: JSON.stringify(value), type: 'application/json; charset=utf-8', headers }
}

function refuse(status: number, error: string, headers: Record<string, string> = {}): Answer {
  return json(status, { error }, headers)
}

function send(response: ServerResponse, { status, body, type, headers }: Answer): void {
  response.writeHead(status, {
    ...headers,
    'content-type': type ?? 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
