import { describe, expect, it, vi } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { accepts, closes, hangs, refuses, scriptedServer, sequence } from '../../src/testing/index.ts'
import { expectNothingLeft, openStory, story } from './story.ts'

describe('`startClosed`', () => {
  it('dials nothing and looks at nothing until reconnect()', async () => {
    const { clock, server, socket, journal } = story({ url: 'no url at all', options: { startClosed: true } })
    await clock.advance(60_000)
    expect(socket.readyState).toBe(3)
    expect(socket.url).toBe('')
    expect(socket.status).toMatchObject({ state: 'closed', cause: null, nextRetryAt: null })
    expect(server.dials).toEqual([])
    expect(journal).toEqual([])
    expect(clock.timers).toBe(0)
  })

  it('with an address that is wrong fails the attempt that reconnect() makes, and does not hang', async () => {
    const { clock, socket, journal, problems } = story({ url: 'no url at all', options: { startClosed: true } })
    socket.reconnect()
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(problems[0]?.cause).toMatchObject({ name: 'SyntaxError' })
    expect(socket.status.nextRetryAt).toBe(clock.wall() + 2_000)
  })

  it('ignores close(): it is closed', async () => {
    const { clock, socket, journal } = story({ options: { startClosed: true } })
    socket.close()
    await clock.advance(60_000)
    expect(journal).toEqual([])
    expect(socket.readyState).toBe(3)
  })

  it('discards what is sent, as a closed socket does', async () => {
    const { clock, server, socket } = story({ options: { startClosed: true } })
    socket.send('x')
    expect(socket.bufferedAmount).toBe(1)
    socket.reconnect()
    await clock.advance(0)
    expect(server.received).toEqual([])
    expect(socket.bufferedAmount).toBe(0)
  })
})

describe('`signal`', () => {
  it('closes the socket when it is aborted', async () => {
    const abort = new AbortController()
    const told = await openStory({ options: { signal: abort.signal } })
    abort.abort()
    expect(told.socket.readyState).toBe(2)
    await told.clock.advance(0)
    expect(told.journal).toEqual(['close 1005, final'])
    await expectNothingLeft(told)
  })

  it('ends a wait when it is aborted', async () => {
    const abort = new AbortController()
    const { clock, server, journal } = story({ behaviour: refuses(), options: { signal: abort.signal } })
    await clock.advance(100)
    abort.abort()
    await clock.advance(60_000)
    expect(journal).toEqual(['error', 'close 1006', 'close 1006, final'])
    expect(server.dials).toHaveLength(1)
  })

  it('that was aborted before leaves the socket closed and dials nothing', async () => {
    const { clock, server, socket } = story({ options: { signal: AbortSignal.abort() } })
    await clock.advance(60_000)
    expect(socket.readyState).toBe(3)
    expect(server.dials).toEqual([])
    await expect(socket.ready()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })

  it('is not listened to any more once the socket is closed', async () => {
    const { signal } = new AbortController()
    const listeners = new Set<unknown>()
    vi.spyOn(signal, 'addEventListener').mockImplementation((_, listener) => void listeners.add(listener))
    vi.spyOn(signal, 'removeEventListener').mockImplementation((_, listener) => void listeners.delete(listener))
    const { clock, socket } = story({ options: { signal } })
    expect(listeners.size).toBe(1)
    socket.close()
    await clock.advance(0)
    expect(listeners.size).toBe(0)
    socket.reconnect()
    expect(listeners.size).toBe(1)
    socket.close()
    await clock.advance(0)
    expect(listeners.size).toBe(0)
  })
})

describe('ready()', () => {
  it('resolves once the socket is open, also after failures', async () => {
    const { clock, socket } = story({ behaviour: sequence(refuses(), closes(), accepts()) })
    const ready = vi.fn()
    void socket.ready().then(ready)
    await clock.advance(1_000)
    expect(ready).not.toHaveBeenCalled()
    await clock.advance(1_000)
    expect(ready).toHaveBeenCalledTimes(1)
  })

  it('resolves at once on an open socket', async () => {
    const { socket } = await openStory()
    await socket.ready()
  })

  it.each([
    ['closed before it opened', refuses(), {}],
    ['given up', refuses(), { maxAttempts: 0 }],
  ])('rejects with ERR_CLOSED when the socket is %s', async (_, behaviour, options) => {
    const { clock, socket } = story({ behaviour, options })
    const outcome = expect(socket.ready()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await clock.advance(100)
    socket.close()
    await clock.advance(100)
    await outcome
  })

  it('may be awaited by many, and waits anew after reconnect()', async () => {
    const { clock, socket } = story({ options: { startClosed: true } })
    await expect(socket.ready()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    socket.reconnect()
    const all = Promise.all([socket.ready(), socket.ready(), socket.ready()])
    await clock.advance(0)
    await expect(all).resolves.toHaveLength(3)
  })
})

describe('a runtime without WebSocket', () => {
  it('is told so by the constructor, with the way out', () => {
    vi.stubGlobal('WebSocket', undefined)
    expect(() => new ResilientWebSocket('wss://feed.example')).toThrow(
      expect.objectContaining({ code: 'ERR_NO_WEBSOCKET', message: expect.stringContaining('WebSocket') }),
    )
    vi.unstubAllGlobals()
  })

  it('may still make a socket that starts closed: server-side rendering', () => {
    vi.stubGlobal('WebSocket', undefined)
    const socket = new ResilientWebSocket('wss://feed.example', [], { startClosed: true })
    expect(socket.readyState).toBe(3)
    vi.unstubAllGlobals()
  })

  it('that gets one later is looked up at every dial', async () => {
    const { clock } = story({ options: { startClosed: true } })
    const first = scriptedServer(closes(), { clock })
    const second = scriptedServer(accepts(), { clock })
    vi.stubGlobal('WebSocket', first.WebSocket)
    const socket = new ResilientWebSocket('wss://feed.example', [], { clock })
    await clock.advance(0)
    vi.stubGlobal('WebSocket', second.WebSocket)
    await clock.advance(60_000)
    expect([first.dials.length, second.dials.length]).toEqual([1, 1])
    socket.close()
    vi.unstubAllGlobals()
  })
})

describe('a socket at rest', () => {
  it('has one timer while its connection is not stable yet, and none after', async () => {
    const { clock } = await openStory()
    expect(clock.timers).toBe(1)
    await clock.advance(10_000)
    expect(clock.timers).toBe(0)
  })

  it.each([
    ['connecting', hangs()],
    ['waiting', refuses()],
  ])('has one timer while it is %s', async (_, behaviour) => {
    const { clock } = story({ behaviour })
    await clock.advance(100)
    expect(clock.timers).toBe(1)
  })

  it('has no timer per message', async () => {
    const { clock, server, socket } = await openStory()
    await clock.advance(10_000)
    for (let message = 0; message < 1_000; message++) {
      server.latest.send('x')
      socket.send('y')
    }
    await clock.advance(0)
    expect(clock.timers).toBeLessThanOrEqual(1)
  })
})
