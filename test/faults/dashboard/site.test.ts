import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Demo, startDemo } from '../../../examples/dashboard/demo.ts'

let demo: Demo
let port: number

beforeAll(async () => {
  demo = await startDemo({ port: 0 })
  port = Number(new URL(demo.url).port)
})

afterAll(() => demo.close())

interface Answer {
  readonly status: number | undefined
  readonly text: string
  readonly headers: Record<string, string | string[] | undefined>
}

/** Plain HTTP, since `fetch` may set neither Host nor an unclean path. */
function ask(path: string, method = 'GET', headers: Record<string, string> = {}, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, response => {
      let text = ''
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode, text, headers: response.headers }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const json = { 'content-type': 'application/json' }
const reset = JSON.stringify({ type: 'reset' })

describe('the control API', () => {
  it('does what it is asked by its own page and by a command line', async () => {
    const own = { ...json, origin: `http://127.0.0.1:${port}` }
    for (const headers of [json, own]) {
      const answer = await ask('/api/breakages', 'POST', headers, reset)
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text)).toMatchObject({ type: 'reset', at: 'proxy', until: null })
    }
  })

  it.each([
    ['a page elsewhere', { origin: 'https://example.com' }],
    ['a page on another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', { origin: 'null' }],
    ['a name that was rebound to loopback', { host: 'rebound.example' }],
  ])('refuses %s', async (_, headers) => {
    expect((await ask('/api/breakages', 'POST', { ...json, ...headers }, reset)).status).toBe(403)
    expect((await ask('/api/demo', 'GET', headers)).status).toBe(403)
  })

  it('refuses what a form elsewhere could send without asking', async () => {
    const answer = await ask('/api/breakages', 'POST', { 'content-type': 'text/plain' }, reset)
    expect(answer.status).toBe(415)
  })

  it.each([
    ['not JSON', '{', 400, 'Expected a JSON object with a `type`.'],
    ['a wrong value', '{"type":"close","code":1006}', 400, 'Expected `code` to be a close code that a server may send'],
    ['too much', `"${'x'.repeat(5000)}"`, 413, 'Expected at most 4096 bytes.'],
  ])('answers %s with a clear sentence', async (_, body, status, sentence) => {
    const answer = await ask('/api/breakages', 'POST', json, body)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text).error).toContain(sentence)
  })

  it('knows its methods', async () => {
    expect((await ask('/api/breakages')).status).toBe(405)
    expect((await ask('/api/demo', 'POST')).status).toBe(405)
    expect((await ask('/', 'DELETE')).status).toBe(405)
  })

  it('tells the fault that stands, and forgets it when it is mended', async () => {
    const standing = async () => JSON.parse((await ask('/api/demo')).text).standing
    await ask('/api/breakages', 'POST', json, '{"type":"refuse-tcp","seconds":30}')
    expect(await standing()).toMatchObject({ type: 'refuse-tcp', at: 'proxy' })
    await ask('/api/breakages', 'POST', json, '{"type":"restart","seconds":30}')
    expect(await standing()).toMatchObject({ type: 'restart', at: 'server' })
    await ask('/api/breakages', 'POST', json, '{"type":"heal"}')
    expect(await standing()).toBeNull()
  })
})

describe('the fleet of the session page', () => {
  const tab = '0123456789abcdef0123456789abcdef'

  it('tells where it stands: both nodes, and a position in every log', async () => {
    const answer = await ask(`/api/session?tab=${tab}`)
    expect(answer.status).toBe(200)
    const position = { epoch: expect.any(String), seq: expect.any(Number) }
    expect(JSON.parse(answer.text)).toMatchObject({
      nodes: [
        { name: 'A', state: 'up' },
        { name: 'B', state: 'up' },
      ],
      mine: 0,
      cursors: { ticks: position, fleet: position, mine: { seq: 0 } },
    })
    expect((await ask('/api/session?tab=x')).status).toBe(400)
  })

  it('says what it did, and what it cannot do twice', async () => {
    const wish = (body: object) => ask('/api/session', 'POST', json, JSON.stringify(body))
    const cut = await wish({ type: 'cut', tab })
    expect(JSON.parse(cut.text)).toMatchObject({ says: 'This page has no connection at the moment.' })
    const killed = await wish({ type: 'kill', node: 'B' })
    expect(JSON.parse(killed.text)).toMatchObject({ nodes: [{ state: 'up' }, { state: 'down' }] })
    const again = await wish({ type: 'kill', node: 'B' })
    expect([again.status, JSON.parse(again.text).error]).toEqual([400, 'Node B is down already.'])
    expect((await wish({ type: 'explode' })).status).toBe(400)
  })

  it.each([
    ['a page elsewhere', '/session/live', 'https://example.com'],
    ['a page on another port of this machine', '/session/plain', 'http://127.0.0.1:1'],
    ['a path that is not its own', '/other', undefined],
  ])('takes no WebSocket from %s', async (_, path, origin) => {
    const answer = await ask(path, 'GET', {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-protocol': 'holdfast.v1',
      ...(origin !== undefined && { origin }),
    })
    expect(answer.status).toBe(403)
  })
})

describe('the files of the page', () => {
  it('are served with their types', async () => {
    expect((await ask('/session/')).text).toContain('nothing lost, nothing twice')
    expect((await ask('/session/style/session.css')).headers['content-type']).toContain('text/css')
    expect((await ask('/session/page/main.js')).headers['content-type']).toContain('text/javascript')
    expect((await ask('/dashboard/page/elements.js')).status).toBe(200)
    expect((await ask('/')).headers['content-type']).toContain('text/html')
    expect((await ask('/style/page.css')).headers['content-type']).toContain('text/css')
    expect((await ask('/page/main.js')).headers['content-type']).toContain('text/javascript')
    expect((await ask('/modules/mitt.mjs')).text).toContain('export default')
    expect((await ask('/icon.svg', 'HEAD')).text).toBe('')
  })

  it('are allowed to run nothing else', async () => {
    const policy = String((await ask('/')).headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
  })

  it.each([
    '/page/../server/site.ts',
    '/page/%2e%2e/server/site.ts',
    '/page/..%2fserver%2fsite.ts',
    '/holdfast/../package.json',
    '/holdfast//etc/passwd',
    '/server/site.ts',
    '/session/server/node.ts',
    '/session/fleet.ts',
    '/dashboard/',
    '/page/tsconfig.json',
    '/page/.hidden.js',
    '/package.json',
    '//example.com/page/main.js',
  ])('do not include %s', async path => {
    expect((await ask(path)).status).toBe(404)
  })
})
