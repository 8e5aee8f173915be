import { describe, expect, it } from 'vitest'
import { decodeBinary, encodeBinary } from '../../src/session/frames.ts'
import { virtualClock } from '../../src/testing/index.ts'
import { sse } from '../../src/transports/sse.ts'
import { dialled, greeted, hello } from './heard-carrier.ts'
import { HttpSessionServer, type HttpSessionServerOptions } from './http-session-server.ts'

function world(options: Partial<HttpSessionServerOptions> = {}) {
  const clock = virtualClock()
  const server = new HttpSessionServer({ clock, ...options })
  const transport = sse({ fetch: server.fetch })
  return { clock, server, transport }
}

describe('a session over an event stream', () => {
  it('opens before anything is asked, and asks for the stream with hello', async () => {
    const { clock, server, transport } = world()
    const { carrier, events, say } = dialled(transport, clock)
    expect([carrier.readyState, events]).toEqual([0, []])
    expect(() => carrier.send('{}')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    await clock.advance(0)
    expect([carrier.readyState, carrier.protocol, events]).toEqual([1, 'holdfast.v1', ['open']])
    expect(server.heard).toEqual([])
    say(hello({ topic: 'a' }))
    await clock.advance(0)
    const [asked] = server.heard
    expect(asked).toMatchObject({ url: 'https://feed.example/live/stream?x=1', frames: [hello({ topic: 'a' })] })
    expect(events).toEqual(['open', 'message welcome', 'message subbed'])
    server.publish('a', 1)
    await clock.advance(0)
    expect(events.at(-1)).toBe('message event')
  })

  it('asks anew for another topic, once for several, and goes on where it was', async () => {
    const { clock, server, transport } = world()
    const { say, frames } = await greeted(transport, clock, [{ topic: 'a' }])
    server.publish('a', 1)
    await clock.advance(1_000)
    const first = server.stream
    say({ t: 'sub', topic: 'b' })
    say({ t: 'sub', topic: 'c', epoch: 'e1', seq: 0 })
    say({ t: 'unsub', topic: 'c' })
    server.publish('a', 2)
    await clock.advance(0)
    expect(server.asked('stream')).toHaveLength(2)
    expect(first.gone).toBe(true)
    expect(server.stream.hello.topics).toEqual([{ topic: 'a', epoch: 'e1', seq: 2 }, { topic: 'b' }])
    server.publish('a', 3)
    await clock.advance(0)
    expect(frames.map(({ t, topic, seq }) => [t, topic, seq].filter(each => each !== undefined).join(' '))).toEqual([
      'welcome',
      'subbed a 0',
      'event a 1',
      'event a 2',
      'subbed b 0',
      'event a 3',
    ])
  })

  it('waits for the welcome of one stream before it asks for the next, and not for each topic', async () => {
    const { clock, server, transport } = world()
    const { say } = await greeted(transport, clock)
    let answer: (() => void) | undefined
    server.options.instead = () =>
      new Promise<undefined>(resolve => {
        answer = () => resolve(undefined)
      })
    for (const topic of ['a', 'b', 'c', 'd']) {
      say({ t: 'sub', topic })
      await clock.advance(300)
    }
    expect(server.asked('stream')).toHaveLength(2)
    answer?.()
    await clock.advance(0)
    expect(server.asked('stream')).toHaveLength(3)
    expect(server.asked('stream')[2]?.frames[0]?.topics).toHaveLength(4)
    answer?.()
    await clock.advance(0)
    for (const topic of ['e', 'f', 'g', 'h']) {
      say({ t: 'sub', topic })
      await clock.advance(60)
      answer?.()
    }
    await clock.advance(1_000)
    expect(server.asked('stream').length).toBeLessThan(6)
  })

  it('tells of a log that was lost while the stream was asked for anew', async () => {
    const { clock, server, transport } = world()
    const { say, frames } = await greeted(transport, clock, [{ topic: 'a' }])
    server.publish('a', 1)
    await clock.advance(300)
    server.logs.set('a', { epoch: 'e2', seq: 7, events: [] })
    say({ t: 'sub', topic: 'b' })
    await clock.advance(0)
    server.publish('a', 2)
    await clock.advance(300)
    expect(frames.slice(3)).toMatchObject([
      { t: 'subbed', topic: 'a', epoch: 'e2', recovered: false },
      { t: 'gap', topic: 'a', to: 7 },
      { t: 'subbed', topic: 'b' },
      { t: 'event', topic: 'a', epoch: 'e2', seq: 8 },
    ])
    say({ t: 'unsub', topic: 'b' })
    await clock.advance(0)
    expect(server.stream.hello.topics).toEqual([{ topic: 'a', epoch: 'e2', seq: 8 }])
    expect(frames).toHaveLength(7)
  })

  it('does not ask again for a topic that was refused, until the session does or the credential is another', async () => {
    const { clock, server, transport } = world()
    const { say } = await greeted(transport, clock, [{ topic: 'a' }])
    server.stream.say({ t: 'err', topic: 'a', code: 'forbidden', message: '', retry: 'never' })
    await clock.advance(300)
    const topics = async (frame: object) => {
      say(frame)
      await clock.advance(300)
      return server.stream.hello.topics
    }
    expect(await topics({ t: 'sub', topic: 'b' })).toEqual([{ topic: 'b' }])
    expect(await topics({ t: 'sub', topic: 'a' })).toMatchObject([{ topic: 'a' }, { topic: 'b' }])
    server.stream.say({ t: 'err', topic: 'a', code: 'forbidden', message: '', retry: 'auth' })
    await clock.advance(0)
    expect(await topics({ t: 'auth', token: 'fresh' })).toMatchObject([{ topic: 'a' }, { topic: 'b' }])
  })

  it('says that a credential was taken when the stream asked for with it is welcome', async () => {
    const { clock, server, transport } = world({ welcome: { authExpiresInMs: 60_000 } })
    const { say, frames } = await greeted(transport, clock)
    await clock.advance(1_000)
    say({ t: 'auth', token: 'fresh' })
    await clock.advance(0)
    expect(server.stream.hello.token).toBe('fresh')
    expect(frames.slice(1)).toEqual([{ t: 'authok', expiresInMs: 60_000 }])
    say({ t: 'msg', id: 'c1-1', data: 1 })
    await clock.advance(0)
    expect(server.asked('send')[0]?.frames[0]).toMatchObject({ t: 'hello', token: 'fresh', topics: [] })
  })

  it('does not take the welcome of a stream asked for before for the answer to a credential', async () => {
    const { clock, server, transport } = world()
    const { say, frames } = await greeted(transport, clock)
    await clock.advance(1_000)
    let answer: (() => void) | undefined
    server.options.instead = () =>
      new Promise<undefined>(resolve => {
        answer = () => resolve(undefined)
      })
    say({ t: 'sub', topic: 'a' })
    await clock.advance(0)
    say({ t: 'auth', token: 'fresh' })
    answer?.()
    await clock.advance(0)
    expect(frames.map(({ t }) => t)).toEqual(['welcome', 'subbed'])
    await clock.advance(1_000)
    answer?.()
    await clock.advance(0)
    expect(frames.map(({ t }) => t)).toEqual(['welcome', 'subbed', 'authok'])
  })

  it('ends with 4110 where the fresh credential is that of somebody else', async () => {
    const { clock, server, transport } = world({ welcome: { identity: 'ann' } })
    const { say, events } = await greeted(transport, clock)
    await clock.advance(1_000)
    Object.assign(server.options, { welcome: { identity: 'bob' } })
    say({ t: 'auth', token: 'fresh' })
    await clock.advance(0)
    expect(events).toEqual(['open', 'message welcome', 'close 4110 "identity changed" clean'])
  })

  it('reads no further than the session has acknowledged', async () => {
    const { clock, server, transport } = world({ welcome: { limits: { unacked: 20 } } })
    const { say, frames, carrier } = await greeted(transport, clock, [{ topic: 'a' }])
    for (let n = 0; n < 50; n++) server.publish('a', n)
    await clock.advance(0)
    const seen = () => frames.filter(({ t }) => t === 'event').map(({ seq }) => seq)
    expect(seen()).toHaveLength(20)
    // Whoever does not read hears nothing: that is not the server's silence.
    await clock.advance(120_000)
    expect([seen().length, carrier.readyState]).toEqual([20, 1])
    say({ t: 'ack', topic: 'a', seq: 5 })
    await clock.advance(0)
    expect(seen()).toHaveLength(25)
    say({ t: 'ack', topic: 'a', seq: 25 })
    await clock.advance(0)
    say({ t: 'ack', topic: 'a', seq: 45 })
    await clock.advance(0)
    expect(seen()).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    expect(server.heard).toHaveLength(1)
  })

  it('forgets what was not acknowledged of a topic that nobody listens to any more', async () => {
    const { clock, server, transport } = world({ welcome: { limits: { unacked: 16 } } })
    const { say, frames } = await greeted(transport, clock, [{ topic: 'a' }, { topic: 'b' }])
    for (let n = 0; n < 30; n++) server.publish('a', n)
    server.publish('b', 0)
    await clock.advance(1_000)
    expect(frames.filter(({ t }) => t === 'event')).toHaveLength(16)
    say({ t: 'unsub', topic: 'a' })
    await clock.advance(1_000)
    expect(frames.at(-1)).toMatchObject({ t: 'event', topic: 'b' })
  })

  it('carries bytes as base64, both ways', async () => {
    const { clock, server, transport } = world()
    const { carrier, raw } = await greeted(transport, clock, [{ topic: 'a' }])
    const bytes = Uint8Array.from({ length: 20_000 }, (_, index) => index % 256)
    carrier.send(encodeBinary({ t: 'msg', id: 'c1-1', topic: 'a' }, bytes))
    await clock.advance(0)
    expect(server.stored).toMatchObject([{ t: 'msg', id: 'c1-1', topic: 'a' }])
    const event = raw.find(data => data instanceof ArrayBuffer)
    if (!(event instanceof ArrayBuffer)) throw new Error('No bytes arrived.')
    expect(decodeBinary(event)).toEqual([{ t: 'event', topic: 'a', epoch: 'e1', seq: 1 }, bytes])
    server.append('a', { b64: '?' })
    await clock.advance(0)
    expect(raw.at(-1)).toBe('')
  })

  it('gives the session what is no frame, to be told of, and what it does not know, to be ignored', async () => {
    const { clock, server, transport } = world()
    const { raw } = await greeted(transport, clock)
    server.stream.write('data: {"t":"novel"}\n\ndata: [1]\n\ndata: no\n\n')
    const heard = raw.length
    await clock.advance(0).catch(() => {})
    expect(raw.slice(heard)).toEqual(['{"t":"novel"}', '[1]', 'no'])
  })
})

describe('asking whether the stream lives', () => {
  const PING = { t: 'ping' }

  it('costs no request while the server speaks at every heartbeat', async () => {
    const { clock, server, transport } = world()
    const { say, carrier } = await greeted(transport, clock)
    for (let beat = 0; beat < 40; beat++) {
      await clock.advance(14_990)
      say(PING)
      await clock.advance(10)
      server.stream.write(':\n\n')
      server.stream.say(PING)
    }
    expect([server.heard.length, carrier.readyState]).toEqual([1, 1])
  })

  it('is answered by what arrives meanwhile', async () => {
    const { clock, server, transport } = world()
    const { say, events } = await greeted(transport, clock)
    await clock.advance(15_000)
    say(PING)
    await clock.advance(100)
    server.stream.write(':\n\n')
    await clock.advance(400)
    expect([events.at(-1), server.heard.length]).toEqual(['message pong', 1])
  })

  it('asks for the stream anew where nothing arrives, and then the server itself', async () => {
    const { clock, server, transport } = world()
    const { say, events } = await greeted(transport, clock, [{ topic: 'a' }])
    await clock.advance(5_000)
    say(PING)
    say(PING)
    await clock.advance(499)
    expect(server.heard).toHaveLength(1)
    await clock.advance(1)
    expect([events.at(-1), server.asked('stream').length]).toEqual(['message pong', 2])
    await clock.advance(3_000)
    say(PING)
    await clock.advance(500)
    expect(events.slice(3)).toEqual(['message pong', 'message pong'])
    expect([server.asked('stream').length, server.asked('send').length]).toEqual([2, 1])
  })

  it('is answered by the welcome of a stream that is being asked for', async () => {
    const { clock, server, transport } = world()
    const { say, events } = await greeted(transport, clock)
    await clock.advance(1_000)
    let answer: (() => void) | undefined
    server.options.instead = () =>
      new Promise<undefined>(resolve => {
        answer = () => resolve(undefined)
      })
    say({ t: 'sub', topic: 'a' })
    await clock.advance(0)
    say(PING)
    await clock.advance(1_000)
    answer?.()
    await clock.advance(1_000)
    expect([server.heard.length, ...events.slice(2)]).toEqual([2, 'message pong', 'message subbed'])
  })

  it('finds a stream that is kept back: what comes with welcome arrives, and nothing after', async () => {
    const { clock, transport } = world()
    const { say, events } = await greeted(transport, clock)
    for (let beat = 0; beat < 2; beat++) {
      await clock.advance(15_000)
      say(PING)
      await clock.advance(500)
    }
    expect(events.slice(2)).toEqual(['message pong', 'close 1006 "buffered: nothing for 16 s" broken'])
  })
})

describe('the end of a stream', () => {
  it('is what the server says in its last frame', async () => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    server.stream.say({ t: 'close', code: 4201, reason: 'expired' })
    server.stream.say({ t: 'goaway', afterMs: 0, spreadMs: 0 })
    server.stream.end()
    await clock.advance(60_000)
    expect(events.slice(2)).toEqual(['close 4201 "expired" clean'])
    expect(clock.timers).toBe(0)
  })

  it.each(['end', 'reset'] as const)('is abnormal where it comes right behind welcome: %s', async how => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    await clock.advance(999)
    server.stream[how]()
    await clock.advance(0)
    expect(events[2]).toMatch(/^close 1006 ".+" broken$/)
  })

  it.each(['end', 'reset'] as const)(
    'is not seen where the next stream comes: it goes on where it was: %s',
    async how => {
      const { clock, server, transport } = world()
      const { events, frames } = await greeted(transport, clock, [{ topic: 'a' }])
      server.publish('a', 1)
      await clock.advance(5_000)
      server.stream[how]()
      await clock.advance(0)
      server.publish('a', 2)
      await clock.advance(500)
      expect(server.stream.hello.topics).toEqual([{ topic: 'a', epoch: 'e1', seq: 1 }])
      server.publish('a', 3)
      await clock.advance(0)
      expect(events.slice(0, 3)).toEqual(['open', 'message welcome', 'message subbed'])
      expect(frames.slice(2)).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }])
      expect(events).toHaveLength(6)
    },
  )

  it('is not seen however often a proxy cuts what is silent', async () => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    for (let cut = 0; cut < 20; cut++) {
      await clock.advance(5_000)
      server.stream.end()
      await clock.advance(500)
    }
    expect(events).toEqual(['open', 'message welcome'])
    expect(server.asked('stream')).toHaveLength(21)
  })

  it('is abnormal where it comes again within 3 s', async () => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    await clock.advance(5_000)
    server.stream.end()
    await clock.advance(2_500)
    server.stream.end()
    await clock.advance(0)
    expect(events.slice(2)).toEqual(['close 1006 "the stream ended" broken'])
  })

  it.each([
    ['nobody is there', () => Promise.reject(new TypeError('refused')), 'close 1006 "a request failed" broken'],
    ['a proxy has no server', () => new Response('', { status: 502 }), 'close 1014 "HTTP 502" broken'],
  ])('is seen where the next one does not come: %s', async (_, instead, close) => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    await clock.advance(5_000)
    server.options.instead = instead
    server.stream.reset()
    await clock.advance(500)
    expect(events.at(-1)).toBe(close)
    expect(server.asked('stream')).toHaveLength(2)
  })

  it('is asked about once where a topic is asked for meanwhile, and not at all where the app closes', async () => {
    const { clock, server, transport } = world()
    const { carrier, say } = await greeted(transport, clock)
    await clock.advance(5_000)
    server.stream.end()
    await clock.advance(0)
    say({ t: 'sub', topic: 'b' })
    await clock.advance(1_000)
    expect(server.asked('stream')).toHaveLength(2)
    expect(server.stream.hello.topics).toEqual([{ topic: 'b' }])
    await clock.advance(4_000)
    server.stream.end()
    await clock.advance(0)
    carrier.close()
    await clock.advance(60_000)
    expect([server.asked('stream').length, clock.timers]).toEqual([2, 0])
  })

  it('comes with a welcome that is late where something keeps the stream back until it cuts it', async () => {
    const { clock, server, transport } = world()
    server.options.instead = async () => {
      await new Promise<void>(resolve => clock.schedule(clock.now() + 5_000, resolve))
      return undefined
    }
    const { events } = await greeted(transport, clock)
    await clock.advance(5_000)
    server.stream.end()
    await clock.advance(0)
    expect(events.at(-1)).toBe('close 1006 "buffered: the welcome came with the end" broken')
  })

  it('is abnormal where a `close` frame has no code', async () => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    server.stream.say({ t: 'close', code: 1006 })
    await clock.advance(0)
    expect(events.slice(2)).toEqual(['error', 'close 1006 "a `close` frame without a code" broken'])
  })

  it.each([
    [401, {}, 'close 3000 "HTTP 401" broken'],
    [403, {}, 'close 3003 "HTTP 403" broken'],
    [503, { 'retry-after': '7' }, 'close 1013 "HTTP 503; after=7" broken'],
    [429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, 'close 1013 "HTTP 429" broken'],
    [502, {}, 'close 1014 "HTTP 502" broken'],
    [504, {}, 'close 1014 "HTTP 504" broken'],
    [404, {}, 'close 1006 "not offered: HTTP 404" broken'],
    [405, {}, 'close 1006 "not offered: HTTP 405" broken'],
    [426, {}, 'close 1006 "not offered: HTTP 426" broken'],
    [400, {}, 'close 1006 "not offered: HTTP 400" broken'],
    [413, {}, 'close 1009 "HTTP 413" broken'],
    [408, {}, 'close 1006 "HTTP 408" broken'],
    [429, {}, 'close 1006 "HTTP 429" broken'],
    [500, {}, 'close 1006 "HTTP 500" broken'],
  ])('is what HTTP %i %o means', async (status, headers, close) => {
    const { clock, transport } = world({ instead: () => new Response('no', { status, headers }) })
    const { events } = await greeted(transport, clock)
    expect(events).toEqual(['open', 'error', close])
  })

  it('says that it is not offered where something else answers', async () => {
    const html = () => new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } })
    const { clock, transport } = world({ instead: html })
    const { events } = await greeted(transport, clock)
    expect(events.at(-1)).toBe('close 1006 "not offered: text/html; charset=utf-8 instead of an event stream" broken')
  })

  it('comes after 10 s without an answer, or without welcome behind the headers', async () => {
    const never = world({ instead: () => new Promise(() => {}) })
    const { events } = await greeted(never.transport, never.clock)
    await never.clock.advance(9_999)
    expect(events).toEqual(['open'])
    await never.clock.advance(1)
    expect(events).toEqual(['open', 'error', 'close 1006 "no answer within 10 s" broken'])

    const stream = () => new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } })
    const kept = world({ instead: stream })
    const second = await greeted(kept.transport, kept.clock)
    await kept.clock.advance(10_000)
    expect(second.events).toEqual(['open', 'error', 'close 1006 "buffered: no welcome within 10 s" broken'])
  })

  it('comes after two heartbeats of silence, and says whether anything ever came after welcome', async () => {
    const mute = world({ welcome: { heartbeatMs: 1 } })
    const first = await greeted(mute.transport, mute.clock)
    await mute.clock.advance(12_000)
    expect(first.events.at(-1)).toBe('close 1006 "buffered: nothing for 12 s" broken')

    const dead = world()
    const second = await greeted(dead.transport, dead.clock)
    await dead.clock.advance(15_000)
    dead.server.stream.write(':\n\n')
    await dead.clock.advance(31_999)
    expect(second.carrier.readyState).toBe(1)
    await dead.clock.advance(1)
    expect(second.events.at(-1)).toBe('close 1006 "silent: nothing for 32 s" broken')
  })

  it('comes when the server never ends a frame', async () => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    server.stream.write(`data: ${'x'.repeat(9_000_000)}`)
    await clock.advance(0)
    expect(events.slice(2)).toEqual(['error', 'close 1006 "a frame that is too big" broken'])
  })

  it('is the next task after `bye`, as if the server had closed', async () => {
    const { clock, server, transport } = world()
    const { say, events } = await greeted(transport, clock)
    say({ t: 'bye' })
    expect(events).toHaveLength(2)
    await clock.advance(0)
    expect(events.slice(2)).toEqual(['close 1000 "bye" clean'])
    expect([server.stream.gone, clock.timers]).toEqual([true, 0])
  })
})

describe('closing', () => {
  it('is told in a later task, and ends the stream at once', async () => {
    const { clock, server, transport } = world()
    const { carrier, events } = await greeted(transport, clock)
    carrier.close(4000, 'done')
    expect([carrier.readyState, server.stream.gone, events.length]).toEqual([2, true, 2])
    server.stream.say({ t: 'ping' })
    await clock.advance(0)
    expect([carrier.readyState, ...events.slice(2)]).toEqual([3, 'close 4000 "done" clean'])
    carrier.send('{"t":"ping"}')
    expect(carrier.bufferedAmount).toBe(12)
    carrier.close()
    await clock.advance(60_000)
    expect([events.length, clock.timers]).toEqual([3, 0])
  })

  it('before it opened is a failure, as with a WebSocket', async () => {
    const { clock, server, transport } = world()
    const { carrier, events } = dialled(transport, clock)
    carrier.close()
    await clock.advance(0)
    expect(events).toEqual(['error', 'close 1006 "" broken'])
    expect(server.heard).toEqual([])
  })

  it('lets what was sent go out, for a moment', async () => {
    const { clock, server, transport } = world()
    const { carrier, say, events } = await greeted(transport, clock)
    say({ t: 'msg', id: 'c1-1', data: 1 })
    carrier.close()
    await clock.advance(0)
    expect(server.stored).toHaveLength(1)
    expect(events.slice(2)).toEqual(['close 1005 "" clean'])

    const stuck = await greeted(transport, clock)
    server.options.instead = ({ path }) => (path === 'send' ? new Promise(() => {}) : undefined)
    stuck.say({ t: 'msg', id: 'c1-2', data: 1 })
    stuck.carrier.close()
    await clock.advance(2_999)
    expect(stuck.carrier.readyState).toBe(2)
    await clock.advance(1)
    expect(stuck.carrier.readyState).toBe(3)
  })

  it('refuses codes and reasons that a WebSocket refuses', async () => {
    const { clock, transport } = world()
    const { carrier } = await greeted(transport, clock)
    expect(() => carrier.close(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(() => carrier.close(1000, 'é'.repeat(62))).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    expect(carrier.readyState).toBe(1)
  })
})
