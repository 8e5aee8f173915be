import { WebSocket as MockWebSocket, Server } from 'mock-socket'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { goesSilent, hangs, scriptedServer, sequence, virtualClock } from '../../src/testing/index.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('the global WebSocket class', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  /** Holdfast, imported where the global class is that of a scripted server. */
  async function imported() {
    const clock = virtualClock()
    const server = scriptedServer(undefined, { clock })
    vi.stubGlobal('WebSocket', server.WebSocket)
    vi.resetModules()
    const { ResilientWebSocket: Ours } = await import('../../src/index.ts')
    return { clock, server, Ours }
  }

  it('may be ours: it dials with the one that was there before, once', async () => {
    const { clock, server, Ours } = await imported()
    vi.stubGlobal('WebSocket', Ours)
    const socket = new WebSocket('wss://feed.example')
    await clock.advance(0)
    expect(server.dials).toHaveLength(1)
    expect(socket.readyState).toBe(1)
    socket.close()
  })

  it('may be a class of the app that extends ours', async () => {
    const { clock, server, Ours } = await imported()
    class Configured extends Ours {
      constructor(url: string | URL, protocols: string | string[] = []) {
        super(url, protocols, { reconnect: false })
      }
    }
    vi.stubGlobal('WebSocket', Configured)
    const socket = new WebSocket('wss://feed.example')
    await clock.advance(0)
    expect(server.dials).toHaveLength(1)
    socket.close()
  })

  it('is looked up when it is dialled with', async () => {
    const { server, Ours } = await imported()
    const later = scriptedServer(undefined, { clock: virtualClock() })
    vi.stubGlobal('WebSocket', later.WebSocket)
    new Ours('wss://feed.example').close()
    expect([server.dials.length, later.dials.length]).toEqual([0, 1])
  })
})

describe('an injected WebSocket class', () => {
  it('is given the url, and the subprotocols only as they are', () => {
    const calls: unknown[][] = []
    const server = scriptedServer(hangs(), { clock: virtualClock() })
    class Recording extends server.WebSocket {
      constructor(...args: [url: string | URL, protocols?: string | string[]]) {
        super(...args)
        calls.push(args)
      }
    }
    const url = new URL('wss://feed.example/x')
    new ResilientWebSocket(url, ['a'], { WebSocket: Recording, clock: virtualClock() })
    new ResilientWebSocket(url, 'b', { WebSocket: Recording, clock: virtualClock() })
    expect(calls).toEqual([
      [url, ['a']],
      [url, 'b'],
    ])
  })

  it('is told the binaryType before anything can arrive', async () => {
    const clock = virtualClock()
    const server = scriptedServer(undefined, { clock })
    const socket = new ResilientWebSocket('wss://feed.example', [], {
      WebSocket: server.WebSocket,
      clock,
      startClosed: true,
    })
    socket.binaryType = 'arraybuffer'
    const kinds: unknown[] = []
    socket.onmessage = ({ data }) => kinds.push(data.constructor)
    server.behaviour = connection => {
      connection.accept()
      connection.send(new Uint8Array([1]))
    }
    socket.reconnect()
    await clock.advance(0)
    expect(kinds).toEqual([ArrayBuffer])
  })

  it('hears nothing of a connection that was dropped, but an error of it does not go unheard', async () => {
    const clock = virtualClock()
    const server = scriptedServer(sequence(hangs(), goesSilent()), { clock })
    const made: WebSocket[] = []
    class Recording extends server.WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols)
        made.push(this)
      }
    }
    const socket = new ResilientWebSocket('wss://feed.example', [], { WebSocket: Recording, clock })
    await clock.advance(10)
    socket.reconnect()
    const [dropped] = made
    expect([dropped?.onopen, dropped?.onmessage, dropped?.onclose]).toEqual([null, null, null])
    // The ws package ends the process on an `error` that nobody listens to.
    expect(dropped?.onerror).toBeTypeOf('function')
    expect(dropped?.readyState).toBe(2)
  })

  it('may be that of mock-socket', async () => {
    vi.useFakeTimers()
    const server = new Server('ws://mock.example/')
    const heard: unknown[] = []
    server.on('connection', client => {
      client.on('message', data => heard.push(data))
      client.send('hello')
    })
    const socket = new ResilientWebSocket('ws://mock.example/', [], { WebSocket: MockWebSocket })
    socket.onmessage = ({ data }) => heard.push(data)
    socket.send('queued')
    await vi.advanceTimersByTimeAsync(100)
    expect(new Set(heard)).toEqual(new Set(['hello', 'queued']))
    server.close({ code: 1012, reason: 'restart', wasClean: true })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(socket.readyState).not.toBe(3)
    socket.close()
    server.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(socket.readyState).toBe(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('may call a refused dial 1000, as mock-socket does: it is dialled again all the same', async () => {
    vi.useFakeTimers()
    const codes: number[] = []
    const socket = new ResilientWebSocket('ws://nobody.example/', [], { WebSocket: MockWebSocket })
    socket.onclose = ({ code }) => codes.push(code)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(codes.length).toBeGreaterThan(3)
    expect(new Set(codes)).toEqual(new Set([1000]))
    socket.close()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
