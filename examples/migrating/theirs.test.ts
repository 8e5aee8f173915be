/** What docs/migrating.md says of the other libraries, where no other test shows it: their own code under fake timers. */
import { accepts, type Behaviour, closes, hangs, refuses, scriptedServer, sequence } from 'holdfast/testing'
import Party from 'partysocket/ws'
import Reconnecting from 'reconnecting-websocket'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ArrayQueue, ConstantBackoff, ExponentialBackoff, RingQueue, WebsocketBuilder } from 'websocket-ts'
import { URL_OF_FEED } from './migrant.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.clearAllTimers()
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('reconnecting-websocket 4.4.0', () => {
  it('gives up without a word after `maxRetries`, and `reconnect()` is dead then', async () => {
    const server = scriptedServer(refuses())
    const socket = new Reconnecting(URL_OF_FEED, [], {
      WebSocket: server.WebSocket,
      maxRetries: 1,
      maxReconnectionDelay: 10,
    })
    await pass(60_000)
    server.behaviour = accepts()
    socket.reconnect()
    await pass(60_000)
    expect([socket.readyState, server.dials.length]).toEqual([socket.CLOSED, 2])
  })

  it('may dial six times and more in a second, if its delays say so', async () => {
    const server = scriptedServer(refuses())
    const delays = { minReconnectionDelay: 10, maxReconnectionDelay: 10 }
    const socket = new Reconnecting(URL_OF_FEED, [], { WebSocket: server.WebSocket, ...delays })
    await pass(1_000)
    expect(server.dials.length).toBeGreaterThan(50)
    socket.close()
  })
})

describe.each([
  ['reconnecting-websocket', Reconnecting],
  ['partysocket', Party],
])('%s', (_, Theirs) => {
  it('keeps what is sent while it is closed, for a later `reconnect()`', async () => {
    const server = scriptedServer()
    const socket = new Theirs(URL_OF_FEED, [], { WebSocket: server.WebSocket, startClosed: true })
    socket.send('early')
    socket.reconnect()
    await pass(50)
    expect(server.received).toEqual(['early'])
    socket.close()
  })

  it('drops what is beyond `maxEnqueuedMessages` in silence', async () => {
    const server = scriptedServer()
    const socket = new Theirs(URL_OF_FEED, [], { WebSocket: server.WebSocket, maxEnqueuedMessages: 1 })
    socket.send('one')
    socket.send('two')
    await pass(50)
    expect(server.received).toEqual(['one'])
    socket.close()
  })

  it('counts characters where the platform counts bytes', () => {
    const { WebSocket } = scriptedServer()
    const socket = new Theirs(URL_OF_FEED, [], { WebSocket })
    socket.send('€€')
    expect(socket.bufferedAmount).toBe(2)
    socket.close()
  })

  it('tells a timeout as a clean close with 1000', async () => {
    const { WebSocket } = scriptedServer(hangs())
    const socket = new Theirs(URL_OF_FEED, [], { WebSocket, connectionTimeout: 500, maxRetries: 0 })
    const told: unknown[] = []
    socket.onclose = (event: Pick<CloseEvent, 'code' | 'reason' | 'wasClean'>) => {
      told.push(event.code, event.reason, event.wasClean)
    }
    await pass(1_000)
    expect(told).toEqual([1000, 'timeout', true])
    socket.close()
  })

  it('tells the server 1000 at a `close()` without a code', async () => {
    const server = scriptedServer()
    const socket = new Theirs(URL_OF_FEED, [], { WebSocket: server.WebSocket })
    await pass(50)
    socket.close()
    await pass(50)
    expect(server.latest.closedByClient?.code).toBe(1000)
  })

  it('takes a `connectionTimeout` of Infinity for none at all: the dial ends at once', async () => {
    const { WebSocket } = scriptedServer(hangs())
    const socket = new Theirs(URL_OF_FEED, [], { WebSocket, connectionTimeout: Infinity, maxRetries: 0 })
    const closed = vi.fn()
    socket.onclose = closed
    await pass(50)
    expect(closed).toHaveBeenCalledTimes(1)
    socket.close()
  })
})

describe('partysocket 1.3.0', () => {
  it('tells a url function that fails as an `error`, and asks it again', async () => {
    const server = scriptedServer()
    let asked = 0
    const url = () => {
      if (asked++ === 0) throw new Error('not yet')
      return URL_OF_FEED
    }
    const socket = new Party(url, [], { WebSocket: server.WebSocket })
    const failed = vi.fn()
    socket.onerror = failed
    await pass(5_000)
    expect([failed.mock.calls.length, socket.readyState]).toEqual([1, socket.OPEN])
    socket.close()
  })

  it('says from `send()` whether it was sent, and hands over what was not', async () => {
    const server = scriptedServer(sequence(accepts()))
    const socket = new Party(URL_OF_FEED, [], { WebSocket: server.WebSocket })
    expect(socket.send('waits')).toBe(false)
    expect(socket.drainQueuedMessages()).toEqual(['waits'])
    await pass(50)
    expect(socket.send('goes')).toBe(true)
    await pass(50)
    expect(server.received).toEqual(['goes'])
    socket.close()
  })

  it('leaks the connection when it is closed with a code that a page may not send', async () => {
    const server = scriptedServer()
    const socket = new Party(URL_OF_FEED, [], { WebSocket: server.WebSocket })
    await pass(50)
    const closed = vi.fn()
    socket.onclose = closed
    socket.close(1001)
    await pass(60_000)
    expect([closed.mock.calls.length, server.open.length]).toEqual([0, 1])
  })
})

describe('websocket-ts 2.3.0', () => {
  /** It takes no class, and dials with the global one. */
  function serve(behaviour?: Behaviour) {
    const server = scriptedServer(behaviour)
    vi.stubGlobal('WebSocket', server.WebSocket)
    return { server, builder: new WebsocketBuilder(URL_OF_FEED) }
  }

  it('retries nothing without a backoff, and drops what is sent early without a queue', async () => {
    const { server, builder } = serve(closes({ code: 1001, afterMs: 1_000 }))
    builder.build().send('early')
    await pass(60_000)
    expect([server.dials.length, server.received]).toEqual([1, []])
  })

  it('forgets its failures at each open, however short it was', async () => {
    const { server, builder } = serve(closes({ code: 1001 }))
    builder.withBackoff(new ExponentialBackoff(1_000)).build()
    await pass(60_000)
    expect(server.dials.length).toBeGreaterThan(25)
  })

  it('passes over `maxRetries` with `instantReconnect`', async () => {
    const { server, builder } = serve(refuses())
    builder.withBackoff(new ConstantBackoff(1_000)).withMaxRetries(2).withInstantReconnect(true).build()
    await pass(1_000)
    expect(server.dials.length).toBeGreaterThan(100)
  })

  it('keeps the last messages in a ring, and all of them in an array', async () => {
    for (const [queue, expected] of [
      [new RingQueue<string>(2), ['two', 'three']],
      [new ArrayQueue<string>(), ['one', 'two', 'three']],
    ] as const) {
      const { server, builder } = serve()
      const socket = builder.withBuffer(queue).build()
      for (const message of ['one', 'two', 'three']) socket.send(message)
      await pass(50)
      expect(server.received).toEqual(expected)
    }
  })
})
