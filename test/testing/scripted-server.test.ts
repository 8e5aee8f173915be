import { describe, expect, it, vi } from 'vitest'
import {
  accepts,
  type Behaviour,
  closes,
  echoes,
  goesSilent,
  hangs,
  refuses,
  resets,
  scriptedServer,
  sequence,
  virtualClock,
} from '../../src/testing/index.ts'

const URL_OF_SERVER = 'ws://server.example/'

/** A bare client, with what it saw and the readyState it saw it in. */
function client(behaviour?: Behaviour, protocols?: string | string[], options = {}) {
  const clock = virtualClock()
  const server = scriptedServer(behaviour, { clock, ...options })
  const socket = new server.WebSocket(URL_OF_SERVER, protocols)
  const seen: string[] = []
  socket.addEventListener('open', () => seen.push(`open ${socket.readyState}`))
  socket.addEventListener('message', ({ data }) => seen.push(`message ${data}`))
  socket.addEventListener('error', () => seen.push(`error ${socket.readyState}`))
  socket.addEventListener('close', ({ code, reason, wasClean }) =>
    seen.push(`close ${socket.readyState} ${code} ${reason} ${wasClean}`),
  )
  return { clock, server, socket, seen }
}

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

describe('the client of a scripted server', () => {
  it('closes in the handshake of the standard, with its own code', async () => {
    const { clock, server, socket, seen } = client()
    await clock.advance(0)
    socket.close(4001, 'bye')
    expect([socket.readyState, seen]).toEqual([2, ['open 1']])
    await clock.advance(0)
    expect(seen).toEqual(['open 1', 'close 3 4001 bye true'])
    expect(server.latest.closedByClient).toEqual({ code: 4001, reason: 'bye' })
  })

  it('that closes before the answer sees error and 1006, and the server that it was left', async () => {
    const { clock, server, socket, seen } = client(accepts({ afterMs: 100 }))
    await clock.advance(50)
    socket.close(1000)
    await clock.advance(100)
    expect(seen).toEqual(['error 3', 'close 3 1006  false'])
    expect(server.latest.state).toBe('ended')
  })

  it('that closes in the instant of the answer never opens', async () => {
    const { clock, server, socket, seen } = client(hangs())
    await clock.advance(0)
    server.latest.accept()
    socket.close()
    await clock.advance(0)
    expect(seen).toEqual(['error 3', 'close 3 1006  false'])
  })

  it('hears nothing more once it has begun to close', async () => {
    const { clock, server, socket, seen } = client()
    await clock.advance(0)
    server.latest.send('late')
    socket.close()
    await clock.advance(0)
    expect(seen).toEqual(['open 1', 'close 3 1005  true'])
  })

  it('waits for a silent server as long as it is told, 60 s otherwise', async () => {
    for (const [options, ms] of [
      [{}, 60_000],
      [{ halfOpenCloseMs: 20_000 }, 20_000],
    ] as const) {
      const { clock, socket, seen } = client(goesSilent(), [], options)
      await clock.advance(10)
      socket.close()
      await clock.advance(ms - 1)
      expect(socket.readyState).toBe(2)
      await clock.advance(1)
      expect(seen).toEqual(['open 1', 'close 3 1006  false'])
    }
  })

  it('is cut off from a silent server in both directions, until it resets', async () => {
    const { clock, server, socket, seen } = client(goesSilent({ afterMs: 10 }))
    await clock.advance(10)
    socket.send('lost')
    server.latest.send('lost too')
    await clock.advance(60_000)
    expect([seen, server.received, socket.bufferedAmount]).toEqual([['open 1'], [], 0])
    server.latest.reset()
    await clock.advance(0)
    expect(seen).toEqual(['open 1', 'close 3 1006  false'])
  })

  it('may not send while connecting, and counts for ever what it sends after the end', async () => {
    const { clock, socket } = client(closes())
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    await clock.advance(0)
    socket.send('xyz')
    await clock.advance(1_000)
    expect(socket.bufferedAmount).toBe(3)
  })

  it('checks what the platform checks', async () => {
    const { WebSocket } = scriptedServer()
    const syntaxError = expect.objectContaining({ name: 'SyntaxError' })
    for (const url of ['', 'x', 'ftp://a', 'ws://a/#b']) expect(() => new WebSocket(url)).toThrow(syntaxError)
    for (const protocols of [['a', 'a'], 'a b', '']) {
      expect(() => new WebSocket(URL_OF_SERVER, protocols)).toThrow(syntaxError)
    }
    const { clock, socket } = client()
    await clock.advance(0)
    expect(() => socket.close(1001)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(() => socket.close(1000, '€'.repeat(42))).toThrow(syntaxError)
    expect(socket.readyState).toBe(1)
    expect(new WebSocket('https://a').url).toBe('wss://a/')
  })

  it('has handler attributes that keep their place', async () => {
    const { clock, server, socket } = client()
    const heard: string[] = []
    socket.onmessage = () => heard.push('old')
    socket.addEventListener('message', () => heard.push('listener'))
    socket.onmessage = () => heard.push('new')
    await clock.advance(0)
    server.latest.send('x')
    await clock.advance(0)
    expect(heard).toEqual(['new', 'listener'])
    socket.onmessage = null
    expect(socket.onmessage).toBeNull()
  })

  it('has the constants of the platform', () => {
    const { server, socket } = client()
    const { WebSocket } = server
    expect(Object.entries(Object.getPrototypeOf(WebSocket))).toEqual(
      Object.entries({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }),
    )
    expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3])
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
