// The HTTP side of the demo: the page, and the control API that breaks the line. Loopback only.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseBreakage } from './breakage.ts'
import type { Breaker } from './breaker.ts'
import { type Files, inlineScriptHashes } from './files.ts'

export interface Site {
  readonly port: number
  close(): Promise<void>
}

export interface SiteOptions {
  readonly port: number
  readonly feedPort: number
  readonly files: Files
  readonly breaker: Breaker
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
    const answer = await respond(request, options).catch(() => refuse(500, 'The demo failed to answer.'))
    send(response, answer)
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
  const [path = '/'] = (request.url ?? '/').split('?')
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (path === '/api/demo') {
    if (!reads) return refuse(405, 'Expected GET.', { allow: 'GET' })
    return json(200, { feedPort: options.feedPort, standing: options.breaker.standing })
  }
  if (path === '/api/breakages') {
    if (request.method !== 'POST') return refuse(405, 'Expected POST.', { allow: 'POST' })
    return control(request, options.breaker)
  }
  if (!reads) return refuse(405, 'Expected GET.', { allow: 'GET' })
  const file = await options.files.read(path)
  if (file === null) return refuse(404, 'There is nothing here.')
  const headers: Record<string, string> = file.type.startsWith('text/html')
    ? { 'content-security-policy': policy(file.body.toString(), options.feedPort) }
    : {}
  return { status: 200, body: file.body, type: file.type, headers }
}

async function control(request: IncomingMessage, breaker: Breaker): Promise<Answer> {
  // A page elsewhere cannot send this type without asking first, and the answer to that is no.
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
    return refuse(415, 'Expected `content-type: application/json`.')
  }
  const text = await body(request)
  if (text === null) return refuse(413, `Expected at most ${maxBodyBytes} bytes.`, { connection: 'close' })
  const parsed = parseBreakage(parseJson(text))
  if ('error' in parsed) return refuse(400, parsed.error)
  return json(200, await breaker.apply(parsed))
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
