import { describe, expect, it } from 'vitest'
import { LogUnavailable, memoryLog } from '../../src/server/index.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'
import { httpServed, typesOf } from './http-client.ts'

/** A topic in a hello, with the cursor at the head. */
async function headOf(server: Awaited<ReturnType<typeof httpServed>>, topic: string): Promise<object> {
  const { frames } = await server.poll({ topics: [{ topic }] })
  const subbed = frames.find(({ t }) => t === 'subbed')
  return { topic, epoch: subbed?.epoch, seq: subbed?.seq }
}

describe('a poll', () => {
  it('that does not wait is answered with what is there', async () => {
    const server = await httpServed()
    const answer = await server.poll({ topics: [{ topic: 'news' }, { topic: 'other' }] })
    expect([answer.status, typesOf(answer.frames)]).toEqual([200, ['welcome', 'subbed', 'subbed']])
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('content-length')).toBe(`${Buffer.byteLength(answer.text)}`)
    const topic = await headOf(server, 'news')
    for (const n of [1, 2, 3]) await server.live.publish('news', n)
    const next = await server.poll({ topics: [topic] })
    expect(next.frames.slice(1)).toMatchObject([
      { t: 'subbed', seq: 3, recovered: true },
      { t: 'event', seq: 1, data: 1 },
      { t: 'event', seq: 2, data: 2 },
      { t: 'event', seq: 3, data: 3 },
    ])
  })

  it('that does not wait has what is there, however long the log takes to give it', async () => {
    const log = memoryLog()
    const server = await httpServed({
      log: {
        ...log,
        async read(...args) {
          await new Promise(resolve => setTimeout(resolve, 50))
          return log.read(...args)
        },
      },
    })
    const topic = await headOf(server, 'news')
    for (let n = 1; n <= 100; n++) await server.live.publish('news', n)
    const { frames } = await server.poll({ topics: [topic] })
    expect(frames.filter(({ t }) => t === 'event')).toHaveLength(100)
  })

  it('that does not wait is answered though the log gives nothing', async () => {
    const log = memoryLog()
    const server = await httpServed({ log: { ...log, read: () => Promise.reject(new LogUnavailable('away')) } })
    const topic = await headOf(server, 'news')
    await server.live.publish('news', 1)
    const { status, frames } = await server.poll({ topics: [topic] })
    expect([status, typesOf(frames)]).toEqual([200, ['welcome', 'subbed']])
  })

  it('that waits is answered by an event of another server with the same log, and what joins it', async () => {
    const log = memoryLog()
    const [one, other] = [await httpServed({ log }), await httpServed({ log })]
    const topic = await headOf(one, 'news')
    const polling = one.poll({ topics: [topic], waitMs: 20_000 })
    await one.counts('holdfast_topics 1')
    for (const n of [1, 2]) await other.live.publish('news', n)
    const { status, frames } = await polling
    expect([status, typesOf(frames)]).toEqual([200, ['welcome', 'subbed', 'event', 'event']])
  })

  it('is 204 when nothing comes in its time, and no later', async () => {
    const clock = virtualClock()
    const server = await httpServed({ clock })
    const topic = await headOf(server, 'news')
    const polling = server.poll({ topics: [topic], waitMs: 9_000 })
    await server.counts('holdfast_topics 1')
    await clock.advance(8_999)
    expect(server.live.connections).toBe(1)
    await clock.advance(1)
    const { status, text, headers } = await polling
    expect([status, text, headers.get('content-length')]).toEqual([204, '', null])
    expect(server.live.connections).toBe(0)
  })

  it('waits no longer than 25 s, and nonsense is no wait', async () => {
    const clock = virtualClock()
    const server = await httpServed({ clock })
    const topic = await headOf(server, 'news')
    const polling = server.poll({ topics: [topic], waitMs: 1e300 })
    await server.counts('holdfast_topics 1')
    await clock.advance(25_000)
    expect((await polling).status).toBe(204)
    for (const waitMs of ['9000', -1, null, [9_000]]) {
      expect((await server.poll({ topics: [topic], waitMs })).status).toBe(200)
    }
  })

  it('says where its topics stand, though nothing came, when it cannot know', async () => {
    const clock = virtualClock()
    const server = await httpServed({ clock })
    const polling = server.poll({ topics: [{ topic: 'news' }], waitMs: 1_000 })
    await server.counts('holdfast_topics 1')
    await clock.advance(1_000)
    const { status, frames } = await polling
    expect([status, typesOf(frames)]).toEqual([200, ['welcome', 'subbed']])
  })

  it('is told of a gap at once', async () => {
    const server = await httpServed({ log: memoryLog({ maxEvents: 1 }) })
    const topic = await headOf(server, 'news')
    for (const n of [1, 2, 3]) await server.live.publish('news', n)
    const { frames } = await server.poll({ topics: [topic], waitMs: 20_000 })
    expect(frames.slice(1)).toMatchObject([
      { t: 'subbed', recovered: false },
      { t: 'gap', from: 1, to: 2, reason: 'expired' },
      { t: 'event', seq: 3 },
    ])
  })

  it('is told that a topic is not its own, once all of them were answered', async () => {
    let allow = (_: boolean): void => {}
    const clock = virtualClock()
    const server = await httpServed({
      clock,
      authorize: ({ topic }) =>
        topic === 'slow' ? new Promise<boolean>(resolve => (allow = resolve)) : topic === 'mine',
    })
    const polling = server.poll({ topics: [{ topic: 'yours' }, { topic: 'slow' }], waitMs: 20_000 })
    await server.counts('holdfast_refused_total{code="forbidden"} 1')
    await clock.advance(5_000)
    expect(server.live.connections).toBe(1)
    allow(true)
    const { status, frames } = await polling
    expect([status, typesOf(frames)]).toEqual([200, ['welcome', 'err', 'subbed']])
  })

  it('is bounded: the rest comes with the next one', async () => {
    const server = await httpServed()
    const topic = await headOf(server, 'news')
    for (let n = 1; n <= 20; n++) await server.live.publish('news', 'x'.repeat(10_000))
    const seqs: unknown[] = []
    let cursor: object = topic
    for (const waitMs of [0, 20_000, 0]) {
      const { frames, text } = await server.poll({ topics: [cursor], waitMs })
      expect(text.length).toBeLessThan(65_536 + 11_000)
      const events = frames.filter(({ t }) => t === 'event')
      expect(events.length).toBeGreaterThan(5)
      seqs.push(...events.map(({ seq }) => seq))
      cursor = { ...topic, seq: events.at(-1)?.seq }
    }
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it('is answered for a thousand topics, however long that is', async () => {
    const server = await httpServed()
    const topics = Array.from({ length: 1_000 }, (_, n) => ({ topic: `${'long'.repeat(30)}${n}` }))
    const first = await server.poll({ topics })
    expect(first.frames).toHaveLength(1_001)
    await server.live.publish(topics[999]?.topic ?? '', 1)
    const cursors = first.frames.slice(1).map(({ topic, epoch, seq }) => ({ topic, epoch, seq }))
    const { frames } = await server.poll({ topics: cursors, waitMs: 20_000 })
    expect(frames.at(-1)).toMatchObject({ t: 'event', topic: topics[999]?.topic, seq: 1 })
  })

  it('says a close in its status and in its last line', async () => {
    const answers = ['refresh', 'expired', 'revoked', 'forbidden', null] as const
    const server = await httpServed({
      authenticate({ token }) {
        if (token === 'breaks') throw new Error('secret')
        return answers[Number(token)] ?? null
      },
    })
    const seen = []
    for (const token of ['0', '1', '2', '3', '4', 'breaks']) {
      const { status, frames, headers } = await server.poll({ token, waitMs: 20_000 })
      seen.push([status, frames.length, frames[0]?.t, frames[0]?.code, headers.get('retry-after')])
    }
    expect(seen).toEqual([
      [401, 1, 'close', 4200, null],
      [401, 1, 'close', 4201, null],
      [401, 1, 'close', 4202, null],
      [403, 1, 'close', 4403, null],
      [403, 1, 'close', 4400, null],
      [503, 1, 'close', 1011, '5'],
    ])
  })

  it('may be over before it is greeted', async () => {
    const { poll } = await httpServed({
      authenticate: async () => {
        await new Promise(resolve => setTimeout(resolve, 60))
        return { identity: 'me' }
      },
    })
    const { status, frames } = await poll({ topics: [{ topic: 'news' }], waitMs: 10 })
    expect([status, typesOf(frames)]).toEqual([200, ['welcome', 'subbed']])
  })
})

describe('what polls are counted as', () => {
  it('is requests, and neither lines nor lifetimes', async () => {
    const server = await httpServed()
    const topic = await headOf(server, 'news')
    await server.poll({ topics: [topic] })
    const page = await server.stream()
    await page.next({ t: 'welcome' })
    await server.counts('holdfast_http_requests_total{transport="poll"} 2')
    await server.counts('holdfast_connections_opened_total{transport="stream"} 1')
    await server.counts('holdfast_connection_lifetime_seconds_count 0')
    await server.counts('holdfast_sockets 1')
    await server.counts('holdfast_topics 0')
    expect(server.live.metrics()).not.toContain('closes_total{')
    expect(server.records.map(({ line }) => line)).toEqual([
      '"conn-1" from 127.0.0.1 over HTTP (stream) open, 0 topics',
    ])
  })
})
