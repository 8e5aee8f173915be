import { describe, expect, it } from 'vitest'
import { memoryLog, Refused } from '../../src/server/index.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'
import { httpServed } from './http-client.ts'

const token = ({ token }: { readonly token?: string }): { identity: string } | null =>
  token ? { identity: token } : null
const msg = (n: number, more: object = {}): object => ({ t: 'msg', id: `c1-${n}`, data: n, ...more })

describe('a request that sends', () => {
  it('stores its messages, and answers them and nothing else, in order', async () => {
    const { send, greeted } = await httpServed({
      onRequest: async ({ data }) => {
        await new Promise(resolve => setTimeout(resolve, 5))
        return { asked: data }
      },
      onMessage: async ({ data }) => {
        if (data === 3) throw new Refused('no-threes')
        await new Promise(resolve => setTimeout(resolve, 5))
        return undefined
      },
    })
    const page = await greeted({ client: 'c2', topics: [{ topic: 'default' }] })
    const { status, headers, frames } = await send(
      { topics: [{ topic: 'default' }] },
      msg(1),
      { t: 'ping', n: 7 },
      'garbage',
      msg(2, { request: true }),
      { t: 'ack', topic: 'default', seq: 1 },
      { t: 'of-the-future' },
      msg(3),
      { t: 'msg', id: 7 },
      msg(4, { b64: 'AQI=' }),
      msg(5, { b64: 'no base64!' }),
      { t: 'sub', topic: 'default' },
      { t: 'auth', token: 'x' },
      { t: 'hello', v: 1, client: 'c1', conn: 'x', topics: [] },
      msg(6, { data: { b64: '"b64"' } }),
      '',
    )
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8'])
    expect(frames.map(({ t, id, n, code, data }) => [t, id ?? n ?? code, ...(data ? [data] : [])])).toEqual([
      ['ok', 'c1-1'],
      ['pong', 7],
      ['err', 'bad-frame'],
      ['ok', 'c1-2', { asked: 2 }],
      ['err', 'c1-3'],
      ['err', 'bad-frame'],
      ['ok', 'c1-4'],
      ['err', 'c1-5'],
      ['err', 'bad-frame'],
      ['err', 'bad-frame'],
      ['err', 'bad-frame'],
      ['ok', 'c1-6'],
    ])
    await page.next({ t: 'event', seq: 3 })
    const events = page.frames.filter(({ t }) => t === 'event')
    expect(events.map(({ data, bytes }) => bytes ?? data)).toEqual([1, new Uint8Array([1, 2]), { b64: '"b64"' }])
  })

  it('that comes again, at another server with the same log, stores nothing twice', async () => {
    const log = memoryLog()
    const [one, other] = [await httpServed({ log }), await httpServed({ log })]
    expect((await one.send({}, msg(1), msg(2))).frames).toEqual([
      { t: 'ok', id: 'c1-1' },
      { t: 'ok', id: 'c1-2' },
    ])
    expect((await other.send({ conn: 'conn-2' }, msg(1), msg(2), msg(3))).frames).toEqual([
      { t: 'ok', id: 'c1-1', dup: true },
      { t: 'ok', id: 'c1-2', dup: true },
      { t: 'ok', id: 'c1-3' },
    ])
    expect((await log.head('default')).seq).toBe(3)
  })

  it('is a client of its identity alone: ids of others are refused, and never known', async () => {
    const { send } = await httpServed({ authenticate: token })
    await send({ token: 'me' }, msg(1))
    expect((await send({ token: 'you' }, msg(1))).frames).toEqual([{ t: 'ok', id: 'c1-1' }])
    expect((await send({ token: 'you', client: 'c2' }, msg(1))).frames).toMatchObject([{ t: 'err', code: 'bad-id' }])
  })

  it('may do what its user may', async () => {
    const { send } = await httpServed({ authenticate: token, authorize: ({ topic, action }) => topic === action })
    const { frames } = await send({ token: 'me' }, msg(1, { topic: 'publish' }), msg(2, { topic: 'secret' }))
    expect(frames).toMatchObject([{ t: 'ok' }, { t: 'err', id: 'c1-2', code: 'forbidden' }])
  })

  it('holds what is behind a message that is refused for now', async () => {
    const { send } = await httpServed({
      onMessage({ data }) {
        if (data === 2) throw new Refused('busy', { retry: 'later' })
        return undefined
      },
    })
    expect((await send({}, msg(1), msg(2), msg(3))).frames).toMatchObject([
      { t: 'ok' },
      { t: 'err', id: 'c1-2', code: 'busy', retry: 'later' },
      { t: 'err', id: 'c1-3', code: 'held', retry: 'later' },
    ])
  })

  it('has no more messages than may be in flight', async () => {
    const { send } = await httpServed({ limits: { inFlight: 2 } })
    const { frames } = await send({}, msg(1), msg(2), msg(3), msg(4))
    expect(frames.map(({ t, code }) => code ?? t)).toEqual(['ok', 'ok', 'in-flight', 'held'])
  })

  it.each([
    ['refresh', 401, 4200],
    ['forbidden', 403, 4403],
  ] as const)('of somebody who is answered %s is %i, and stores nothing', async (answer, status, code) => {
    const log = memoryLog()
    const { send } = await httpServed({ log, authenticate: () => answer })
    const answered = await send({}, msg(1))
    expect([answered.status, answered.frames]).toMatchObject([status, [{ t: 'close', code }]])
    expect(answered.headers.has('www-authenticate')).toBe(status === 401)
    expect((await log.head('default')).seq).toBe(0)
  })

  it('that says bye is closed as a WebSocket is, after its messages', async () => {
    const { send } = await httpServed()
    const { status, frames } = await send({}, msg(1), { t: 'bye' }, msg(2))
    expect([status, frames]).toEqual([
      200,
      [
        { t: 'ok', id: 'c1-1' },
        { t: 'close', code: 1000, reason: 'bye' },
      ],
    ])
  })

  it('with great answers is answered as it goes', async () => {
    const { send } = await httpServed({
      limits: { messageBytes: 100_000, bufferedBytes: 10_000 },
      onRequest: () => 'x'.repeat(90_000),
    })
    const { status, headers, frames } = await send(
      {},
      ...Array.from({ length: 8 }, (_, n) => msg(n + 1, { request: true })),
    )
    expect([status, headers.has('content-length'), frames.length]).toEqual([200, false, 8])
    expect(new Set(frames.map(({ data }) => String(data).length))).toEqual(new Set([90_000]))
  })
})

describe('the rates', () => {
  it('of a connection hold over all requests of a client', async () => {
    const clock = virtualClock()
    const { send } = await httpServed({ clock, authenticate: token, rates: { connection: { perSecond: 1, burst: 3 } } })
    const results: unknown[] = []
    for (let n = 1; n <= 5; n++) {
      const { frames } = await send({ token: 'me', conn: `conn-${n}` }, msg(n))
      results.push(frames[0]?.code ?? frames[0]?.t)
    }
    expect(results).toEqual(['ok', 'ok', 'ok', 'rate', 'rate'])
    // Others have their own.
    expect((await send({ token: 'you' }, msg(1))).frames).toMatchObject([{ t: 'ok' }])
    expect((await send({ token: 'me', client: 'c2' }, msg(1, { id: 'c2-1' }))).frames).toMatchObject([{ t: 'ok' }])
    await clock.advance(1_000)
    expect((await send({ token: 'me' }, msg(4))).frames).toMatchObject([{ t: 'ok' }])
  })

  it('of types, and of guests by their network, too', async () => {
    const clock = virtualClock()
    const { send } = await httpServed({ clock, rates: { type: { typing: { perSecond: 1 } } } })
    const typing = (n: number): object => msg(n, { data: { type: 'typing' } })
    expect((await send({}, typing(1))).frames).toMatchObject([{ t: 'ok' }])
    expect((await send({}, typing(2))).frames).toMatchObject([{ code: 'rate' }])
    expect((await send({}, msg(3))).frames).toMatchObject([{ t: 'ok' }])
  })

  it('of an identity hold over WebSockets and requests together', async () => {
    const clock = virtualClock()
    const { send, greeted } = await httpServed({ clock, authenticate: token, rates: { identity: { perSecond: 1 } } })
    const page = await greeted({ token: 'me', client: 'c2' })
    page.send({ t: 'msg', id: 'c2-1' })
    await page.next({ t: 'ok' })
    expect((await send({ token: 'me' }, msg(1))).frames).toMatchObject([{ code: 'rate', afterMs: 1_000 }])
  })

  it('of frames end a flood with 429, and go on in the next request', async () => {
    const clock = virtualClock()
    const { send } = await httpServed({ clock, rates: { frames: { perSecond: 1, burst: 10 } } })
    const pings = Array.from({ length: 11 }, (_, n) => ({ t: 'ping', n }))
    const { status, headers, frames } = await send({}, ...pings)
    expect([status, headers.get('retry-after')]).toEqual([429, '60'])
    expect(frames.at(-1)).toMatchObject({ t: 'close', code: 4300 })
    expect((await send({}, { t: 'ping' })).status).toBe(429)
    await clock.advance(2_000)
    expect((await send({}, { t: 'ping' })).status).toBe(200)
  })
})
