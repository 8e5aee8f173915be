import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionServerOptions } from '../../src/server/index.ts'
import { encodeBinary } from '../../src/session/frames.ts'
import { type Served, served } from './raw-client.ts'

async function serving(options?: SessionServerOptions): Promise<Served> {
  const server = await served(options)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

const msg = (id: string, data: unknown, more: object = {}): object => ({ t: 'msg', id, data, ...more })

describe('a connection', () => {
  it('is welcomed with the limits, and with the ids that it sent', async () => {
    const { dial } = await serving()
    const client = await dial()
    client.send({ t: 'hello', v: 1, client: 'c1', conn: 'conn-1', topics: [], future: true })
    expect(await client.next({ t: 'welcome' })).toMatchObject({
      conn: 'conn-1',
      heartbeatMs: 15_000,
      limits: { messageBytes: 1_048_576, inFlight: 64, unacked: 256, dedupeMs: 120_000 },
    })
    expect(client.socket.protocol).toBe('holdfast.v1')
  })

  it('is answered its pings, and closed with 1000 when it says bye', async () => {
    const { greeted } = await serving()
    const client = await greeted()
    client.send({ t: 'ping', n: 7 })
    await client.next({ t: 'pong', n: 7 })
    client.send({ t: 'bye' })
    expect(await client.closed).toEqual({ code: 1000, reason: 'bye' })
  })

  it('ignores types that it does not know, and answers what is no frame', async () => {
    const { greeted } = await serving()
    const client = await greeted()
    client.send({ t: 'from-the-future', id: 'x' })
    client.socket.send('garbage')
    client.socket.send(Buffer.from([0, 0, 0, 99, 1]))
    client.send({ t: 'msg', id: 7 })
    client.send({ t: 'msg', id: 'c1-1', topic: '' })
    client.send({ t: 'sub', topic: 'x', seq: -1 })
    client.send({ t: 'ping' })
    await client.next({ t: 'pong' })
    expect(client.frames.filter(({ t }) => t === 'err').map(({ id, topic, code }) => [id ?? topic, code])).toEqual([
      [undefined, 'bad-frame'],
      [undefined, 'bad-frame'],
      [undefined, 'bad-frame'],
      ['c1-1', 'bad-frame'],
      ['x', 'bad-frame'],
    ])
  })
})

describe('a message', () => {
  it('is stored, acknowledged, and sent to everybody; only who sent it is told its id', async () => {
    const { greeted } = await serving()
    const one = await greeted({ topics: [{ topic: 'default' }] })
    const other = await greeted({ client: 'c2', topics: [{ topic: 'default' }] })
    await one.next({ t: 'subbed', seq: 0, recovered: true })
    await other.next({ t: 'subbed' })
    one.send(msg('c1-1', { hello: 'wörld' }))
    await one.next({ t: 'ok', id: 'c1-1' })
    expect(await one.next({ t: 'event' })).toMatchObject({ seq: 1, id: 'c1-1', data: { hello: 'wörld' } })
    const event = await other.next({ t: 'event' })
    expect(event).toMatchObject({ topic: 'default', seq: 1, data: { hello: 'wörld' } })
    expect(event).not.toHaveProperty('id')
  })

  it('that comes again is acknowledged as known, on another connection too, and stored once', async () => {
    const { greeted } = await serving()
    const one = await greeted({ topics: [{ topic: 'default' }] })
    one.send(msg('c1-1', 'a'))
    one.send(msg('c1-1', 'a'))
    await one.next({ t: 'ok', dup: true })
    const again = await greeted({ conn: 'conn-2' })
    again.send(msg('c1-1', 'a'))
    again.send(msg('c1-2', 'b'))
    await again.next({ t: 'ok', id: 'c1-1', dup: true })
    await one.next({ t: 'event', seq: 2, data: 'b' })
    expect(one.frames.filter(({ t }) => t === 'event')).toHaveLength(2)
  })

  it('may be bytes', async () => {
    const { greeted, live } = await serving()
    const client = await greeted({ topics: [{ topic: 'bin' }] })
    client.socket.send(encodeBinary({ t: 'msg', id: 'c1-1', topic: 'bin' }, new Uint8Array([1, 2, 3])))
    expect(await client.next({ t: 'event', seq: 1, id: 'c1-1' })).toMatchObject({ bytes: new Uint8Array([1, 2, 3]) })
    await live.publish('bin', new Uint8Array([4]))
    expect(await client.next({ t: 'event', seq: 2 })).toMatchObject({ bytes: new Uint8Array([4]) })
  })
})

describe('a subscription', () => {
  it('goes on from its cursor on another connection', async () => {
    const { greeted, live } = await serving()
    const one = await greeted({ topics: [{ topic: 'news' }] })
    for (const n of [1, 2, 3]) await live.publish('news', n)
    const { epoch } = await one.next({ t: 'event', seq: 3 })
    one.socket.terminate()
    for (const n of [4, 5]) await live.publish('news', n)
    const again = await greeted({ topics: [{ topic: 'news', epoch, seq: 2 }] })
    await again.next({ t: 'subbed', seq: 5, recovered: true })
    await live.publish('news', 6)
    await again.next({ t: 'event', seq: 6 })
    expect(again.frames.filter(({ t }) => t === 'event').map(({ seq, data }) => [seq, data])).toEqual([
      [3, 3],
      [4, 4],
      [5, 5],
      [6, 6],
    ])
  })

  it('has no more events on their way than it may, and goes on when they are acknowledged', async () => {
    const { greeted, live } = await serving({ limits: { unacked: 16 } })
    const client = await greeted({ topics: [{ topic: 'news' }] })
    await client.next({ t: 'subbed' })
    for (let n = 1; n <= 40; n++) await live.publish('news', n)
    client.send({ t: 'ping' })
    await client.next({ t: 'pong' })
    const count = (): number => client.frames.filter(({ t }) => t === 'event').length
    expect(count()).toBe(16)
    client.send({ t: 'ack', topic: 'news', seq: 10 })
    await client.next({ t: 'event', seq: 26 })
    client.send({ t: 'ping' })
    await client.next({ t: 'pong' })
    expect(count()).toBe(26)
    client.send({ t: 'ack', topic: 'news', seq: 26 })
    await client.next({ t: 'event', seq: 40 })
    expect(client.frames.filter(({ t }) => t === 'event').map(({ seq }) => seq)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    )
  })

  it('is given up by unsub', async () => {
    const { greeted, live } = await serving()
    const client = await greeted({ topics: [{ topic: 'news' }] })
    client.send({ t: 'unsub', topic: 'news' })
    client.send({ t: 'sub', topic: 'other' })
    await client.next({ t: 'subbed', topic: 'other' })
    await live.publish('news', 1)
    await live.publish('other', 1)
    await client.next({ t: 'event', topic: 'other' })
    expect(client.frames.filter(({ t, topic }) => t === 'event' && topic === 'news')).toEqual([])
  })
})
