import { describe, expect, it } from 'vitest'
import { accepts, closes, goesSilent, hangs, scriptedServer } from '../../src/testing/index.ts'
import { client, URL_OF_SERVER } from './bare-client.ts'

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
