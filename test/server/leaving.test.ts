import { describe, expect, it, onTestFinished } from 'vitest'
import { LogUnavailable, memoryLog, type ServerRecord, type SessionServerOptions } from '../../src/server/index.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'
import { type Served, served } from './raw-client.ts'
import { endpoint } from './wired.ts'

async function serving(options?: SessionServerOptions): Promise<Served & { readonly records: ServerRecord[] }> {
  const records: ServerRecord[] = []
  const server = await served({ onLog: record => records.push(record), ...options })
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { ...server, records }
}

describe('drain', () => {
  it('asks everybody to go, each in a slot of its own in most of the time, and is over when nobody is left', async () => {
    const { live, greeted, records } = await serving()
    const one = await greeted()
    const other = await greeted({ client: 'c2' })
    const drained = live.drain({ withinMs: 60_000, reason: 'deploy' })
    const slots = [
      [one, 1_000, 23_500],
      [other, 24_500, 23_500],
    ] as const
    for (const [client, afterMs, spreadMs] of slots) {
      expect(await client.next({ t: 'goaway' })).toEqual({ t: 'goaway', afterMs, spreadMs, reason: 'deploy' })
      client.send({ t: 'bye' })
    }
    await drained
    expect(live.connections).toBe(0)
    expect(records.find(({ type }) => type === 'drain')?.line).toBe('draining 2 connections within 60.0 s')
    expect(live.metrics()).toContain('holdfast_draining 1')
  })

  it('closes with 1012 who is left at the end, and whoever comes later', async () => {
    const clock = virtualClock()
    const { live, greeted, dial } = await serving({ clock })
    const stays = await greeted()
    const drained = live.drain({ withinMs: 1_000 })
    await clock.advance(1_000)
    expect(await stays.closed).toEqual({ code: 1012, reason: 'drain' })
    await drained
    const late = await dial()
    expect(await late.closed).toEqual({ code: 1012, reason: 'restarting; after=5' })
  })

  it('serves a hello that comes meanwhile, and asks it to go as well, when it listens to that again', async () => {
    const { greeted, drain, context, clock } = endpoint()
    await greeted()
    drain.begin({ withinMs: 100_000 }, context.roster)
    await clock.advance(20_000)
    const late = await greeted({ client: 'c2', topics: [{ topic: 'a' }] })
    expect(late.of('subbed')).toHaveLength(1)
    await clock.advance(9_900)
    expect(late.of('goaway')).toEqual([])
    await clock.advance(200)
    expect(late.of('goaway')).toEqual([{ t: 'goaway', afterMs: 0, spreadMs: 56_000, reason: 'drain' }])
  })

  it.each([{ withinMs: -1 }, { withinMs: Number.NaN }, { within: 1 }])('refuses %o', async options => {
    const { live } = await serving()
    await expect(live.drain(options)).rejects.toThrow(/drain\.within/)
  })
})

describe('close', () => {
  it('ends everybody with 1012, answers 503 from then on, and lets go of the http server', async () => {
    const { live, greeted, http, dial } = await serving()
    const client = await greeted()
    await live.close()
    expect((await client.closed).code).toBe(1012)
    expect(http.listenerCount('upgrade')).toBe(0)
    http.on('upgrade', (request, socket, head) => live.handleUpgrade(request, socket, head))
    await expect(dial()).rejects.toThrow(/503/)
  })
})

describe('revoke', () => {
  it('closes the connections of that identity, and says how many', async () => {
    const { live, greeted } = await serving({ authenticate: ({ token }) => ({ identity: token ?? '' }) })
    const mine = await greeted({ token: 'me', client: 'c1' })
    const mineToo = await greeted({ token: 'me', client: 'c2' })
    const yours = await greeted({ token: 'you', client: 'c3' })
    expect(live.revoke('me')).toBe(2)
    expect(await mine.closed).toEqual({ code: 4202, reason: 'revoked' })
    expect((await mineToo.closed).code).toBe(4202)
    yours.send({ t: 'ping' })
    await yours.next({ t: 'pong' })
    expect(live.revoke('nobody')).toBe(0)
  })
})

describe('what is told of it', () => {
  it('is one line for every close, with who ended it', async () => {
    const { greeted, records } = await serving()
    const bye = await greeted({ conn: 'says-bye' })
    bye.send({ t: 'bye' })
    await bye.closed
    const closes = await greeted({ conn: 'closes' })
    closes.socket.close(3001, 'its reason')
    await closes.closed
    const broken = await greeted({ conn: 'bro"ken\n' })
    broken.socket.terminate()
    await expect.poll(() => records.filter(({ type }) => type === 'close').length).toBe(3)
    const lines = records.flatMap(({ type, line }) =>
      type === 'close' ? [line.replace(/after .* s,/, 'after … s,')] : [],
    )
    expect(lines).toEqual([
      '"says-bye" from 127.0.0.1 closed by this server: 1000 "bye" after … s, 2 in / 1 out',
      '"closes" from 127.0.0.1 closed by the client: 3001 "its reason" after … s, 1 in / 1 out',
      '"bro\\"ken\\n" from 127.0.0.1 lost: 1006 after … s, 1 in / 1 out',
    ])
  })

  it('brings nobody down when it throws', async () => {
    const told: unknown[] = []
    const original = console.error
    console.error = (...args: unknown[]) => told.push(args[0])
    onTestFinished(() => {
      console.error = original
    })
    const { greeted } = await serving({
      onLog() {
        throw new Error('full disk')
      },
    })
    const client = await greeted()
    client.send({ t: 'ping' })
    await client.next({ t: 'pong' })
    expect(told).toContain('holdfast: `onLog` threw')
  })

  it('is counted', async () => {
    const { live, greeted } = await serving({ onRequest: () => 1 })
    const client = await greeted({ topics: [{ topic: 'default' }] })
    for (const id of ['c1-1', 'c1-1', 'c2-1']) client.send({ t: 'msg', id, data: 1 })
    client.send({ t: 'msg', id: 'c1-2', request: true })
    await client.next({ t: 'ok', id: 'c1-2' })
    await live.publish('default', 2)
    await client.next({ t: 'event', seq: 2 })
    client.send({ t: 'ack', topic: 'default', seq: 2 })
    client.send({ t: 'ping' })
    await client.next({ t: 'pong' })
    const { epoch } = await client.next({ t: 'subbed' })
    const resumes = await greeted({ client: 'c3', topics: [{ topic: 'default', epoch, seq: 1 }] })
    await resumes.next({ t: 'event' })
    resumes.send({ t: 'bye' })
    await resumes.closed
    const text = live.metrics()
    for (const line of [
      'holdfast_connections 1',
      'holdfast_topics 1',
      'holdfast_log_available 1',
      'holdfast_draining 0',
      'holdfast_connections_opened_total{transport="websocket"} 2',
      'holdfast_messages_in_total 4',
      'holdfast_messages_stored_total 1',
      'holdfast_messages_duplicate_total 1',
      'holdfast_requests_answered_total 1',
      'holdfast_published_total 1',
      'holdfast_events_out_total 3',
      'holdfast_acks_total 1',
      'holdfast_subscriptions_resumed_total 1',
      'holdfast_subscriptions_fresh_total 1',
      'holdfast_closes_total{code="1000"} 1',
      'holdfast_refused_total{code="bad-id"} 1',
      'holdfast_connection_lifetime_seconds_bucket{le="+Inf"} 1',
      'holdfast_connection_lifetime_seconds_count 1',
    ]) {
      expect(text.split('\n')).toContain(line)
    }
    // Every line is one of the format: a comment, or a name, labels and a number.
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) holdfast_\w+ .+|holdfast_\w+(\{\w+="[^"]*"\})? [\d.e+-]+)$/)
    }
  })
})

describe('a log that goes away and comes back', () => {
  it('is told once each way, and subscriptions that waited go on', async () => {
    const inner = memoryLog()
    let tell = (_: boolean): void => {}
    let away = false
    const { live, greeted, records } = await serving({
      log: {
        ...inner,
        append: (...args) => (away ? Promise.reject(new LogUnavailable('away')) : inner.append(...args)),
        follow: (...args) => (away ? Promise.reject(new LogUnavailable('away')) : inner.follow(...args)),
        onAvailable(listener) {
          tell = listener
          return () => {}
        },
      },
    })
    away = true
    tell(false)
    tell(false)
    const client = await greeted({ topics: [{ topic: 'a' }] })
    await client.next({ t: 'err', topic: 'a', code: 'unavailable' })
    await expect(live.publish('a', 1)).rejects.toThrow(LogUnavailable)
    expect(live.metrics()).toContain('holdfast_log_available 0')
    away = false
    tell(true)
    await client.next({ t: 'subbed', topic: 'a' })
    expect(records.flatMap(record => (record.type === 'log' ? [record.available] : []))).toEqual([false, true])
  })
})

describe('the options', () => {
  it.each<readonly [object, RegExp]>([
    [{ pth: '/x' }, /`pth` to be absent/],
    [{ path: 'live' }, /`path`/],
    [{ path: '/live?x' }, /`path`/],
    [{ authenticate: 'yes' }, /`authenticate` to be a function, got string/],
    [{ origins: 'https://a.example' }, /`origins`/],
    [{ origins: ['https://a.example/'] }, /`origins`/],
    [{ trustProxy: -1 }, /`trustProxy`/],
    [{ limits: { unacked: 15 } }, /`limits.unacked` to be a number from 16 to 65536, got 15/],
    [{ limits: { inFlight: 2_000 } }, /`limits.inFlight`/],
    [{ limits: { messageBytes: '1' } }, /`limits.messageBytes` to be a number from 1024 up, got string/],
    [{ limits: { message: 1 } }, /`limits.message` to be absent/],
    [{ rates: { connection: { perSecond: 0 } } }, /`rates.connection.perSecond`/],
    [{ rates: { topic: { perSecond: 1, burst: 0 } } }, /`rates.topic.burst`/],
    [{ rates: { type: { say: { per: 1 } } } }, /`rates.type.say.per` to be absent/],
    [{ rates: { user: {} } }, /`rates.user` to be absent/],
    [{ heartbeatMs: 1_000 }, /`heartbeatMs` to be a number from 5000 to 120000, got 1000/],
    [{ schema: -1 }, /`schema`/],
    [{ compressOverBytes: -1 }, /`compressOverBytes`/],
  ])('%o are refused by name', (options, message) => {
    expect(() => endpoint(options)).toThrow(message)
  })
})
