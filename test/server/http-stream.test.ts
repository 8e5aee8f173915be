import { describe, expect, it } from 'vitest'
import { memoryLog } from '../../src/server/index.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'
import { httpServed, typesOf } from './http-client.ts'
import { hello } from './raw-client.ts'
import { endpoint } from './wired.ts'

const token = ({ token }: { readonly token?: string }): { identity: string } | null =>
  token ? { identity: token } : null

describe('a stream', () => {
  it('is welcomed, subscribed, and told of events, one line each', async () => {
    const { stream, live } = await httpServed()
    const page = await stream({ topics: [{ topic: 'news' }] })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/event-stream')
    expect(page.headers.get('cache-control')).toBe('no-cache, no-transform')
    expect(page.headers.get('x-accel-buffering')).toBe('no')
    await page.next({ t: 'subbed', seq: 0, recovered: true })
    await live.publish('news', { text: 'one\ntwo' })
    expect(await page.next({ t: 'event' })).toMatchObject({ topic: 'news', seq: 1, data: { text: 'one\ntwo' } })
    expect(typesOf(page.frames)).toEqual(['welcome', 'subbed', 'event'])
    expect(page.frames[0]).toMatchObject({ conn: 'conn-1', heartbeatMs: 15_000, limits: { unacked: 256 } })
    expect(live.connections).toBe(1)
  })

  it('has its headers before anybody was asked who it is', async () => {
    let answer: ((who: { identity: string }) => void) | undefined
    const { stream } = await httpServed({
      authenticate: () =>
        new Promise<{ identity: string }>(resolve => {
          answer = resolve
        }),
    })
    const page = await stream()
    expect(page.status).toBe(200)
    expect(page.frames).toEqual([])
    await expect.poll(() => answer).toBeDefined()
    answer?.({ identity: 'me' })
    expect(await page.next({ t: 'welcome' })).toMatchObject({ identity: 'me' })
  })

  it('goes on from its cursor, at another server with the same log', async () => {
    const log = memoryLog()
    const [one, other] = [await httpServed({ log }), await httpServed({ log })]
    const before = await one.stream({ topics: [{ topic: 'news' }] })
    await before.next({ t: 'subbed' })
    for (const n of [1, 2, 3]) await other.live.publish('news', n)
    const { epoch } = await before.next({ t: 'event', seq: 3 })
    before.abort()
    await other.live.publish('news', 4)
    const after = await other.stream({ topics: [{ topic: 'news', epoch, seq: 2 }] })
    await after.next({ t: 'subbed', seq: 4, recovered: true })
    await one.live.publish('news', 5)
    await after.next({ t: 'event', seq: 5 })
    expect(after.frames.filter(({ t }) => t === 'event').map(({ seq }) => seq)).toEqual([3, 4, 5])
  })

  it('is told of a gap before any later event', async () => {
    const { stream, live } = await httpServed({ log: memoryLog({ maxEvents: 2 }) })
    const page = await stream({ topics: [{ topic: 'news' }] })
    const { epoch } = await page.next({ t: 'subbed' })
    for (const n of [1, 2, 3, 4]) await live.publish('news', n)
    const again = await stream({ topics: [{ topic: 'news', epoch, seq: 1 }] })
    await again.next({ t: 'event', seq: 4 })
    expect(again.frames.slice(1)).toMatchObject([
      { t: 'subbed', recovered: false },
      { t: 'gap', from: 2, to: 2, reason: 'expired' },
      { t: 'event', seq: 3 },
      { t: 'event', seq: 4 },
    ])
    const stranger = await stream({ topics: [{ topic: 'news', epoch: 'another', seq: 1 }] })
    expect(await stranger.next({ t: 'gap' })).toMatchObject({ to: 4, reason: 'epoch' })
  })

  it('needs no acknowledgement', async () => {
    const { stream, live } = await httpServed({ limits: { unacked: 16 } })
    const page = await stream({ topics: [{ topic: 'news' }] })
    await page.next({ t: 'subbed' })
    for (let n = 1; n <= 200; n++) await live.publish('news', n)
    await page.next({ t: 'event', seq: 200 })
    expect(page.frames.filter(({ t }) => t === 'event').map(({ seq }) => seq)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    )
  })

  it('gets bytes as base64, and the id of its own messages alone', async () => {
    const { stream, send, live } = await httpServed()
    const mine = await stream({ topics: [{ topic: 'bin' }] })
    const other = await stream({ client: 'c2', topics: [{ topic: 'bin' }] })
    for (const page of [mine, other]) await page.next({ t: 'subbed' })
    await live.publish('bin', new Uint8Array([0, 255, 10]))
    for (const page of [mine, other]) {
      const event = await page.next({ t: 'event', seq: 1 })
      expect(event).toMatchObject({ b64: 'AP8K' })
      expect(event).not.toHaveProperty('data')
    }
    await send({}, { t: 'msg', id: 'c1-1', topic: 'bin', b64: 'AQID' })
    expect(await mine.next({ t: 'event', seq: 2 })).toMatchObject({ id: 'c1-1', b64: 'AQID' })
    expect(await other.next({ t: 'event', seq: 2 })).not.toHaveProperty('id')
  })

  it('stays one line where the log holds JSON of others', async () => {
    const log = memoryLog()
    const { stream } = await httpServed({ log })
    const page = await stream({ topics: [{ topic: 'news' }] })
    await page.next({ t: 'subbed' })
    await log.append('news', '{\r\n  "a": [\n1]\n\n}')
    expect(await page.next({ t: 'event' })).toMatchObject({ data: { a: [1] } })
  })

  it('is sent a comment and a ping at every heartbeat, and never closed for its silence', async () => {
    const clock = virtualClock()
    const { stream, live } = await httpServed({ clock, heartbeatMs: 5_000 })
    const page = await stream()
    await page.next({ t: 'welcome' })
    for (let n = 1; n <= 8; n++) {
      await clock.advance(5_000)
      expect(await page.next({ t: 'ping' })).toEqual({ t: 'ping' })
    }
    expect(page.order.slice(1, 5)).toEqual([':', 'data: {"t":"ping"}', ':', 'data: {"t":"ping"}'])
    expect(live.connections).toBe(1)
  })

  it('that is refused says so in a close frame, under 200', async () => {
    const { stream, records } = await httpServed({ authenticate: token, schema: 2 })
    for (const [fields, code, reason] of [
      [{}, 4400, 'unauthorized'],
      [{ token: 'a', v: 2 }, 4426, 'protocol version 1 is spoken here'],
    ] as const) {
      const page = await stream(fields)
      expect([page.status, await page.ended]).toEqual([200, { t: 'close', code, reason }])
      expect(page.frames).toHaveLength(1)
    }
    expect(records.map(({ line }) => line.replace(/after .* s,/, 'after … s,'))).toEqual([
      '"conn-1" from 127.0.0.1 over HTTP (stream) closed by this server: 4400 "unauthorized" after … s, 1 in / 0 out',
      '"conn-1" from 127.0.0.1 over HTTP (stream) closed by this server: 4426 "protocol version 1 is spoken here" after … s, 1 in / 0 out',
    ])
  })

  it('may not have the topics that its user may not have', async () => {
    const { stream, live } = await httpServed({ authorize: ({ topic }) => topic === 'mine' })
    const page = await stream({ topics: [{ topic: 'yours' }, { topic: 'mine' }] })
    await page.next({ t: 'err', topic: 'yours', code: 'forbidden' })
    await page.next({ t: 'subbed', topic: 'mine' })
    await live.publish('yours', 1)
    await live.publish('mine', 1)
    await page.next({ t: 'event', topic: 'mine' })
    expect(typesOf(page.frames)).toEqual(['welcome', 'err', 'subbed', 'event'])
  })
})

describe('what waits for a stream', () => {
  const hearing = async () => {
    const server = endpoint({ heartbeatMs: 5_000 })
    const page = server.connect({ transport: 'stream' })
    page.send(hello())
    await server.settle()
    return { ...server, page }
  }

  it('and does not move for two and a half heartbeats is its end', async () => {
    const { clock, page } = await hearing()
    await clock.advance(60_000)
    page.wire.buffered = 10
    await clock.advance(12_000)
    expect(page.wire.ended).toBeUndefined()
    await clock.advance(1_000)
    expect(page.wire.ended).toEqual({ code: 4000, reason: 'nothing was read' })
  })

  it('and moves, however slowly, is life', async () => {
    const { clock, page } = await hearing()
    page.wire.buffered = 10
    for (let n = 0; n < 10; n++) {
      await clock.advance(12_000)
      page.connection.flushed()
    }
    expect(page.wire.ended).toBeUndefined()
    expect(page.of('ping').length).toBeGreaterThan(10)
    await clock.advance(13_000)
    expect(page.wire.ended?.code).toBe(4000)
  })
})

describe('streams of one client', () => {
  it('are two at most, WebSockets among them; what polls and sends replaces none', async () => {
    const { stream, poll, send, greeted } = await httpServed({ authenticate: token })
    const oldest = await greeted({ token: 'me' })
    const older = await stream({ token: 'me' })
    await older.next({ t: 'welcome' })
    for (let n = 1; n <= 3; n++) {
      await poll({ token: 'me' })
      expect((await send({ token: 'me' }, { t: 'msg', id: `c1-${n}` })).frames).toMatchObject([{ t: 'ok' }])
    }
    oldest.send({ t: 'ping', n: 1 })
    await oldest.next({ t: 'pong', n: 1 })
    const newest = await stream({ token: 'me' })
    await newest.next({ t: 'welcome' })
    expect(await oldest.closed).toMatchObject({ code: 4409 })
    const more = await stream({ token: 'me' })
    await more.next({ t: 'welcome' })
    expect(await older.ended).toMatchObject({ t: 'close', code: 4409 })
  })

  it('do not count polls that wait, and requests that send, among them', async () => {
    let store = (): void => {}
    const server = await httpServed({
      onMessage: () => new Promise<undefined>(resolve => (store = () => resolve(undefined))),
    })
    const polls = [1, 2].map(() => server.poll({ topics: [{ topic: 'news' }], waitMs: 20_000 }))
    const sending = server.send({}, { t: 'msg', id: 'c1-1' })
    await server.counts('holdfast_http_requests_total{transport="poll"} 2')
    await server.counts('holdfast_messages_in_total 1')
    expect(server.live.connections).toBe(2)
    const pages = [await server.stream(), await server.stream()]
    for (const page of pages) await page.next({ t: 'welcome' })
    await server.live.publish('news', 1)
    for (const { status, frames } of await Promise.all(polls)) {
      expect([status, typesOf(frames)]).toEqual([200, ['welcome', 'subbed', 'event']])
    }
    store()
    expect((await sending).frames).toEqual([{ t: 'ok', id: 'c1-1' }])
    expect(pages.map(({ frames }) => frames.length)).toEqual([1, 1])
  })
})
