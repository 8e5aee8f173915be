import { describe, expect, it, vi } from 'vitest'
import {
  accepts,
  closes,
  echoes,
  goesSilent,
  hangs,
  refuses,
  resets,
  scriptedServer,
  sequence,
} from '../../src/testing/index.ts'
import { client, URL_OF_SERVER } from './bare-client.ts'

describe('a behaviour', () => {
  it.each([
    ['accepts', accepts(), ['open 1']],
    ['refuses', refuses(), ['error 3', 'close 3 1006  false']],
    ['hangs', hangs(), []],
    ['closes with a code', closes({ code: 4001, reason: 'x' }), ['open 1', 'close 3 4001 x true']],
    ['closes without one', closes(), ['open 1', 'close 3 1005  true']],
    ['resets', resets(), ['open 1', 'close 3 1006  false']],
    ['goes silent', goesSilent(), ['open 1']],
  ])('that %s shows what the platform shows', async (_, behaviour, expected) => {
    const { clock, socket, seen } = client(behaviour)
    expect(socket.readyState).toBe(0)
    expect(seen).toEqual([])
    await clock.advance(3_600_000)
    expect(seen).toEqual(expected)
    expect(clock.timers).toBe(0)
  })

  it.each([
    ['accepts', accepts({ afterMs: 50 }), 'open 1'],
    ['refuses', refuses({ afterMs: 50 }), 'error 3'],
    ['closes', closes({ afterMs: 50 }), 'close 3 1005  true'],
    ['resets', resets({ afterMs: 50 }), 'close 3 1006  false'],
  ])('that %s later does it then, and not before', async (_, behaviour, expected) => {
    const { clock, seen } = client(behaviour)
    await clock.advance(49)
    expect(seen).not.toContain(expected)
    await clock.advance(1)
    expect(seen).toContain(expected)
  })

  it('that echoes sends back what it hears, text and bytes', async () => {
    const { clock, socket, seen } = client(echoes())
    await clock.advance(0)
    socket.binaryType = 'arraybuffer'
    socket.send('a')
    socket.send(new Uint8Array([1, 2]))
    await clock.advance(0)
    expect(seen).toEqual(['open 1', 'message a', 'message [object ArrayBuffer]'])
  })

  it('of each dial comes from a sequence, and the last one stays', async () => {
    const { clock, server } = client(sequence(refuses(), accepts(), hangs()))
    for (let dial = 1; dial < 5; dial++) new server.WebSocket(URL_OF_SERVER)
    await clock.advance(0)
    expect(server.connections.map(({ state }) => state)).toEqual(['ended', 'open', 'dialling', 'dialling', 'dialling'])
  })

  it('can be changed for the dials to come', async () => {
    const { clock, server } = client(accepts())
    await clock.advance(0)
    server.behaviour = refuses()
    new server.WebSocket(URL_OF_SERVER)
    await clock.advance(0)
    expect(server.connections.map(({ state }) => state)).toEqual(['open', 'ended'])
  })

  it('of one server may be used by another: it keeps nothing', async () => {
    const shared = sequence(refuses(), accepts())
    const first = client(shared)
    const second = client(shared)
    await first.clock.advance(0)
    await second.clock.advance(0)
    expect(first.seen).toEqual(second.seen)
  })
})

describe('the server', () => {
  it('records every dial: when, where, with which subprotocols, and what was unanswered then', async () => {
    const { clock, server } = client(hangs(), ['a', 'b'])
    await clock.advance(1_500)
    new server.WebSocket('wss://other.example/x', 'c')
    expect(server.dials).toEqual([
      { number: 1, at: 0, wall: Date.UTC(2025, 0, 1), url: URL_OF_SERVER, protocols: ['a', 'b'], unanswered: 0 },
      {
        number: 2,
        at: 1_500,
        wall: Date.UTC(2025, 0, 1) + 1_500,
        url: 'wss://other.example/x',
        protocols: ['c'],
        unanswered: 1,
      },
    ])
  })

  it('lets a test act by hand, each act in a later task and in order', async () => {
    const { clock, server, seen } = client(hangs())
    await clock.advance(0)
    server.latest.accept()
    server.latest.send('1')
    server.latest.send('2')
    server.latest.close(4000, 'x')
    expect(seen).toEqual([])
    await clock.advance(0)
    expect(seen).toEqual(['open 1', 'message 1', 'message 2', 'close 3 4000 x true'])
  })

  it('says so when a test believes something that is not so', async () => {
    const { clock, server } = client(refuses())
    expect(() => scriptedServer().latest).toThrow('Nobody has dialled')
    await clock.advance(0)
    expect(() => server.latest.send('x')).toThrow('Connection 1 is ended, not open')
    expect(() => server.latest.accept()).toThrow('Connection 1 is ended, not dialling')
  })

  it.each([1005, 1006, 1015, 999, 5000])('cannot put %s into a close frame', async code => {
    const { clock, server } = client()
    await clock.advance(0)
    expect(() => server.latest.close(code)).toThrow(RangeError)
  })

  it('selects the first subprotocol asked for, or the one it is told', async () => {
    const first = client(accepts(), ['a', 'b'])
    const told = client(connection => connection.accept('b'), ['a', 'b'])
    const none = client(accepts())
    for (const { clock } of [first, told, none]) await clock.advance(0)
    expect([first, told, none].map(({ socket }) => socket.protocol)).toEqual(['a', 'b', ''])
  })

  it('knows what is open, and what it has received, binary as bytes of their own', async () => {
    const { clock, server, socket } = client()
    await clock.advance(0)
    const bytes = new Uint8Array([1, 2, 3])
    socket.send('€')
    socket.send(bytes.subarray(1))
    bytes.fill(0)
    expect(socket.bufferedAmount).toBe(5)
    await clock.advance(0)
    expect(socket.bufferedAmount).toBe(0)
    expect(server.received).toEqual(['€', new Uint8Array([2, 3])])
    expect(server.open).toEqual([server.latest])
  })

  it('sends binary as the binaryType of the client says when it arrives', async () => {
    const { clock, server, socket } = client()
    await clock.advance(0)
    const kinds: unknown[] = []
    socket.onmessage = ({ data }) => kinds.push(data.constructor)
    server.latest.send(new Uint8Array([1]))
    await clock.advance(0)
    socket.binaryType = 'arraybuffer'
    server.latest.send(new ArrayBuffer(2))
    await clock.advance(0)
    expect(kinds).toEqual([Blob, ArrayBuffer])
  })

  it('fails a connection as a browser does when it sends what is no frame', async () => {
    const { clock, server, seen } = client()
    await clock.advance(0)
    server.latest.breakProtocol()
    await clock.advance(0)
    expect(seen).toEqual(['open 1', 'error 3', 'close 3 1006  false'])
  })
})

describe('without a virtual clock', () => {
  it('fake timers drive the server, though they come later than the import', async () => {
    vi.useFakeTimers()
    try {
      const server = scriptedServer(closes({ code: 4000, afterMs: 5_000 }))
      const socket = new server.WebSocket(URL_OF_SERVER)
      const seen: string[] = []
      socket.onopen = () => seen.push('open')
      socket.onclose = ({ code }) => seen.push(`close ${code}`)
      const wall = Date.now()
      await vi.advanceTimersByTimeAsync(4_999)
      expect(seen).toEqual(['open'])
      // Fake timers take 1 ms for every task that a task makes.
      await vi.advanceTimersByTimeAsync(5)
      expect(seen).toEqual(['open', 'close 4000'])
      expect(server.dials[0]?.wall).toBe(wall)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
