import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'
import { polling } from '../../src/transports/polling.ts'
import { dialled, greeted, hello } from './heard-carrier.ts'
import { HttpSessionServer, type HttpSessionServerOptions } from './http-session-server.ts'

function world(options: Partial<HttpSessionServerOptions> = {}) {
  const clock = virtualClock()
  const server = new HttpSessionServer({ clock, ...options })
  const transport = polling({ fetch: server.fetch })
  return { clock, server, transport }
}

describe('a session over long polling', () => {
  it('asks at once for what there is, then lets the server hold the question', async () => {
    const { clock, server, transport } = world()
    server.publish('a', 0)
    const { events, frames } = await greeted(transport, clock, [{ topic: 'a', epoch: 'e1', seq: 0 }])
    expect(events).toEqual(['open', 'message welcome', 'message subbed', 'message event'])
    expect(server.asked('poll').map(({ frames: [hello] }) => [hello?.waitMs, hello?.topics])).toEqual([
      [0, [{ topic: 'a', epoch: 'e1', seq: 0 }]],
      [25_000, [{ topic: 'a', epoch: 'e1', seq: 1 }]],
    ])
    await clock.advance(10_000)
    server.publish('a', 1)
    await clock.advance(20)
    expect(frames.at(-1)).toMatchObject({ t: 'event', seq: 2 })
    expect(server.asked('poll')).toHaveLength(3)
    await clock.advance(25_000)
    expect(events.slice(4)).toEqual(['message event', 'message pong'])
    expect(server.asked('poll')).toHaveLength(4)
  })

  it('asks anew at once for another topic, without being held, and says nothing twice', async () => {
    const { clock, server, transport } = world()
    const { say, frames } = await greeted(transport, clock, [{ topic: 'a' }])
    await clock.advance(1_000)
    say({ t: 'sub', topic: 'b' })
    say({ t: 'sub', topic: 'c' })
    await clock.advance(0)
    expect(server.asked('poll').map(({ frames: [hello] }) => hello?.waitMs)).toEqual([0, 25_000, 0, 25_000])
    expect(frames.map(({ t, topic }) => topic ?? t)).toEqual(['welcome', 'a', 'b', 'c'])
    expect(server.polls.size).toBe(2)
    server.publish('c', 1)
    await clock.advance(20)
    expect(frames.at(-1)).toMatchObject({ t: 'event', topic: 'c' })
    say({ t: 'unsub', topic: 'c' })
    await clock.advance(250)
    expect(server.asked('poll').at(-1)?.frames[0]?.topics).toHaveLength(2)
  })

  it('includes a topic that came before the first answer', async () => {
    const { clock, server, transport } = world()
    const { say, frames } = dialled(transport, clock)
    await clock.advance(0)
    say(hello())
    await Promise.resolve()
    say({ t: 'sub', topic: 'a' })
    await clock.advance(0)
    expect(frames.map(({ t }) => t)).toEqual(['welcome', 'subbed'])
    expect(server.asked('poll').map(({ frames: [hello] }) => hello?.waitMs)).toEqual([0, 0, 25_000])
  })

  it('says that a credential was taken', async () => {
    const { clock, server, transport } = world({ welcome: { authExpiresInMs: 60_000 } })
    const { say, frames } = await greeted(transport, clock)
    await clock.advance(1_000)
    say({ t: 'auth', token: 'fresh' })
    await clock.advance(0)
    expect(frames.slice(1)).toEqual([{ t: 'authok', expiresInMs: 60_000 }])
    expect(server.asked('poll').at(-1)?.frames[0]).toMatchObject({ token: 'fresh', waitMs: 25_000 })
  })

  it('does not break off a poll that was asked with the fresh credential already', async () => {
    const { clock, server, transport } = world()
    const { say, frames } = await greeted(transport, clock, [{ topic: 'a' }])
    await clock.advance(100)
    say({ t: 'auth', token: 'fresh' })
    let answer: (() => void) | undefined
    server.options.instead = () =>
      new Promise<undefined>(resolve => {
        answer = () => resolve(undefined)
      })
    // An event ends the poll that is out, before it is due to be broken off.
    server.publish('a', 1)
    await clock.advance(400)
    answer?.()
    await clock.advance(0)
    expect(frames.map(({ t }) => t)).toEqual(['welcome', 'subbed', 'event', 'authok'])
    expect(server.asked('poll').map(({ frames: [hello] }) => hello?.waitMs)).toEqual([0, 25_000, 0, 25_000])
  })

  it('does not ask while too much is unacknowledged, and passes up no more than that', async () => {
    const { clock, server, transport } = world({ welcome: { limits: { unacked: 16 } } })
    const { say, frames, carrier } = await greeted(transport, clock, [{ topic: 'a' }])
    for (let n = 0; n < 40; n++) server.publish('a', n)
    await clock.advance(20)
    const seen = () => frames.filter(({ t }) => t === 'event').length
    expect([seen(), server.asked('poll').length]).toEqual([16, 2])
    await clock.advance(300_000)
    expect([seen(), server.asked('poll').length, carrier.readyState]).toEqual([16, 2, 1])
    say({ t: 'ack', topic: 'a', seq: 16 })
    await clock.advance(0)
    expect(seen()).toBe(32)
    say({ t: 'ack', topic: 'a', seq: 32 })
    await clock.advance(0)
    expect([seen(), server.asked('poll').length]).toEqual([40, 3])
    expect(server.asked('poll')[2]?.frames[0]?.topics).toEqual([{ topic: 'a', epoch: 'e1', seq: 40 }])
  })

  it('polls no more than once a second where the server answers at once with nothing', async () => {
    const { clock, server, transport } = world()
    await greeted(transport, clock)
    server.options.instead = () => new Response(null, { status: 204 })
    await clock.advance(60_000)
    expect(server.asked('poll').length).toBe(2 + 36)
  })

  it('answers a ping by the poll that is out where it is due, and asks the server where it is not', async () => {
    const { clock, server, transport } = world()
    const { say, events } = await greeted(transport, clock)
    await clock.advance(15_000)
    say({ t: 'ping' })
    await clock.advance(0)
    expect([events.at(-1), server.heard.length]).toEqual(['message pong', 2])
    await clock.advance(5_000)
    say({ t: 'ping' })
    await clock.advance(0)
    expect(events.slice(2)).toEqual(['message pong', 'message pong'])
    expect(server.asked('poll').map(({ frames: [hello] }) => hello?.waitMs)).toEqual([0, 25_000, 0, 25_000])
  })

  it('ends as the server says, whatever the status is', async () => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock, [{ topic: 'a' }])
    const lines = ['{"t":"event","topic":"a","epoch":"e1","seq":1}', '{"t":"close","code":4201,"reason":"expired"}']
    server.options.instead = () => new Response(lines.join('\n'), { status: 401 })
    await clock.advance(25_000)
    expect(events.slice(3)).toEqual(['message pong', 'message event', 'close 4201 "expired" clean'])
    expect(clock.timers).toBe(0)
  })

  it.each([
    [() => new Response('<html>\n<body>'), 'close 1006 "not offered: an answer without `welcome`" broken'],
    [() => new Response('<html>', { status: 404 }), 'close 1006 "not offered: HTTP 404" broken'],
    [
      () => new Response('busy', { status: 503, headers: { 'retry-after': '2' } }),
      'close 1013 "HTTP 503; after=2" broken',
    ],
    [() => Promise.reject(new TypeError('no network')), 'close 1006 "a request failed" broken'],
    [() => new Response('x'.repeat(9_000_000)), 'close 1006 "a frame that is too big" broken'],
  ])('fails at %s', async (instead, close) => {
    const { clock, transport } = world({ instead })
    const { events } = await greeted(transport, clock)
    expect(events).toEqual(['open', 'error', close])
  })

  it('that a proxy answers with 504 is asked again, unseen, and the server holds the next ones for less', async () => {
    const { clock, server, transport } = world()
    const { events, frames } = await greeted(transport, clock, [{ topic: 'a' }])
    const waits = (): readonly unknown[] => server.asked('poll').map(({ frames: [hello] }) => hello?.waitMs)
    server.options.instead = async ({ frames: [hello] }) => {
      if (Number(hello?.waitMs) < 5_000) return undefined
      await new Promise<void>(resolve => clock.schedule(clock.now() + 5_000, resolve))
      return new Response('', { status: 504 })
    }
    await clock.advance(20)
    await clock.advance(5_500)
    server.publish('a', 1)
    await clock.advance(20_000)
    expect(frames.filter(({ t }) => t === 'event')).toMatchObject([{ seq: 1 }])
    expect(events.join()).not.toContain('close')
    expect(waits().slice(0, 5)).toEqual([0, 25_000, 25_000, 0, 4_000])
  })

  it('that breaks after 2 s and more is asked again, unseen, and given up where nobody answers then', async () => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    await clock.advance(5_000)
    for (const poll of server.polls) poll.reset?.()
    await clock.advance(5_000)
    expect(events.join()).not.toContain('close')
    server.options.instead = () => Promise.reject(new TypeError('refused'))
    for (const poll of server.polls) poll.reset?.()
    await clock.advance(500)
    expect(events.at(-1)).toBe('close 1006 "a request failed" broken')
  })

  it('is given up when an answer is late by 10 s', async () => {
    const { clock, server, transport } = world()
    const { events } = await greeted(transport, clock)
    server.options.instead = () => new Promise(() => {})
    await clock.advance(25_000 + 34_999)
    expect(events.slice(2)).toEqual(['message pong'])
    await clock.advance(1)
    expect(events.slice(3)).toEqual(['close 1006 "no answer within 35 s" broken'])
  })

  it('has one poll and one message under way at most, and ends both', async () => {
    const { clock, server, transport } = world()
    const { carrier, say, events } = await greeted(transport, clock, [{ topic: 'a' }])
    say({ t: 'msg', id: 'c1-1', topic: 'a', data: 1 })
    await clock.advance(20)
    expect(events.slice(3).sort()).toEqual(['message event', 'message ok'])
    const signals = server.heard.map(({ init }) => init.signal)
    carrier.close()
    await clock.advance(0)
    expect(events.at(-1)).toBe('close 1005 "" clean')
    expect(signals.at(-1)?.aborted).toBe(true)
    await clock.advance(60_000)
    expect([clock.timers, server.asked('poll').length]).toEqual([0, 3])
  })
})
