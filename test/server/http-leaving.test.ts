import { describe, expect, it } from 'vitest'
import { memoryLog } from '../../src/server/index.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'
import { allOf, httpServed, typesOf } from './http-client.ts'
import { hello } from './raw-client.ts'

const token = ({ token }: { readonly token?: string }): { identity: string } | null =>
  token ? { identity: token } : null

/** A poll that waits, as its server knows. */
async function waiting(server: Awaited<ReturnType<typeof httpServed>>, fields: object = {}) {
  const first = await server.poll({ topics: [{ topic: 'news' }], ...fields })
  const { topic, epoch, seq } = first.frames[1] ?? {}
  const polling = server.poll({ topics: [{ topic, epoch, seq }], waitMs: 25_000, ...fields })
  await server.counts('holdfast_topics 1')
  return { polling, topic: { topic, epoch, seq } }
}

describe('drain', () => {
  it('asks streams and polls to go, and closes with 1012 who is still there at the end', async () => {
    const clock = virtualClock()
    const server = await httpServed({ clock })
    const page = await server.stream()
    await page.next({ t: 'welcome' })
    const { polling, topic } = await waiting(server)
    const drained = server.live.drain({ withinMs: 10_000, reason: 'deploy' })
    // Each a slot of its own, of 8 s.
    const goaway = { t: 'goaway', reason: 'deploy' }
    expect(await page.next({ t: 'goaway' })).toMatchObject(goaway)
    await clock.advance(20)
    const { status, frames } = await polling
    expect([status, typesOf(frames)]).toEqual([200, ['welcome', 'subbed', 'goaway']])
    expect(frames.at(-1)).toMatchObject(goaway)
    expect(server.records.find(({ type }) => type === 'drain')?.line).toMatch(/draining 2 connections/)
    // Those that come meanwhile are served, and asked to go later, or they would come again at once.
    const late = server.poll({ topics: [topic], waitMs: 25_000 })
    await server.counts('holdfast_http_requests_total{transport="poll"} 3')
    await clock.advance(4_900)
    expect(server.live.connections).toBe(2)
    await clock.advance(200)
    expect(typesOf((await late).frames)).toEqual(['welcome', 'subbed', 'goaway'])
    expect((await server.send({}, { t: 'msg', id: 'c1-1' })).frames).toEqual([{ t: 'ok', id: 'c1-1' }])
    await clock.advance(10_000)
    expect(await page.ended).toEqual({ t: 'close', code: 1012, reason: 'deploy' })
    await drained
    const after = await server.poll()
    expect([after.status, after.headers.get('retry-after'), after.frames]).toEqual([
      503,
      '5',
      [{ t: 'close', code: 1012, reason: 'restarting; after=5' }],
    ])
    expect(await (await server.stream()).ended).toMatchObject({ code: 1012 })
  })
})

describe('close', () => {
  it('ends streams, waiting polls and bodies on their way, and waits until no request is open', async () => {
    const server = await httpServed()
    const page = await server.stream()
    await page.next({ t: 'welcome' })
    const { polling } = await waiting(server)
    const half = await server.bare(['POST /live/send HTTP/1.1', 'Content-Length: 100'], '{')
    await server.counts('holdfast_sockets 3')
    const all = allOf(half)
    await server.live.close()
    await server.counts('holdfast_sockets 0')
    expect(await page.ended).toMatchObject({ t: 'close', code: 1012 })
    const { status, headers, frames } = await polling
    expect([status, headers.get('retry-after'), frames.at(-1)]).toMatchObject([503, '5', { t: 'close', code: 1012 }])
    expect(await all).toMatch(/^HTTP\/1.1 503 .*Connection: close.*"code":1012/s)
  })

  it('waits for an answer that is not taken no longer than it must', async () => {
    const clock = virtualClock()
    const server = await httpServed({ clock })
    const log = 'x'.repeat(1_000_000)
    const socket = await server.bare(
      [
        'POST /live/stream HTTP/1.1',
        `Content-Length: ${JSON.stringify(hello({ topics: [{ topic: 'news' }] })).length}`,
      ],
      JSON.stringify(hello({ topics: [{ topic: 'news' }] })),
    )
    await server.counts('holdfast_topics 1')
    for (let n = 0; n < 12; n++) await server.live.publish('news', log)
    await expect.poll(() => /buffered_bytes (\d+)/.exec(server.live.metrics())?.[1]).not.toBe('0')
    let closed = false
    const closing = server.live.close().then(() => {
      closed = true
    })
    await clock.advance(4_900)
    expect(closed).toBe(false)
    await clock.advance(100)
    await closing
    socket.destroy()
  })
})

describe('revoke', () => {
  it('ends streams, waiting polls and requests of that identity', async () => {
    let store = (): void => {}
    const log = memoryLog()
    const server = await httpServed({
      log,
      authenticate: token,
      onMessage: () => new Promise<undefined>(resolve => (store = () => resolve(undefined))),
    })
    const page = await server.stream({ token: 'me' })
    await page.next({ t: 'welcome' })
    const yours = await server.stream({ token: 'you', client: 'c9' })
    await yours.next({ t: 'welcome' })
    const { polling } = await waiting(server, { token: 'me' })
    const sending = server.send({ token: 'me' }, { t: 'msg', id: 'c1-1' }, { t: 'msg', id: 'c1-2' })
    await server.counts('holdfast_messages_in_total 2')
    expect(server.live.revoke('me')).toBe(2)
    store()
    expect(await page.ended).toEqual({ t: 'close', code: 4202, reason: 'revoked' })
    for (const { status, frames } of [await polling, await sending]) {
      expect([status, frames.at(-1)]).toEqual([401, { t: 'close', code: 4202, reason: 'revoked' }])
    }
    expect(server.live.connections).toBe(1)
  })
})

describe('credentials that expire', () => {
  it('end a stream and a waiting poll with 4201; fresh ones are asked for on a stream', async () => {
    const clock = virtualClock()
    const server = await httpServed({
      clock,
      authenticate: () => ({ identity: 'me', expiresAt: clock.wall() + 20_000 }),
    })
    const page = await server.stream()
    expect(await page.next({ t: 'welcome' })).toMatchObject({ authExpiresInMs: 20_000 })
    const { polling } = await waiting(server)
    await clock.advance(18_000)
    await page.next({ t: 'reauth' })
    await clock.advance(2_000)
    expect(await page.ended).toMatchObject({ t: 'close', code: 4201 })
    const { status, frames } = await polling
    expect([status, frames.at(-1)]).toMatchObject([401, { t: 'close', code: 4201 }])
  })
})

describe('a page that goes away', () => {
  it('is noticed, on a stream and in a poll, and leaves nothing', async () => {
    const server = await httpServed()
    const page = await server.stream({ topics: [{ topic: 'news' }] })
    await page.next({ t: 'subbed' })
    const controller = new AbortController()
    const { topic, epoch, seq } = page.frames[1] ?? {}
    const polling = server.poll({ topics: [{ topic, epoch, seq }], waitMs: 25_000 }, { signal: controller.signal })
    await server.counts('holdfast_http_requests_total{transport="poll"} 1')
    await server.counts('holdfast_sockets 2')
    controller.abort()
    await expect(polling).rejects.toThrow(/abort/)
    await server.counts('holdfast_sockets 1')
    page.abort()
    await server.counts('holdfast_sockets 0')
    await server.counts('holdfast_topics 0')
    await server.counts('holdfast_connections 0')
    expect(server.records.map(({ line }) => line.replace(/after .* s,/, 'after … s,'))).toEqual([
      '"conn-1" from 127.0.0.1 over HTTP (stream) open, 1 topics',
      '"conn-1" from 127.0.0.1 over HTTP (stream) lost: 1006 after … s, 1 in / 2 out',
    ])
  })

  it('takes back what was not stored yet', async () => {
    const log = memoryLog()
    let store = (): void => {}
    const server = await httpServed({
      log,
      onMessage: () => new Promise<undefined>(resolve => (store = () => resolve(undefined))),
    })
    const body = [hello(), { t: 'msg', id: 'c1-1' }, { t: 'msg', id: 'c1-2' }]
      .map(line => JSON.stringify(line))
      .join('\n')
    const socket = await server.bare(['POST /live/send HTTP/1.1', `Content-Length: ${body.length}`], body)
    await server.counts('holdfast_messages_in_total 2')
    socket.destroy()
    await server.counts('holdfast_sockets 0')
    store()
    await new Promise(resolve => setTimeout(resolve, 20))
    // Whether the first one is stored is not known to the page either; the second one never began.
    expect((await log.head('default')).seq).toBeLessThan(2)
  })
})

describe('a page that does not read', () => {
  const greeting = JSON.stringify(hello({ topics: [{ topic: 'news' }] }))
  const head = ['POST /live/stream HTTP/1.1', `Content-Length: ${greeting.length}`]

  it('for a while has the rest when it reads again, from the log', async () => {
    const server = await httpServed({ limits: { bufferedBytes: 65_536 } })
    const socket = await server.bare(head, greeting)
    await server.counts('holdfast_topics 1')
    for (let n = 0; n < 300; n++) await server.live.publish('news', 'x'.repeat(50_000))
    await expect
      .poll(() => Number(/holdfast_buffered_bytes (\d+)/.exec(server.live.metrics())?.[1]))
      .toBeGreaterThan(65_536)
    const seqs: number[] = []
    let text = ''
    socket.on('data', chunk => {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) for (const [, seq] of block.matchAll(/"seq":(\d+),"data"/g)) seqs.push(Number(seq))
    })
    socket.resume()
    await expect.poll(() => seqs.length, { timeout: 8_000 }).toBe(300)
    expect(seqs).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  })

  it('costs a bounded buffer, and is closed with 4001', async () => {
    const server = await httpServed({ limits: { bufferedBytes: 65_536, slowMs: 300 } })
    await server.bare(head, greeting)
    await server.counts('holdfast_topics 1')
    let most = 0
    for (let n = 0; n < 400; n++) {
      await server.live.publish('news', 'x'.repeat(50_000))
      await new Promise(resolve => setImmediate(resolve))
      most = Math.max(most, Number(/holdfast_buffered_bytes (\d+)/.exec(server.live.metrics())?.[1]))
    }
    expect(most).toBeGreaterThan(65_536)
    expect(most).toBeLessThan(65_536 + 200_000)
    await server.counts('holdfast_closes_total{code="4001"} 1')
  })

  it('is over when what waits for it has not moved for two and a half heartbeats, little as that is', async () => {
    const clock = virtualClock()
    const server = await httpServed({ clock, heartbeatMs: 5_000, limits: { bufferedBytes: 50_000_000 } })
    const socket = await server.bare(head, greeting)
    await server.counts('holdfast_topics 1')
    await clock.advance(60_000)
    for (let n = 0; n < 12; n++) await server.live.publish('news', 'x'.repeat(1_000_000))
    await expect.poll(() => /buffered_bytes (\d+)/.exec(server.live.metrics())?.[1]).not.toBe('0')
    await clock.advance(10_000)
    expect(server.live.connections).toBe(1)
    await clock.advance(6_000)
    await server.counts('holdfast_closes_total{code="4000"} 1')
    socket.destroy()
  })
})
