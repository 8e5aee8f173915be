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

describe('the files of the page', () => {
  it('are served with their types', async () => {
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
    '/page/tsconfig.json',
    '/page/.hidden.js',
    '/package.json',
    '//example.com/page/main.js',
  ])('do not include %s', async path => {
    expect((await ask(path)).status).toBe(404)
  })
})
