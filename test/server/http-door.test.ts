/** Who is let in over HTTP, what is answered to whoever is not, and clients that mean harm. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryLog, type SessionServer, sessionServer } from '../../src/server/index.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'
import { allOf, httpServed, typesOf } from './http-client.ts'
import { hello } from './raw-client.ts'

const page = 'https://app.example'
const json = JSON.stringify(hello())

describe('pages of an origin', () => {
  it.each(['/stream', '/send', '/poll'])('that is allowed may read what %s answers, errors too', async path => {
    const { base } = await httpServed({ origins: [page] })
    for (const [body, status] of [
      [json, 200],
      ['garbage', 400],
    ] as const) {
      const controller = new AbortController()
      const response = await fetch(`${base}${path}`, {
        method: 'POST',
        body,
        headers: { origin: page },
        signal: controller.signal,
      })
      expect(response.status).toBe(status)
      expect(response.headers.get('access-control-allow-origin')).toBe(page)
      expect(response.headers.get('access-control-allow-credentials')).toBe('true')
      expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After')
      expect(response.headers.get('vary')).toBe('Origin')
      controller.abort()
    }
  })

  it('that is foreign are answered 403, and may not read that', async () => {
    const { post, records, live } = await httpServed({ origins: [page], log: memoryLog() })
    for (const method of ['POST', 'OPTIONS']) {
      const { status, headers } = await post('/poll', json, {
        method,
        ...(method === 'OPTIONS' && { body: null }),
        headers: { origin: 'https://evil.example' },
      })
      expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([403, null, 'Origin'])
    }
    expect(records[0]?.line).toBe(
      'poll from 127.0.0.1 refused with HTTP 403: Origin "https://evil.example" is not among `origins`',
    )
    expect(live.metrics()).toContain('holdfast_handshakes_refused_total{status="403"} 2')
  })

  it('ask before they send, and are told what they may', async () => {
    const { base } = await httpServed({ origins: [page] })
    const response = await fetch(`${base}/send`, {
      method: 'OPTIONS',
      headers: {
        origin: page,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-app',
      },
    })
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,x-app',
      'access-control-max-age': '7200',
    })
  })

  it('are none where no Origin is sent', async () => {
    const { poll } = await httpServed({ origins: [page] })
    const { status, headers } = await poll()
    expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([200, null, 'Origin'])
  })

  it('are refused when the function that knows them throws', async () => {
    const { post } = await httpServed({
      origins() {
        throw new Error('secret')
      },
    })
    expect((await post('/poll', json, { headers: { origin: page } })).status).toBe(403)
  })
})

describe('a request', () => {
  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('that is no POST but %s is answered 405', async method => {
    const { base } = await httpServed()
    for (const path of ['/stream', '/send', '/poll']) {
      const response = await fetch(`${base}${path}`, { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    }
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"t":"msg"}',
    '{"t":"ping"}',
    '{"t":"hello"}',
    '{"t":"hello","v":1,"client":"a b","conn":"x","topics":[]}',
    '\n\n\n',
    new Uint8Array([0xc3, 0x28]),
    Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]),
  ])('whose body is %s is answered 400', async body => {
    const { base, live, records } = await httpServed()
    for (const path of ['/stream', '/send', '/poll']) {
      const response = await fetch(`${base}${path}`, { method: 'POST', body })
      expect([response.status, response.headers.get('content-type')]).toEqual([400, 'text/plain; charset=utf-8'])
    }
    expect(records.map(({ type }) => type)).toEqual(['refused', 'refused', 'refused'])
    expect(live.metrics()).toContain('holdfast_handshakes_refused_total{status="400"} 3')
  })

  it('whose body is too big is answered 413, and one whose body never ends is cut', async () => {
    const { post, bare, counts } = await httpServed({ limits: { messageBytes: 1_024 } })
    const most = 2 * 1_024 + 65_536
    const fits = `${json}${' '.repeat(most - json.length)}`
    expect((await post('/poll', fits)).status).toBe(200)
    expect((await post('/poll', `${fits} `)).status).toBe(413)
    expect((await post('/send', `${json}\n${'x'.repeat(3 * most)}`)).status).toBe(413)
    const said = await bare(['POST /live/send HTTP/1.1', 'Content-Length: 1000000000'], json)
    expect(await allOf(said)).toMatch(/^HTTP\/1.1 413 .*Connection: close/s)
    const endless = await bare(['POST /live/send HTTP/1.1', 'Transfer-Encoding: chunked'])
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const all = allOf(endless)
    for (let n = 0; n < 10; n++) endless.write(chunk)
    expect(await all).toMatch(/^HTTP\/1.1 413 /)
    await counts('holdfast_sockets 0')
  })

  it('that drips is answered 408 after 30 s', async () => {
    const clock = virtualClock()
    const { bare, counts, records } = await httpServed({ clock })
    const slow = await bare(['POST /live/stream HTTP/1.1', 'Content-Length: 1000'], '{"t":')
    await counts('holdfast_sockets 1')
    const all = allOf(slow)
    await clock.advance(29_000)
    slow.write('"hello"')
    await clock.advance(1_000)
    expect(await all).toMatch(/^HTTP\/1.1 408 .*Connection: close/s)
    expect(records.map(({ line }) => line)).toEqual([
      'stream from 127.0.0.1 refused with HTTP 408: the body took too long',
    ])
    await counts('holdfast_sockets 0')
  })

  it('that is given up in the middle of its body is nobody', async () => {
    const { bare, counts, records } = await httpServed()
    const gone = await bare(['POST /live/send HTTP/1.1', 'Content-Length: 1000'], json)
    await counts('holdfast_sockets 1')
    gone.destroy()
    await counts('holdfast_sockets 0')
    expect(records).toEqual([])
  })

  it('of another path is left to other listeners, and answered 404 where there are none', async () => {
    const { base, http } = await httpServed()
    const statuses = async (): Promise<readonly number[]> =>
      Promise.all(
        ['/../other', '', '/streams', '/x/stream'].map(
          async path => (await fetch(`${base}${path}`, { method: 'POST', body: json })).status,
        ),
      )
    expect(await statuses()).toEqual([404, 404, 404, 404])
    // It answers everything, as an app does.
    http.on('request', (_, response) => response.writeHead(418).end())
    expect(await statuses()).toEqual([418, 418, 418, 418])
    const response = await fetch(`${base}/poll?x=1`, { method: 'POST', body: json })
    expect([response.status, (await response.text()).startsWith('{"t":"welcome"')]).toEqual([200, true])
  })
})

describe('an http server', () => {
  async function listening(app: (live: SessionServer) => Parameters<typeof createServer>[1], attach?: object) {
    const http = createServer((request, response) => app(live)?.(request, response as never))
    const live: SessionServer = sessionServer({ ...(attach && { server: http, ...attach }) })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    onTestFinished(async () => {
      await live.close()
      http.close()
    })
    const post = (path: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: json })
    return { live, http, post }
  }

  it('that routes by itself gives them to handleRequest', async () => {
    const { post } = await listening(live => (request, response) => {
      if (!live.handleRequest(request, response)) response.writeHead(418).end()
    })
    expect([(await post('/any/poll')).status, (await post('/poll')).status, (await post('/any')).status]).toEqual([
      200, 200, 418,
    ])
  })

  it('with an app keeps its paths, when nobody named one', async () => {
    const { post } = await listening(() => (_, response) => response.writeHead(418).end(), {})
    expect((await post('/api/send')).status).toBe(418)
  })

  it('has its requests back when the server of sessions is closed, whoever came between', async () => {
    const { post, http, live } = await listening(() => (_, response) => response.writeHead(418).end(), {
      path: '/live',
    })
    const { emit } = http
    expect((await post('/live/poll')).status).toBe(200)
    const seen: unknown[] = []
    http.emit = (event: string | symbol, ...args: readonly unknown[]) => {
      seen.push(event)
      return Reflect.apply(emit, http, [event, ...args])
    }
    await live.close()
    expect((await post('/live/poll')).status).toBe(418)
    expect(seen).toContain('request')
  })

  it('answers 503 where there is no room, to those who listen and those who send apart', async () => {
    const { stream, poll, send, records } = await httpServed({ limits: { connections: 1 } })
    const one = await stream()
    await one.next({ t: 'welcome' })
    const full = await poll()
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5'])
    expect(records.at(-1)?.line).toBe('poll from 127.0.0.1 refused with HTTP 503: 1 connections are open')
    expect((await send({}, { t: 'ping' })).frames).toEqual([{ t: 'pong' }])
  })
})

describe('a hostile client over HTTP', () => {
  it('opens many requests', async () => {
    const { bare, poll, send, stream, counts } = await httpServed({
      limits: { connectionsPerAddress: 2 },
      authenticate: () => ({ identity: 'me' }),
    })
    const half = ['POST /live/poll HTTP/1.1', 'Content-Length: 100']
    const [one] = [await bare(half, '{'), await bare(half, '{')]
    await counts('holdfast_sockets 2')
    const crowded = await poll()
    expect([crowded.status, crowded.headers.get('retry-after')]).toEqual([429, '60'])
    expect(crowded.frames).toMatchObject([{ t: 'close', code: 4302 }])
    expect(await (await stream()).ended).toMatchObject({ t: 'close', code: 4302 })
    expect((await send({}, { t: 'ping' })).status).toBe(200)
    one?.destroy()
    await counts('holdfast_sockets 1')
    expect((await poll()).status).toBe(200)
  })

  it('has no more streams and polls than its user may', async () => {
    const { stream, poll, send } = await httpServed({
      limits: { connectionsPerIdentity: 1 },
      authenticate: () => ({ identity: 'me' }),
    })
    const one = await stream()
    await one.next({ t: 'welcome' })
    const other = await poll({ client: 'c2' })
    expect([other.status, other.frames]).toMatchObject([429, [{ t: 'close', code: 4301 }]])
    expect((await send({}, { t: 'ping' })).status).toBe(200)
  })

  it('uses an id again, for other data and another client, and sends what is deeper than a stack', async () => {
    const { send } = await httpServed()
    const deep = `{"t":"msg","id":"c1-2","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const { status, frames } = await send(
      {},
      { t: 'msg', id: 'c1-1', data: 'a' },
      { t: 'msg', id: 'c1-1', data: 'b' },
      { t: 'msg', id: 'c2-1', data: 'c' },
      deep,
      { t: 'msg', id: 'c1-3', data: 'x'.repeat(1_048_577) },
      { t: 'ping' },
    )
    expect(status).toBe(200)
    expect(frames.map(({ t, code, dup }) => code ?? dup ?? t)).toEqual([
      'ok',
      true,
      'bad-id',
      expect.any(String),
      'too-big',
      'pong',
    ])
  })

  it('sends more lines than any page would', async () => {
    const { send, poll } = await httpServed()
    const { status, frames } = await send({}, Array.from({ length: 9_000 }, () => '{}').join('\n'))
    expect([status, frames.at(-1)]).toMatchObject([429, { t: 'close', code: 4300 }])
    expect((await poll()).status).toBe(200)
  })

  it('asks for topics that it may not have, and with cursors that are none', async () => {
    const { poll, live } = await httpServed({ authorize: ({ topic }) => topic !== 'private', limits: { topics: 2 } })
    await live.publish('private', 1)
    const { status, frames } = await poll({
      topics: [
        { topic: 'private', epoch: 'x', seq: 0 },
        { topic: 'mine', epoch: '', seq: Number.MAX_SAFE_INTEGER },
        { topic: 'more' },
        { topic: 'most' },
      ],
    })
    expect(status).toBe(200)
    expect(typesOf(frames)).not.toContain('event')
    expect(
      frames
        .map(({ code, reason }) => code ?? reason)
        .filter(Boolean)
        .sort(),
    ).toEqual(['epoch', 'forbidden', 'too-many-topics', 'too-many-topics'])
  })

  it('puts its token everywhere, and finds it in no line', async () => {
    const { poll, send, stream, records } = await httpServed({
      authenticate({ token }) {
        if (token === 'secret-2') throw new Error(token)
        return token === 'secret-1' ? { identity: 'me' } : 'refresh'
      },
    })
    for (const token of ['secret-1', 'secret-2', 'secret-3']) {
      await poll({ token })
      await send({ token, extra: token }, { t: 'auth', token }, { t: 'msg', id: token, data: token })
      const page = await stream({ token })
      await page.next({ t: token === 'secret-1' ? 'welcome' : 'close' })
    }
    expect(records.length).toBeGreaterThan(5)
    for (const { line } of records) expect(line).not.toContain('secret')
  })
})
