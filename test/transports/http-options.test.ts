import { afterEach, describe, expect, it, vi } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'
import { isUnusable } from '../../src/transports/http-end.ts'
import { polling } from '../../src/transports/polling.ts'
import { sse } from '../../src/transports/sse.ts'
import type { DialRequest } from '../../src/transports/transport.ts'
import { dialled, dialRequest, greeted } from './heard-carrier.ts'
import { HttpSessionServer } from './http-session-server.ts'

const both = [
  ['sse', sse],
  ['polling', polling],
] as const

/** Calls it with what types forbid. */
function wrong(make: (options: never) => unknown, options: unknown): unknown {
  return Reflect.apply(make, null, [options])
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe.each(both)('options of %s', (name, make) => {
  it.each([
    ['url', 7, 'a URL or a function, got 7'],
    ['url', 'ftp://x.example', 'an address with http, https, ws or wss, got string'],
    ['url', 'http://', 'an address with http, https, ws or wss, got string'],
    ['headers', 'x', 'headers, as `fetch` takes them, or a function, got string'],
    ['headers', { 'no spaces': 'x' }, 'headers, as `fetch` takes them, or a function, got object'],
    ['credentials', 'yes', 'one of include, omit, same-origin, got "yes"'],
    ['fetch', {}, 'a function, got object'],
    ['send', 'x', 'a function, got "x"'],
    ['retries', 3, 'absent: no such option, got 3'],
  ])('names %s where it is wrong', (option, value, fact) => {
    expect(() => wrong(make, { [option]: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: expect.stringMatching(new RegExp(`\\b${option}( of ${name}\\(\\))?\` to be ${fact}`)),
      }),
    )
  })

  it('are an object, or nothing', () => {
    expect(() => wrong(make, null)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    expect(() => wrong(make, 'x')).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    expect(make().name).toBe(name)
  })
})

describe('options of one transport', () => {
  it.each([
    [sse, 'sse.events', { events: 'message' }],
    [sse, 'sse.events', { events: [7] }],
    [sse, 'sse.dataOf', { dataOf: 'x' }],
    [sse, 'sse.silentMs', { silentMs: 999 }],
    [sse, 'sse.silentMs', { silentMs: Number.NaN }],
    [polling, 'polling.poll', { poll: 'x' }],
    [polling, 'polling.everyMs', { everyMs: 999 }],
    [polling, 'polling.everyMs', { everyMs: Infinity }],
    [polling, 'polling.timeoutMs', { timeoutMs: 0 }],
    [polling, 'polling.events', { events: [] }],
  ])('name what is wrong: %o %s', (make, path, options) => {
    expect(() => wrong(make, options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(`\`${path}\``) }),
    )
  })
})

describe.each(both)('where %s asks', (name, make) => {
  const path = name === 'sse' ? 'stream' : 'poll'

  async function asks(options: object, more: Partial<DialRequest> = {}) {
    const clock = virtualClock()
    const server = new HttpSessionServer({ clock })
    const heard = await greeted(make({ fetch: server.fetch, ...options }), clock, [], more)
    return { server, heard, clock, url: server.heard[0]?.url }
  }

  it('is the address of the WebSocket, over http', async () => {
    expect((await asks({}, { url: 'ws://h.example:81/live/?x=1#y' })).url).toBe(`http://h.example:81/live/${path}?x=1`)
    expect((await asks({}, { url: new URL('wss://h.example') })).url).toBe(`https://h.example/${path}`)
  })

  it('is another address where the app says so', async () => {
    expect((await asks({ url: 'wss://other.example/x' })).url).toBe(`https://other.example/x/${path}`)
    const url = (dialled: URL) => `${dialled.origin}/fallback`
    const { heard, ...rest } = await asks({ url })
    expect([rest.url, heard.carrier.url]).toEqual([
      `https://feed.example/fallback/${path}`,
      'https://feed.example/fallback',
    ])
  })

  it('is relative to the page', async () => {
    vi.stubGlobal('location', { href: 'https://page.example/a/b' })
    expect((await asks({}, { url: '../live' })).url).toBe(`https://page.example/live/${path}`)
    expect((await asks({ url: '/other' })).url).toBe(`https://page.example/other/${path}`)
  })

  it('takes headers, and a function of them that knows the credential', async () => {
    const { server, heard, clock } = await asks({ headers: { 'X-App': '1' }, credentials: 'omit' })
    expect(new Headers(server.heard[0]?.init.headers).get('x-app')).toBe('1')
    expect(server.heard[0]?.init.credentials).toBe('omit')
    heard.carrier.close()
    await clock.advance(0)

    const headers = async ({ token, url }: { token: string; url: string }) => [
      ['x-token', `${token} ${new URL(url).pathname}`],
    ]
    const second = await asks({ headers })
    await second.clock.advance(1_000)
    second.heard.say({ t: 'auth', token: 'fresh' })
    second.heard.say({ t: 'msg', id: 'c1-1', data: 1 })
    await second.clock.advance(500)
    const sent = second.server.heard.map(({ init }) => new Headers(init.headers).get('x-token'))
    expect(new Set(sent)).toEqual(new Set([`secret /live/${path}`, `fresh /live/${path}`, 'fresh /live/send']))
  })

  it('fails where the headers cannot be had, and tells the app why', async () => {
    const { server, heard } = await asks({ headers: () => Promise.reject(new Error('no token')) })
    expect(server.heard).toEqual([])
    expect(heard.events).toEqual(['open', 'error', 'close 1006 "a request failed" broken'])
    expect(heard.reported).toMatchObject([{ code: 'ERR_PROVIDER', cause: { message: 'no token' } }])
  })

  it('asks with the `fetch` of the moment', async () => {
    const clock = virtualClock()
    const first = new HttpSessionServer({ clock })
    const second = new HttpSessionServer({ clock })
    vi.stubGlobal('fetch', first.fetch)
    const { carrier, say } = await greeted(make(), clock)
    vi.stubGlobal('fetch', second.fetch)
    say({ t: 'msg', id: 'c1-1', data: 1 })
    await clock.advance(0)
    expect([first.asked(path).length > 0, second.asked('send').length]).toEqual([true, 1])
    carrier.close()
    await clock.advance(0)
    vi.stubGlobal('fetch', undefined)
    expect(() => make().dial(dialRequest(clock))).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })

  it('refuses to dial what is no address', () => {
    for (const url of ['ftp://x.example', 'nowhere', ''])
      expect(() => make({ fetch }).dial(dialRequest(virtualClock(), { url }))).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION' }),
      )
  })

  it('survives listeners that throw', async () => {
    const clock = virtualClock()
    const server = new HttpSessionServer({ clock })
    const { carrier, reported, say } = dialled(make({ fetch: server.fetch }), clock)
    carrier.onopen = () => {
      throw new Error('listener')
    }
    await clock.advance(0)
    say({ t: 'hello', v: 1, client: 'c1', conn: 'n1', topics: [] })
    await clock.advance(0)
    expect([carrier.readyState, reported]).toEqual([1, [new Error('listener')]])
  })
})

describe.each(both)('a probe of %s', (_, make) => {
  const probe = (instead?: () => Response | Promise<Response>) => {
    const clock = virtualClock()
    const server = new HttpSessionServer({ clock, ...(instead && { instead }) })
    const asked = make({ fetch: server.fetch }).probe?.(
      dialRequest(clock, { token: 'secret' }),
      new AbortController().signal,
    )
    return { server, asked }
  }

  it('says hello and nothing else, and leaves nothing behind', async () => {
    const { server, asked } = probe()
    expect(await asked).toBe(true)
    expect(server.heard.map(({ path }) => path)).toEqual(['send'])
    expect(server.heard[0]?.frames).toMatchObject([{ t: 'hello', v: 1, token: 'secret', topics: [] }])
    expect(server.heard[0]?.frames[0]?.client).toMatch(/^[0-9a-f]{32}$/)
  })

  it.each([400, 404, 405, 426])('says no at HTTP %i', async status => {
    expect(await probe(() => new Response(null, { status })).asked).toBe(false)
  })

  it('says no where something else answers', async () => {
    expect(await probe(() => new Response('<html>')).asked).toBe(false)
  })

  it('rejects where nobody can be reached, or the server cannot say', async () => {
    await expect(probe(() => Promise.reject(new TypeError('no network'))).asked).rejects.toThrow('no network')
    await expect(probe(() => new Response(null, { status: 503 })).asked).rejects.toThrow('HTTP 503')
  })
})

describe('a probe of a plain server', () => {
  const signal = new AbortController().signal
  const request = dialRequest(virtualClock(), { protocols: 'chat', url: 'https://feed.example/events' })

  it('looks whether an event stream is there, and lets go of it', async () => {
    let gone = false
    const body = new ReadableStream({
      cancel() {
        gone = true
      },
    })
    const answer = new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    expect(await sse({ fetch: async () => answer }).probe?.(request, signal)).toBe(true)
    expect(gone).toBe(true)
    expect(await sse({ fetch: async () => new Response('{}') }).probe?.(request, signal)).toBe(false)
    expect(await sse({ fetch: async () => new Response('', { status: 404 }) }).probe?.(request, signal)).toBe(false)
    await expect(
      sse({ fetch: async () => new Response('', { status: 500 }) }).probe?.(request, signal),
    ).rejects.toThrow('HTTP 500')
  })

  it('leaves a poll of the app to the dial', async () => {
    expect(await polling({ poll: () => ({ messages: [] }) }).probe?.(request, signal)).toBe(true)
  })
})

describe('a close that says that a transport is of no use', () => {
  it('is known by its reason', () => {
    const close = (code: number, reason: string) => isUnusable({ code, reason })
    expect(close(1006, 'not offered: HTTP 404')).toBe(true)
    expect(close(1006, 'buffered: no welcome within 10 s')).toBe(true)
    expect(close(1006, 'silent: nothing for 32 s')).toBe(false)
    expect(close(4000, 'buffered: says the app')).toBe(false)
  })
})
