import { afterEach, describe, expect, it, vi } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { refuses, scriptedServer, sequence, virtualClock } from '../../src/testing/index.ts'
import { openStory, story } from './story.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the constructor', () => {
  it('dials in the same task, so the url is right at once', () => {
    const { server, socket } = story({ url: 'wss://feed.example/a/../b' })
    expect(server.dials).toHaveLength(1)
    expect(socket.url).toBe('wss://feed.example/b')
    expect(socket.readyState).toBe(0)
  })

  it.each(['no url', 'wss://', 'ftp://feed.example', 'wss://feed.example/#part', ''])(
    'throws a SyntaxError for the url %j, as the platform does',
    url => {
      const { server } = story({ options: { startClosed: true } })
      expect(() => new ResilientWebSocket(url, [], { WebSocket: server.WebSocket })).toThrow(
        expect.objectContaining({ name: 'SyntaxError' }),
      )
      expect(server.dials).toEqual([])
    },
  )

  it('leaves no timer and no listener behind when it throws', () => {
    const clock = virtualClock()
    const server = scriptedServer(refuses(), { clock })
    const pageSignals = vi.fn()
    expect(() => new ResilientWebSocket('no url', [], { clock, WebSocket: server.WebSocket, pageSignals })).toThrow()
    expect(clock.timers).toBe(0)
    expect(pageSignals).not.toHaveBeenCalled()
  })

  it.each([[['a', 'a']], [['a b']], [['']], ['ä']])('throws a SyntaxError for the subprotocols %j', protocols => {
    expect(() => story({ protocols })).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
  })

  it('resolves relative and http urls as the platform does', () => {
    vi.stubGlobal('location', { href: 'https://app.example/room/1' })
    const urls = ['/live', 'live', '//other.example/live', 'http://feed.example', 'https://feed.example', '?x=1']
    expect(urls.map(url => story({ url }).socket.url)).toEqual([
      'wss://app.example/live',
      'wss://app.example/room/live',
      'wss://other.example/live',
      'ws://feed.example/',
      'wss://feed.example/',
      'wss://app.example/room/1?x=1',
    ])
  })

  it('takes a URL object, and what becomes a string', () => {
    expect(story({ url: new URL('wss://feed.example/u') }).socket.url).toBe('wss://feed.example/u')
    const url = { toString: () => 'wss://feed.example/s' } as unknown as string
    expect(story({ url }).socket.url).toBe('wss://feed.example/s')
  })

  it('asks for the subprotocol "null" when it is given null, as the platform does', () => {
    const { server } = story({ protocols: null as unknown as string })
    expect(server.dials[0]?.protocols).toEqual(['null'])
  })

  it('asks for the subprotocols it is given, one or many', () => {
    expect(story({ protocols: 'chat' }).server.dials[0]?.protocols).toEqual(['chat'])
    expect(story({ protocols: ['v2', 'v1'] }).server.dials[0]?.protocols).toEqual(['v2', 'v1'])
    expect(story().server.dials[0]?.protocols).toEqual([])
  })

  it('without an argument is a TypeError', () => {
    expect(() => Reflect.construct(ResilientWebSocket, [])).toThrow(TypeError)
  })

  it('reports a dial that throws later as a failed attempt', async () => {
    const clock = virtualClock({ rolls: [0.5] })
    const server = scriptedServer(refuses(), { clock })
    let blocked = false
    class Guarded extends server.WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        if (blocked) throw new DOMException('Blocked by the content security policy.', 'SecurityError')
        super(url, protocols)
      }
    }
    const { journal, problems } = story({ options: { clock, WebSocket: Guarded } })
    await clock.advance(0)
    blocked = true
    await clock.advance(2_000)
    expect(journal).toEqual(['error', 'close 1006', 'error', 'close 1006'])
    expect(problems[0]?.cause).toMatchObject({ name: 'SecurityError' })
  })
})

describe('the shape of the interface', () => {
  it('has the constants on the class and on the prototype, and nobody can write them', () => {
    for (const owner of [ResilientWebSocket, ResilientWebSocket.prototype]) {
      expect([owner.CONNECTING, owner.OPEN, owner.CLOSING, owner.CLOSED]).toEqual([0, 1, 2, 3])
      expect(Reflect.set(owner, 'OPEN', 7)).toBe(false)
    }
  })

  it('is an EventTarget that names itself WebSocket', () => {
    const { socket } = story()
    expect(socket).toBeInstanceOf(EventTarget)
    expect(Object.prototype.toString.call(socket)).toBe('[object WebSocket]')
  })

  it('has the members of a platform interface: enumerable, with the lengths of the standard', () => {
    const { prototype } = ResilientWebSocket
    const members = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType', 'close', 'send']
    for (const name of [...members, 'onopen', 'onmessage', 'onerror', 'onclose']) {
      expect(Object.getOwnPropertyDescriptor(prototype, name)?.enumerable, name).toBe(true)
    }
    expect([ResilientWebSocket.length, prototype.send.length, prototype.close.length]).toEqual([1, 1, 0])
  })

  it('ignores a binaryType that does not exist', () => {
    const { socket } = story()
    expect(socket.binaryType).toBe('blob')
    Reflect.set(socket, 'binaryType', 'arraybuffer')
    Reflect.set(socket, 'binaryType', 'text')
    expect(socket.binaryType).toBe('arraybuffer')
  })

  it('can be subclassed, and a method taken off a foreign object is a TypeError', () => {
    class Mine extends ResilientWebSocket {}
    const { server } = story({ options: { startClosed: true } })
    const mine = new Mine('wss://feed.example', [], { WebSocket: server.WebSocket, startClosed: true })
    expect(mine).toBeInstanceOf(Mine)
    expect(() => Reflect.apply(ResilientWebSocket.prototype.send, {}, ['x'])).toThrow(TypeError)
  })
})

describe('messages', () => {
  it('arrive with data and origin, and as their own objects', async () => {
    const { clock, server, socket } = await openStory()
    const seen: unknown[] = []
    socket.onmessage = ({ data, origin, type }) => seen.push([type, data, origin])
    server.latest.send('x')
    await clock.advance(0)
    expect(seen).toEqual([['message', 'x', 'wss://feed.example']])
  })

  it('arrive as blobs, and as buffers once binaryType says so', async () => {
    const { clock, server, socket } = await openStory()
    const kinds: unknown[] = []
    socket.onmessage = ({ data }) => kinds.push(data.constructor)
    server.latest.send(new Uint8Array([1]))
    await clock.advance(0)
    socket.binaryType = 'arraybuffer'
    server.latest.send(new Uint8Array([1]))
    await clock.advance(0)
    expect(kinds).toEqual([Blob, ArrayBuffer])
  })
})

describe('the attributes', () => {
  it('are those of the current connection, and last until the next is dialled', async () => {
    const urls = ['wss://one.example/', 'wss://two.example/']
    const { clock, server, socket } = story({
      url: () => urls.shift() ?? '',
      protocols: ['a', 'b'],
      behaviour: sequence(
        connection => connection.accept('a'),
        connection => connection.accept('b'),
      ),
    })
    await clock.advance(0)
    expect([socket.url, socket.protocol, socket.extensions]).toEqual(['wss://one.example/', 'a', ''])
    server.latest.reset()
    await clock.advance(100)
    expect(socket.url).toBe('wss://one.example/')
    await clock.advance(2_000)
    expect([socket.url, socket.protocol]).toEqual(['wss://two.example/', 'b'])
  })
})
