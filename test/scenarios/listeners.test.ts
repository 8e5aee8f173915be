import { describe, expect, it, vi } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { closes, refuses, resets } from '../../src/testing/index.ts'
import { openStory, story } from './story.ts'
import { uncaughtWhile } from './uncaught.ts'

const OOPS = new Error('a bug of the app')
const throws = (): never => {
  throw OOPS
}

describe('a listener that throws', () => {
  it.each(['open', 'message', 'error', 'close'] as const)(
    'on `%s` is reported to the platform and stops neither the others nor the reconnect',
    async type => {
      const told = story({ behaviour: refuses(), options: { startClosed: true } })
      const { clock, server, socket, journal } = told
      socket[`on${type}`] = throws
      socket.addEventListener(type, throws)
      const heard = vi.fn()
      socket.addEventListener(type, heard)
      socket.reconnect()
      const uncaught = await uncaughtWhile(async () => {
        await clock.advance(1_000)
        server.behaviour = connection => {
          connection.accept()
          connection.send('x')
          connection.after(100, () => connection.reset())
        }
        await clock.advance(20_000)
      })
      expect(heard.mock.calls.length).toBeGreaterThan(0)
      expect(uncaught.length).toBe(2 * heard.mock.calls.length)
      expect(new Set(uncaught)).toEqual(new Set([OOPS]))
      expect(server.dials.length).toBeGreaterThan(3)
      expect(journal).toContain('message x')
    },
  )

  it('in on(…) is reported and stops neither the other handlers nor the reconnect', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { clock, server, socket } = story({ behaviour: refuses() })
    const heard = vi.fn()
    socket.on('status', throws)
    socket.on('transition', throws)
    socket.on('status', heard)
    await clock.advance(20_000)
    expect(server.dials.length).toBeGreaterThan(3)
    expect(heard.mock.calls.length).toBeGreaterThan(3)
    expect(reported.mock.calls.every(([error]) => error === OOPS)).toBe(true)
    expect(reported.mock.calls.length).toBeGreaterThan(3)
    reported.mockRestore()
  })

  it('as a problem handler is reported too, and does not report itself again', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { clock, server, socket } = story({ behaviour: refuses(), options: { backoff: throws } })
    socket.on('problem', throws)
    await clock.advance(3_000)
    expect(server.dials).toHaveLength(2)
    expect(reported.mock.calls).toEqual([[OOPS], [OOPS]])
    reported.mockRestore()
  })

  it('as a watcher is reported as a problem and does not stop the reconnect', async () => {
    // The first record is that of the constructor: nobody can handle problems yet.
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { clock, server, problems } = story({ behaviour: refuses(), options: { watch: throws } })
    reported.mockRestore()
    await clock.advance(3_000)
    expect(server.dials).toHaveLength(2)
    expect(problems.every(({ code, cause }) => code === 'ERR_HANDLER' && cause === OOPS)).toBe(true)
    expect(problems.length).toBeGreaterThan(1)
  })

  it('of problems that nobody handles is not needed: they go to the platform', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { clock, server, page } = story({ options: { startClosed: true } })
    const socket = new ResilientWebSocket('wss://feed.example', [], {
      clock,
      WebSocket: server.WebSocket,
      pageSignals: page.signals,
      watch: throws,
    })
    expect(reported.mock.calls[0]?.[0]).toMatchObject({ code: 'ERR_HANDLER' })
    socket.close()
    reported.mockRestore()
  })
})

describe('reportError', () => {
  it('is used where the platform has it', async () => {
    const reportError = vi.fn()
    vi.stubGlobal('reportError', reportError)
    const { clock, socket } = story({ behaviour: refuses() })
    socket.on('status', throws)
    await clock.advance(0)
    expect(reportError).toHaveBeenCalledWith(OOPS)
    vi.unstubAllGlobals()
  })
})

describe('listeners', () => {
  it('added inside a listener are heard from the next event on, and those removed are not revived', async () => {
    const { clock, server, socket } = await openStory()
    const heard: string[] = []
    const second = (): void => void heard.push('second')
    const late = (): void => void heard.push('late')
    socket.addEventListener('message', () => {
      heard.push('first')
      socket.removeEventListener('message', second)
      socket.addEventListener('message', late)
    })
    socket.addEventListener('message', second)
    server.latest.send('1')
    await clock.advance(0)
    server.latest.reset()
    await clock.advance(2_000)
    server.latest.send('2')
    await clock.advance(0)
    expect(heard).toEqual(['first', 'first', 'late'])
  })

  it('with `once` are called once in all connections together', async () => {
    const { clock, socket } = story({ behaviour: resets({ afterMs: 10 }) })
    const heard = vi.fn()
    socket.addEventListener('close', heard, { once: true })
    await clock.advance(60_000)
    expect(heard).toHaveBeenCalledTimes(1)
  })

  it('with a signal are gone when it is aborted', async () => {
    const { clock, server, socket } = await openStory()
    const heard = vi.fn()
    const stop = new AbortController()
    socket.addEventListener('message', heard, { signal: stop.signal })
    stop.abort()
    server.latest.send('x')
    await clock.advance(0)
    expect(heard).not.toHaveBeenCalled()
  })

  it('of the on* kind keep their place among the others when they are replaced', async () => {
    const { clock, server, socket } = await openStory()
    const heard: string[] = []
    socket.onmessage = () => heard.push('old')
    socket.addEventListener('message', () => heard.push('listener'))
    socket.onmessage = () => heard.push('new')
    server.latest.send('x')
    await clock.advance(0)
    expect(heard).toEqual(['new', 'listener'])
  })

  it('of the on* kind become null when they are set to what cannot be called', () => {
    const { socket } = story()
    for (const type of ['open', 'message', 'error', 'close'] as const) {
      Reflect.set(socket, `on${type}`, () => {})
      for (const value of ['text', 1, true, undefined, null, Symbol('x')]) {
        Reflect.set(socket, `on${type}`, value)
        expect(Reflect.get(socket, `on${type}`)).toBeNull()
      }
    }
  })

  it('of the on* kind hear what the app dispatches itself', () => {
    const { socket } = story()
    const heard = vi.fn()
    socket.onmessage = heard
    socket.dispatchEvent(new MessageEvent('message', { data: 'mine' }))
    expect(heard.mock.calls[0]?.[0]).toMatchObject({ data: 'mine', target: socket })
  })

  it('see the socket as target, and as `this`', async () => {
    const seen: unknown[] = []
    const { clock, server, socket } = story()
    for (const type of ['open', 'message', 'error', 'close'] as const) {
      socket.addEventListener(type, function (this: unknown, event) {
        seen.push(this === socket && event.target === socket)
      })
    }
    await clock.advance(0)
    server.latest.send('x')
    server.latest.breakProtocol()
    await clock.advance(0)
    expect(seen).toEqual([true, true, true, true])
  })

  it('that on() has undone are not called any more, and undoing twice harms nobody', async () => {
    const { clock, socket } = story({ behaviour: refuses() })
    const off = socket.on('status', () => expect.unreachable())
    const heard = vi.fn()
    socket.on('status', heard)
    off()
    off()
    await clock.advance(3_000)
    expect(heard).toHaveBeenCalled()
  })
})

describe('a close event', () => {
  it('carries a numeric code and a string reason for addEventListener, in every realm that has a CloseEvent', async () => {
    class CloseEvent extends Event {
      readonly code: number
      readonly reason: string
      readonly wasClean: boolean
      constructor(type: string, { code = 0, reason = '', wasClean = false }: CloseEventInit = {}) {
        super(type)
        this.code = code
        this.reason = reason
        this.wasClean = wasClean
      }
    }
    vi.stubGlobal('CloseEvent', CloseEvent)
    const { clock, closings } = story({ behaviour: closes({ code: 4007, reason: 'text' }) })
    await clock.advance(0)
    vi.unstubAllGlobals()
    expect(closings[0]).toBeInstanceOf(CloseEvent)
    expect(closings[0]?.constructor).toBe(CloseEvent)
    expect(closings[0]).toMatchObject({ type: 'close', code: 4007, reason: 'text', wasClean: true })
  })

  it('is made where the platform has no CloseEvent, too', async () => {
    vi.stubGlobal('CloseEvent', undefined)
    const { clock, closings } = story({ behaviour: closes({ code: 4007, reason: 'text' }) })
    await clock.advance(0)
    vi.unstubAllGlobals()
    expect(closings[0]).toMatchObject({ type: 'close', code: 4007, reason: 'text', wasClean: true })
  })
})
