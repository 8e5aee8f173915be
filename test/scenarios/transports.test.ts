import { beforeEach, describe, expect, it, vi } from 'vitest'
import { websocket } from '../../src/index.ts'
import { accepts, type Behaviour, hangs, refuses } from '../../src/testing/index.ts'
import { forgetPage } from '../../src/transports/known-ways.ts'
import { story } from './story.ts'
import { type Choices, type Ways, way, ways } from './ways.ts'

/** Falling back to another transport, and climbing back: by scripted ones, in virtual time. */

beforeEach(() => {
  forgetPage()
  return () => vi.unstubAllGlobals()
})

describe('a WebSocket that does not get through', () => {
  it('is given up at once where the server answers over HTTP and it never got through', async () => {
    const { clock, socket, sse, lines, journal } = ways({ webSocket: () => refuses() })
    await clock.advance(0)
    expect(socket.status).toMatchObject({
      state: 'degraded',
      transport: 'sse',
      degraded: { why: 'blocked', next: 'websocket' },
    })
    expect(socket.readyState).toBe(1)
    expect(sse.probes).toBe(1)
    expect(lines()).toEqual([
      'dialling',
      expect.stringMatching(/^websocket could not connect: 1006 .*; next try in 2 s/),
      expect.stringMatching(
        /^it never got through on this network, and the server answers over HTTP: falling back to sse, trying now$/,
      ),
      'dialling (attempt 1)',
      'open over sse',
    ])
    expect(journal).toEqual(['error', 'close 1006', 'open'])
  })

  it('is dialled on while nobody answers over HTTP: the network is gone, or the server', async () => {
    const { clock, server, sse } = ways({ webSocket: () => refuses(), probe: 'nobody there' })
    await clock.advance(300_000)
    expect(sse.dials).toHaveLength(0)
    expect(server.dials.length).toBeGreaterThan(20)
  })

  it('is dialled on where the browser says offline, and nobody is asked', async () => {
    const { clock, page, sse } = ways({ webSocket: () => refuses(), probe: 'nobody there' })
    await clock.advance(1_000)
    page.say('offline')
    sse.probes = 0
    await clock.advance(120_000)
    expect([sse.probes, sse.dials.length]).toEqual([0, 0])
  })

  it('is given up only after five failures over a minute where it got through before', async () => {
    const made = ways()
    const { clock, server, sse, lines } = made
    await clock.advance(20_000)
    made.webSocket(refuses())
    server.latest.reset()
    await clock.advance(59_000)
    expect(sse.dials).toHaveLength(0)
    await clock.advance(30_000)
    expect(sse.dials).toHaveLength(1)
    expect(lines().filter(line => line.includes('falling back'))).toEqual([
      expect.stringMatching(/^it failed 5 times in 60 s and more, without a word of the server: falling back to sse/),
    ])
  })

  it('is not given up for what the server says with a close frame, however often', async () => {
    const { clock, sse } = ways({
      webSocket: () => connection => {
        connection.accept('holdfast.v1')
        connection.after(0, () => connection.close(1012))
      },
    })
    await clock.advance(300_000)
    expect([sse.probes, sse.dials.length]).toEqual([0, 0])
  })

  it('is given up by cuts, however often it got through', async () => {
    const made = ways()
    const { clock, sse, log } = made
    made.webSocket(connection => {
      log.behaviour(connection)
      connection.after(3_000, () => connection.reset())
    })
    await clock.advance(10)
    made.server.latest.reset()
    await clock.advance(120_000)
    expect(sse.dials.length).toBeGreaterThan(0)
  })

  it('is passed by where the next one is not offered either', async () => {
    const made = ways({ webSocket: () => refuses() })
    made.sse.probe = false
    await made.clock.advance(0)
    expect(made.socket.status).toMatchObject({ transport: 'polling' })
    expect(made.sse.dials).toHaveLength(0)
  })

  it('is tried again when nothing else works either', async () => {
    const made = ways({ webSocket: () => refuses() })
    made.sse.behaviour = refuses()
    made.polling.behaviour = refuses()
    await made.clock.advance(0)
    const { length } = made.server.dials
    await made.clock.advance(120_000)
    expect(made.server.dials.length).toBeGreaterThan(length)
    expect(made.socket.status).toMatchObject({ state: 'degraded', limited: true })
  })
})

describe('a round trip', () => {
  it('that does not come in 4 s has the next transport tried beside it: the first that completes one serves', async () => {
    const { clock, socket, server, lines, log } = ways({
      webSocket: () => connection => connection.accept('holdfast.v1'),
    })
    await clock.advance(3_999)
    expect(socket.status.state).toBe('connecting')
    await clock.advance(1)
    expect(socket.status).toMatchObject({ state: 'degraded', transport: 'sse', degraded: { why: 'silent' } })
    expect(server.latest.state).toBe('ended')
    expect(lines().at(-1)).toBe('open over sse: the other one brought nothing back within 4 s')
    // One conversation: what was said to both counts once.
    expect(log.said('hello')).toHaveLength(1)
  })

  it('that comes late still wins, when nothing else was faster', async () => {
    const made = ways({
      sse: () => connection => connection.accept('holdfast.v1'),
      webSocket: good => connection => connection.after(5_000, () => good(connection)),
    })
    await made.clock.advance(5_000)
    expect(made.socket.status).toMatchObject({ state: 'open', transport: 'websocket', degraded: null })
    expect(made.sse.dials).toHaveLength(1)
  })

  it('is waited for longer where a WebSocket got through before, unless it opens', async () => {
    const made = ways()
    await made.clock.advance(0)
    made.webSocket(hangs())
    made.socket.reconnect()
    await made.clock.advance(9_000)
    expect(made.sse.dials).toHaveLength(0)
    made.webSocket(connection => connection.accept('holdfast.v1'))
    await made.clock.advance(20_000)
    expect(made.socket.status).toMatchObject({ state: 'degraded', transport: 'sse' })
  })

  it('may take three transports', async () => {
    const mute: Behaviour = connection => connection.accept('holdfast.v1')
    const { clock, socket } = ways({ webSocket: () => mute, sse: () => mute })
    await clock.advance(8_000)
    expect(socket.status).toMatchObject({ state: 'degraded', transport: 'polling' })
  })

  it('is for connections that nothing serves: a replacement is not hurried', async () => {
    const made = ways()
    await made.clock.advance(0)
    made.webSocket(connection => connection.accept('holdfast.v1'))
    made.socket.handover()
    await made.clock.advance(60_000)
    expect(made.sse.dials).toHaveLength(0)
    expect(made.socket.status.state).toBe('open')
  })
})

describe('climbing back', () => {
  async function fallen(choices: Choices = {}): Promise<Ways> {
    const made = ways({ webSocket: () => refuses(), ...choices })
    await made.clock.advance(0)
    expect(made.socket.status.transport).toBe('sse')
    return made
  }

  it('looks for the better one after 30 s, then after twice as long each time, to 10 min', async () => {
    const { clock, dialTimes, socket, journal } = await fallen()
    const { length } = dialTimes()
    const began = clock.now()
    await clock.advance(3_000_000)
    const waits = dialTimes()
      .slice(length)
      .map((at, index, all) => at - (all[index - 1] ?? began))
    expect(waits.map(ms => Math.round(ms / 1_000))).toEqual([30, 60, 120, 240, 480, 600, 600, 600])
    expect(journal).toEqual(['error', 'close 1006', 'open'])
    expect(socket.status.state).toBe('degraded')
  })

  it('says when it tries next, and that it tries', async () => {
    const made = await fallen()
    expect(made.socket.status.degraded).toEqual({
      why: 'blocked',
      next: 'websocket',
      nextAt: made.clock.wall() + 30_000,
    })
    made.webSocket(hangs())
    await made.clock.advance(30_000)
    expect(made.socket.status.degraded).toEqual({ why: 'blocked', next: 'websocket', nextAt: null })
  })

  it('is a handover: nothing is lost or doubled, and the app sees neither close nor open', async () => {
    const made = await fallen()
    const { clock, log, socket, journal, lines } = made
    const heard: unknown[] = []
    socket.topic('orders').on(({ data }) => void heard.push(data))
    await clock.advance(0)
    made.webSocket(log.behaviour)
    for (let n = 0; n < 400; n++) {
      log.publish('orders', n)
      await clock.advance(100)
    }
    expect(heard).toEqual(Array.from({ length: 400 }, (_, n) => n))
    expect(socket.status).toMatchObject({ state: 'open', transport: 'websocket', degraded: null })
    expect(journal).toEqual(['error', 'close 1006', 'open'])
    expect(lines()).toContain('handed over to websocket')
  })

  it('comes sooner when the network is another one', async () => {
    const made = await fallen()
    made.webSocket(made.log.behaviour)
    made.page.say('network-changed')
    await made.clock.advance(1_000)
    expect(made.socket.status).toMatchObject({ state: 'open', transport: 'websocket' })
  })

  it('tries the preferred one first on another network, whatever was to come', async () => {
    const made = ways({ webSocket: () => refuses() })
    made.sse.behaviour = refuses()
    await made.clock.advance(60_000)
    expect(made.socket.status.transport).toBe('polling')
    // The next one would be a little better only.
    while (made.socket.status.degraded?.next !== 'sse') await made.clock.advance(10_000)
    made.sse.behaviour = made.log.behaviour
    made.webSocket(made.log.behaviour)
    made.page.say('network-changed')
    await made.clock.advance(2_000)
    expect(made.socket.status).toMatchObject({ state: 'open', transport: 'websocket' })
  })

  it('is tried again when the network became another one while it was being tried', async () => {
    const made = await fallen()
    made.webSocket(hangs())
    await made.clock.advance(30_000)
    expect(made.socket.status.degraded?.nextAt).toBe(null)
    made.page.say('network-changed')
    made.webSocket(made.log.behaviour)
    await made.clock.advance(20_000)
    expect(made.socket.status).toMatchObject({ state: 'open', transport: 'websocket' })
  })

  it('that was cut within a minute leads straight back, and the next one comes later', async () => {
    const made = await fallen()
    const { clock, server, log, socket, lines } = made
    made.webSocket(connection => {
      log.behaviour(connection)
      connection.after(3_000, () => connection.reset())
    })
    await clock.advance(33_500)
    expect(socket.status).toMatchObject({ state: 'degraded', transport: 'sse', degraded: { why: 'failing' } })
    expect(lines().filter(line => line.includes('falling back to sse'))).toHaveLength(2)
    expect(lines()).toContainEqual(
      expect.stringMatching(/^it was cut again soon after it was back, .*: falling back to sse/),
    )
    const { length } = server.dials
    await clock.advance(59_000)
    expect(server.dials).toHaveLength(length)
  })

  it('looks for what is a little better too', async () => {
    const made = ways({ webSocket: () => refuses() })
    made.sse.behaviour = refuses()
    await made.clock.advance(60_000)
    expect(made.socket.status.transport).toBe('polling')
    made.sse.behaviour = made.log.behaviour
    await made.clock.advance(120_000)
    expect(made.socket.status).toMatchObject({ state: 'degraded', transport: 'sse', degraded: { next: 'websocket' } })
  })

  it('asks first where there is no session: what serves is not given up for a guess', async () => {
    const made = await fallen({ session: false })
    await made.clock.advance(40_000)
    expect(made.journal).toEqual(['error', 'close 1006', 'open'])
    made.webSocket(accepts())
    await made.clock.advance(60_000)
    expect(made.socket.status).toMatchObject({ state: 'open', transport: 'websocket' })
    expect(made.journal).toEqual(['error', 'close 1006', 'open', 'close 1006', 'open'])
  })

  it('leaves no timer and no question behind', async () => {
    const { clock, socket } = await fallen()
    socket.close()
    await clock.advance(250)
    expect([socket.readyState, clock.timers]).toEqual([3, 0])
  })
})

describe('what worked', () => {
  it('is begun with for half an hour, in this page and the next', async () => {
    const stored = new Map<string, string>()
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
    })
    const first = ways({ webSocket: () => refuses() })
    await first.clock.advance(1_800_000 - 1)
    first.socket.close()
    for (const [page, index] of [
      ['the same', 0],
      ['another', 1],
    ] as const) {
      if (page === 'another') forgetPage()
      const next = ways({ wall: first.clock.wall() })
      await next.clock.advance(0)
      expect(next.socket.status, `${index}`).toMatchObject({ transport: 'sse', degraded: { why: 'remembered' } })
      next.socket.close()
    }
    const late = ways({ wall: first.clock.wall() + 2 })
    await late.clock.advance(0)
    expect(late.socket.status).toMatchObject({ state: 'open', transport: 'websocket' })
  })

  it('is forgotten as soon as the preferred one gets through', async () => {
    const first = ways({ webSocket: () => refuses() })
    await first.clock.advance(0)
    first.webSocket(first.log.behaviour)
    await first.clock.advance(31_000)
    expect(first.socket.status.state).toBe('open')
    const next = ways({ wall: first.clock.wall() })
    await next.clock.advance(0)
    expect(next.socket.status.state).toBe('open')
  })

  it('is another thing on another network, where the platform tells', async () => {
    const navigator = { connection: { type: 'wifi' } }
    vi.stubGlobal('navigator', navigator)
    const first = ways({ webSocket: () => refuses() })
    await first.clock.advance(0)
    navigator.connection.type = 'cellular'
    const next = ways({ wall: first.clock.wall() })
    await next.clock.advance(0)
    expect(next.socket.status.state).toBe('open')
  })

  it('is of no harm when what is stored is nonsense', async () => {
    for (const nonsense of [
      '{',
      '5',
      'null',
      '{"works":5,"worksAt":"x"}',
      '{"works":"fax","worksAt":1}',
      '{"provenAt":9e99}',
      '{"works":"sse","worksAt":9e99}',
    ]) {
      vi.stubGlobal('localStorage', { getItem: () => nonsense, setItem: () => {} })
      forgetPage()
      const { clock, socket } = ways()
      await clock.advance(0)
      expect(socket.status.state).toBe('open')
      socket.close()
    }
  })
})

describe('a transport that only listens', () => {
  it('has messages wait for one that can send', async () => {
    const made = ways({ webSocket: () => refuses(), session: false })
    const { dial } = made.sse.transport
    Object.assign(made.sse.transport, {
      dial: (request: Parameters<typeof dial>[0]) => Object.assign(dial(request), { readOnly: true }),
    })
    await made.clock.advance(0)
    expect(made.socket.status.transport).toBe('sse')
    made.socket.send('waits')
    await made.clock.advance(250)
    expect(made.socket.status.queued.messages).toBe(1)
    made.webSocket(accepts())
    await made.clock.advance(60_000)
    expect(made.server.received).toEqual(['waits'])
  })
})

describe('transports without a ladder', () => {
  it('are led on by a close policy alone', async () => {
    const other = way('fax', accepts(), 'none', () => second.clock)
    const { ladder: _, ...fax } = other.transport
    const second = story({
      behaviour: refuses(),
      options: { transports: [websocket(), fax], closePolicy: ({ attempt }) => (attempt ? 'fall-back' : undefined) },
    })
    await second.clock.advance(0)
    expect(other.dials).toHaveLength(0)
    await second.clock.advance(10_000)
    expect(second.socket.status).toMatchObject({ state: 'degraded', transport: 'fax', degraded: null })
  })
})
