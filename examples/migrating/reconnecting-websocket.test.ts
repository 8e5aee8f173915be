import { accepts, closes, echoes, hangs, refuses, sequence } from 'holdfast/testing'
import { describe, expect, it, vi } from 'vitest'
import { party, reconnecting, URL_OF_FEED } from './migrant.ts'
import { ReconnectingWebSocket } from './reconnecting-websocket.ts'

const FAST = { minReconnectionDelay: 100, maxReconnectionDelay: 200 }

describe('a ReconnectingWebSocket over Holdfast', () => {
  it('has the constants of the platform, on the class and on the socket', () => {
    const { socket } = reconnecting()
    const { CONNECTING, OPEN, CLOSING, CLOSED } = socket
    expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3])
    const { CONNECTING: first, OPEN: second, CLOSING: third, CLOSED: last } = ReconnectingWebSocket
    expect([first, second, third, last]).toEqual([0, 1, 2, 3])
  })

  it('is a class: calling it without `new` throws', () => {
    expect(() => Reflect.apply(ReconnectingWebSocket, undefined, [URL_OF_FEED])).toThrow(TypeError)
  })

  it('throws where there is no WebSocket to dial with, or none that can be constructed', () => {
    vi.stubGlobal('WebSocket', undefined)
    try {
      expect(() => new ReconnectingWebSocket(URL_OF_FEED)).toThrow(
        expect.objectContaining({ code: 'ERR_NO_WEBSOCKET' }),
      )
      vi.stubGlobal('WebSocket', {})
      expect(() => new ReconnectingWebSocket(URL_OF_FEED)).toThrow(TypeError)
      const theirs = JSON.parse('{ "WebSocket": 123 }')
      expect(() => new ReconnectingWebSocket(URL_OF_FEED, [], theirs)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION' }),
      )
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('dials with the global WebSocket where it is given none', async () => {
    const { clock, server } = reconnecting()
    vi.stubGlobal('WebSocket', server.WebSocket)
    try {
      const socket = new ReconnectingWebSocket(URL_OF_FEED, null, {}, { clock })
      await clock.advance(0)
      expect(socket.readyState).toBe(socket.OPEN)
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it.each([
    ['foobar', ['foobar']],
    [undefined, []],
    [null, []],
    [() => 'sync', ['sync']],
    [async () => ['async', 'second'], ['async', 'second']],
  ])('asks for the subprotocols it is given: %s', async (protocols, asked) => {
    const { clock, server, socket } = reconnecting(protocols === undefined ? {} : { protocols })
    await clock.advance(0)
    expect(server.dials[0]?.protocols).toEqual(asked)
    expect(socket.protocol).toBe(asked[0] ?? '')
  })

  it.each([
    ['a string', URL_OF_FEED],
    ['a function', () => URL_OF_FEED],
    ['an async function', async () => URL_OF_FEED],
  ])('dials a url that is %s', async (_, url) => {
    const { clock, server, socket } = reconnecting({ url })
    await clock.advance(0)
    expect(server.dials[0]?.url).toBe(URL_OF_FEED)
    expect(socket.url).toBe(URL_OF_FEED)
  })

  it('tries again after a url function failed, which ends theirs', async () => {
    let asked = 0
    const { clock, socket, journal } = reconnecting({
      url() {
        if (asked++ === 0) throw new Error('not yet')
        return URL_OF_FEED
      },
    })
    socket.on('problem', () => {})
    await clock.advance(10_000)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
  })

  it('sends, receives and closes, and its readyState goes with it', async () => {
    const { clock, socket, journal } = reconnecting({ behaviour: echoes(), protocols: 'foobar' })
    const states = [socket.readyState]
    socket.onopen = () => {
      states.push(socket.readyState)
      socket.send('hello')
    }
    socket.onmessage = () => {
      socket.close(1000, '')
      states.push(socket.readyState)
    }
    socket.onclose = () => states.push(socket.readyState)
    await clock.advance(0)
    expect(journal).toEqual(['open', 'message hello', 'close 1000, final'])
    expect(states).toEqual([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED])
    expect(socket.url).toBe(URL_OF_FEED)
  })

  it('dials nothing with `startClosed` until `reconnect()`', async () => {
    const { clock, server, socket, journal } = reconnecting({ theirs: { startClosed: true } })
    await clock.advance(300)
    expect([socket.readyState, server.dials.length]).toEqual([socket.CLOSED, 0])
    socket.reconnect()
    await clock.advance(0)
    expect([socket.readyState, journal]).toEqual([socket.OPEN, ['open']])
  })

  it('keeps its handlers and its binaryType over reconnects', async () => {
    const { clock, server, socket } = reconnecting({ behaviour: closes({ code: 4000 }), theirs: FAST })
    const handlers = { onopen: vi.fn(), onmessage: vi.fn(), onerror: vi.fn(), onclose: vi.fn() }
    Object.assign(socket, handlers)
    expect(socket.binaryType).toBe('blob')
    socket.binaryType = 'arraybuffer'
    await clock.advance(150)
    server.behaviour = accepts()
    await clock.advance(300)
    expect(socket).toMatchObject({ ...handlers, binaryType: 'arraybuffer' })
    expect(handlers.onclose).toHaveBeenCalledTimes(2)
    server.latest.send(new Uint8Array([1]))
    await clock.advance(0)
    expect(handlers.onmessage).toHaveBeenCalledWith(expect.objectContaining({ data: expect.any(ArrayBuffer) }))
  })

  it('calls a listener once that was added twice, and never one that was removed, functions or objects', async () => {
    const { clock, socket } = reconnecting()
    const listeners = [vi.fn(), { handleEvent: vi.fn() }]
    const removed = [vi.fn(), { handleEvent: vi.fn() }]
    for (const listener of [...listeners, ...listeners, ...removed]) socket.addEventListener('open', listener)
    for (const listener of removed) socket.removeEventListener('open', listener)
    socket.removeEventListener('unheard of', () => {})
    await clock.advance(0)
    const calls = [...listeners, ...removed].map(each => ('handleEvent' in each ? each.handleEvent : each))
    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0, 0])
  })

  it('fires one close, however often it is closed', async () => {
    const { clock, server, socket, journal } = reconnecting()
    await clock.advance(0)
    for (let times = 0; times < 3; times++) socket.close()
    await clock.advance(60_000)
    expect(journal).toEqual(['open', 'close 1000, final'])
    expect(server.latest.closedByClient?.code).toBe(1000)
  })

  it('opens nothing when it is closed before it could, and says so once', async () => {
    const { clock, server, socket, journal } = reconnecting()
    socket.close()
    await clock.advance(60_000)
    expect(journal).toEqual(['error', 'close 1006, final'])
    expect(server.open).toEqual([])
  })

  it('holds one connection after several reconnects before the first was open', async () => {
    const { clock, server, socket, journal } = reconnecting()
    socket.reconnect()
    socket.reconnect()
    await clock.advance(20_000)
    expect(server.open).toHaveLength(1)
    expect(journal.at(-1)).toBe('open')
    socket.close()
    await clock.advance(0)
    expect(journal.at(-1)).toBe('close 1000, final')
  })

  it('connects again when the server closes', async () => {
    const { clock, server, socket, journal } = reconnecting({
      behaviour: sequence(closes({ afterMs: 100 }), closes({ afterMs: 100 }), accepts()),
      theirs: FAST,
    })
    await clock.advance(1_000)
    expect(journal).toEqual(['open', 'close 1005', 'open', 'close 1005', 'open'])
    socket.close()
    await clock.advance(60_000)
    expect(server.dials).toHaveLength(3)
  })

  it('stays closed when it is closed in a close listener', async () => {
    const { clock, server, socket, journal } = reconnecting({
      behaviour: sequence(closes({ code: 4000 }), closes({ code: 4001, reason: 'enough' })),
      theirs: FAST,
    })
    socket.onclose = ({ reason }) => {
      if (reason === 'enough') socket.close()
    }
    await clock.advance(60_000)
    expect(server.dials).toHaveLength(2)
    expect(journal).toEqual(['open', 'close 4000', 'open', 'close 4001', 'close 1006, final'])
  })

  it('connects again after `close()` when it is told to', async () => {
    const { clock, socket, journal } = reconnecting()
    await clock.advance(0)
    socket.close()
    await clock.advance(1_000)
    socket.reconnect()
    await clock.advance(0)
    expect(journal).toEqual(['open', 'close 1000, final', 'open'])
  })

  it('queues in order, and counts what waits', async () => {
    const { clock, server, socket } = reconnecting()
    const messages = ['message1', 'message2', 'message3']
    for (const message of messages) socket.send(message)
    expect(socket.bufferedAmount).toBe(24)
    await clock.advance(0)
    expect(server.received).toEqual(messages)
    expect(socket.bufferedAmount).toBe(0)
  })

  it('still counts what waited when the last dial fails, as the error is told', async () => {
    const { clock, socket } = reconnecting({ behaviour: refuses(), theirs: { maxRetries: 0 } })
    socket.send('message')
    const counted: number[] = []
    socket.onerror = () => counted.push(socket.bufferedAmount)
    await clock.advance(0)
    expect(counted).toEqual([7])
  })
})

describe('reconnect(code, reason)', () => {
  it('tells the server both, and another connection is there at once', async () => {
    const { clock, server, socket, journal } = reconnecting()
    await clock.advance(0)
    socket.reconnect(4000, 'other account')
    expect(socket.retryCount).toBe(0)
    socket.send('for the next one')
    await clock.advance(0)
    expect(server.connections[0]?.closedByClient).toEqual({ code: 4000, reason: 'other account' })
    expect(server.connections[1]?.received).toEqual(['for the next one'])
    expect(journal).toEqual(['open', 'close 1006', 'open'])
    expect(server.open).toHaveLength(1)
  })

  it('tells 1000 where it is given none', async () => {
    const { clock, server, socket } = reconnecting()
    await clock.advance(0)
    socket.reconnect()
    await clock.advance(0)
    expect(server.connections[0]?.closedByClient).toEqual({ code: 1000, reason: '' })
  })

  it('does not wait for a server that answers nothing any more', async () => {
    const { clock, server, socket } = reconnecting()
    await clock.advance(0)
    server.latest.goSilent()
    socket.reconnect(1000, 'no pong')
    await clock.advance(0)
    expect(socket.readyState).toBe(socket.OPEN)
  })

  it('throws for a code that a page may not send, and the connection serves on', async () => {
    const { clock, server, socket } = reconnecting()
    await clock.advance(0)
    expect(() => socket.reconnect(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    socket.send('still here')
    await clock.advance(0)
    expect([server.dials.length, server.received]).toEqual([1, ['still here']])
  })

  it('ends a dial that hangs, without a word to the server', async () => {
    const { clock, server, socket } = reconnecting({ behaviour: sequence(hangs(), accepts()) })
    await clock.advance(1_000)
    socket.reconnect(4000, 'too slow')
    await clock.advance(0)
    expect(socket.readyState).toBe(socket.OPEN)
    expect(server.connections[0]).toMatchObject({ state: 'ended', closedByClient: null })
  })

  it('begins again after the retries were used up, for a PartyWebSocket too', async () => {
    const { clock, server, socket } = party({ behaviour: refuses(), theirs: { maxRetries: 0 } })
    await clock.advance(0)
    expect([socket.readyState, socket.shouldReconnect]).toEqual([socket.CLOSED, false])
    server.behaviour = accepts()
    socket.reconnect()
    await clock.advance(0)
    expect([socket.readyState, socket.shouldReconnect]).toEqual([socket.OPEN, true])
  })
})
