import { describe, expect, it } from 'vitest'
import { ResilientWebSocket, type Status } from '../../src/index.ts'
import { accepts, closes, hangs, refuses, scriptedServer, sequence, virtualClock } from '../../src/testing/index.ts'
import { openStory, story, URL_OF_FEED } from './story.ts'

describe('the status', () => {
  it('is the same object until something changes', async () => {
    const { clock, server, socket } = await openStory()
    const first = socket.status
    await clock.advance(5_000)
    expect(socket.status).toBe(first)
    server.latest.reset()
    await clock.advance(0)
    expect(socket.status).not.toBe(first)
    expect(socket.status).toBe(socket.status)
  })

  it('is frozen, inside too', () => {
    const { socket } = story()
    expect(Object.isFrozen(socket.status)).toBe(true)
    expect(Object.isFrozen(socket.status.queued)).toBe(true)
  })

  it('emits `status` with the very object that the getter gives, and never twice the same', async () => {
    const { clock, socket } = story({ behaviour: closes({ afterMs: 30 }) })
    const seen: Status[] = []
    socket.on('status', status => {
      expect(socket.status).toBe(status)
      seen.push(status)
    })
    await clock.advance(30_000)
    expect(seen.length).toBeGreaterThan(5)
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('says everything at once when the phase changes', async () => {
    const { clock, server, socket } = story({ behaviour: sequence(refuses(), hangs()) })
    expect(socket.status).toEqual({
      state: 'connecting',
      since: clock.wall(),
      transport: 'websocket',
      connectionId: expect.stringMatching(/^[0-9a-f]{4}$/),
      attempt: 0,
      nextRetryAt: null,
      online: true,
      cause: null,
      degraded: null,
      limited: false,
      lastMessageAt: null,
      roundTripMs: null,
      queued: { messages: 0, bytes: 0 },
    })
    await clock.advance(0)
    expect(socket.status).toMatchObject({
      state: 'connecting',
      transport: null,
      connectionId: null,
      attempt: 1,
      nextRetryAt: clock.wall() + 2_000,
      cause: { code: 1006, origin: 'dial-failed', next: { type: 'retry', inMs: 2_000, by: 'backoff' } },
    })
    server.behaviour = accepts()
    await clock.advance(2_000)
    expect(socket.status).toMatchObject({
      state: 'open',
      since: clock.wall(),
      transport: 'websocket',
      attempt: 1,
      nextRetryAt: null,
      cause: null,
    })
    socket.close()
    await clock.advance(0)
    expect(socket.status).toMatchObject({
      state: 'closed',
      transport: null,
      nextRetryAt: null,
      cause: { origin: 'client', next: { type: 'stop', by: 'app' } },
    })
  })

  it('promises in nextRetryAt the very instant of the next call of the constructor', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const { clock, server, socket, statuses } = story({ behaviour: refuses(), seed, now: 12_345.678 })
      await clock.advance(60_000)
      const promised = [...new Set(statuses.flatMap(({ nextRetryAt }) => nextRetryAt ?? []))]
      const kept = server.dials.slice(1).map(({ wall }) => Math.round(wall))
      expect(promised.slice(0, kept.length)).toEqual(kept)
      socket.close()
    }
  })

  it('keeps the instants it showed while nothing about them changes', async () => {
    const { clock, socket } = story({ behaviour: refuses(), seed: 4 })
    await clock.advance(0)
    const { nextRetryAt } = socket.status
    socket.send('counted')
    await clock.advance(300)
    expect(socket.status.queued.messages).toBe(1)
    expect(socket.status.nextRetryAt).toBe(nextRetryAt)
  })

  it('shows the instant at which its state began, not its last change', async () => {
    const { clock, server, socket } = await openStory()
    const opened = socket.status.since
    server.behaviour = refuses()
    await clock.advance(30_000)
    expect(socket.status.since).toBe(opened)
    server.latest.reset()
    await clock.advance(20_000)
    expect(socket.status).toMatchObject({ state: 'reconnecting', since: opened + 30_000 })
  })
})

describe('the status inside a handler', () => {
  it.each(['open', 'close', 'error', 'message'] as const)(
    'of `%s` shows at once what the handler has just done',
    async type => {
      const { clock, server, socket } = story({
        behaviour: sequence(refuses(), connection => {
          connection.accept()
          connection.send('x')
        }),
      })
      const seen: unknown[] = []
      socket.addEventListener(
        type,
        () => {
          socket.close()
          seen.push([socket.status.state, socket.readyState >= 2])
        },
        { once: true },
      )
      await clock.advance(10_000)
      server.open.at(-1)?.reset()
      await clock.advance(10_000)
      expect(seen).toEqual([['closed', true]])
    },
  )
})

describe('its counters', () => {
  it('refresh at most every 250 ms, so that traffic does not re-render an app', async () => {
    const { clock, server, socket, statuses } = await openStory()
    await clock.advance(1_000)
    statuses.splice(0)
    for (let message = 0; message < 100; message++) {
      server.latest.send('x')
      await clock.advance(10)
    }
    expect(statuses.length).toBeGreaterThan(2)
    expect(statuses.length).toBeLessThanOrEqual(5)
    await clock.advance(250)
    expect(socket.status.lastMessageAt).toBe(clock.wall() - 260)
  })

  it('show in the end what the last message was, without one more message', async () => {
    const { clock, server, statuses } = await openStory()
    await clock.advance(1_000)
    statuses.splice(0)
    server.latest.send('1')
    await clock.advance(0)
    server.latest.send('2')
    const last = clock.wall()
    await clock.advance(1_000)
    expect(statuses.at(-1)?.lastMessageAt).toBe(last)
    expect(clock.timers).toBeLessThanOrEqual(1)
  })

  it('are there for whoever reads the status without listening', async () => {
    const told = story()
    const { clock, server, socket } = told
    await clock.advance(0)
    await clock.advance(1_000)
    server.latest.send('x')
    await clock.advance(250)
    expect(socket.status.lastMessageAt).toBe(clock.wall() - 250)
  })

  it('show what waits in the outbox to whoever listens', async () => {
    const { clock, socket, statuses } = story({ behaviour: hangs() })
    await clock.advance(1_000)
    socket.send('€')
    socket.send('a')
    await clock.advance(250)
    expect(statuses.at(-1)?.queued).toEqual({ messages: 2, bytes: 4 })
  })

  it('do not emit from inside the getter: a component that reads must not re-render another one', async () => {
    const clock = virtualClock()
    const server = scriptedServer(accepts(), { clock })
    const socket = new ResilientWebSocket(URL_OF_FEED, [], { clock, WebSocket: server.WebSocket })
    await clock.advance(1_000)
    server.latest.send('before anybody listened')
    await clock.advance(1_000)
    let reading = false
    const heardWhileReading: unknown[] = []
    socket.on('status', status => {
      if (reading) heardWhileReading.push(status)
    })
    reading = true
    void socket.status
    reading = false
    expect(heardWhileReading).toEqual([])
    socket.close()
  })

  it('leave `lastMessageAt` of the socket live', async () => {
    const { clock, server, socket } = await openStory()
    expect(socket.lastMessageAt).toBeNull()
    for (let message = 0; message < 5; message++) {
      server.latest.send('x')
      await clock.advance(7)
      expect(socket.lastMessageAt).toBe(clock.wall() - 7)
    }
  })
})
