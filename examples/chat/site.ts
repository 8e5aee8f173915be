// The HTTP side: the files of the page, and signing in. Loopback only.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { transform } from 'esbuild'
import { isWord } from './frames.ts'
import type { Tokens } from './tokens.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const HERE = new URL('./', import.meta.url)
const LIBRARY = new URL('../../dist/', import.meta.url)
const MITT = new URL('../../node_modules/mitt/dist/', import.meta.url)

/** One plain file name: no folders, no dots in front, so nothing outside of a folder can be named. */
const LIBRARY_FILE = /^\/holdfast\/([\w-][\w.-]*\.js)$/
const PAGE_FILES: readonly string[] = ['index.html', 'page.css', 'page.ts', 'chat.ts', 'frames.ts']
const MOST_BYTES = 1_000

function answer(status: number, type: string, body: string, headers: Answer['headers'] = {}): Answer {
  const always = {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  return { status, headers: { ...always, ...headers }, body }
}

function refusal(status: number, why: string): Answer {
  return answer(status, 'text/plain', `${why}\n`)
}

/** A page elsewhere must not talk to this one: by its Origin, and by the name that it was rebound to loopback with. */
export function foreign({ headers: { host, origin }, socket: { localPort } }: IncomingMessage): boolean {
  const ours = host === `127.0.0.1:${localPort}` || host === `localhost:${localPort}`
  return !ours || (origin !== undefined && origin !== `http://${host}`)
}

function policy(html: string): string {
  const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''
  const hash = createHash('sha256').update(map).digest('base64')
  return `default-src 'none'; script-src 'self' 'sha256-${hash}'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`
}

async function file(path: string): Promise<Answer> {
  const name = path === '/' ? 'index.html' : path.slice(1)
  const library = LIBRARY_FILE.exec(path)?.[1]
  const javascript = 'text/javascript'
  if (library) return answer(200, javascript, await readFile(new URL(library, LIBRARY), 'utf8'))
  if (path === '/modules/mitt.mjs') return answer(200, javascript, await readFile(new URL('mitt.mjs', MITT), 'utf8'))
  if (!PAGE_FILES.includes(name)) return refusal(404, 'There is nothing here.')
  const text = await readFile(new URL(name, HERE), 'utf8')
  if (name.endsWith('.html')) return answer(200, 'text/html', text, { 'content-security-policy': policy(text) })
  if (name.endsWith('.css')) return answer(200, 'text/css', text)
  // The types go, the rest stays as it is: the page loads the sources.
  const { code } = await transform(text, { loader: 'ts', target: 'es2022' })
  return answer(200, javascript, code)
}

async function signIn(request: IncomingMessage, tokens: Tokens): Promise<Answer> {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > MOST_BYTES) return refusal(413, `Expected at most ${MOST_BYTES} bytes.`)
  }
  const name = text.trim()
  if (!isWord(name)) return refusal(400, 'Expected a name of 1 to 100 characters.')
  return answer(200, 'application/json', JSON.stringify({ ...tokens.issue(name), identity: name }))
}

export async function respond(request: IncomingMessage, tokens: Tokens): Promise<Answer> {
  const { method, url = '/' } = request
  if (foreign(request)) return refusal(403, 'Expected a request from the page of this chat.')
  const [path = '/'] = url.split('?')
  if (path === '/session') return method === 'POST' ? signIn(request, tokens) : refusal(405, 'Expected POST.')
  if (method !== 'GET') return refusal(405, 'Expected GET.')
  return file(path).catch(() => refusal(404, 'Not found: is the library built? `npm run build`'))
}
