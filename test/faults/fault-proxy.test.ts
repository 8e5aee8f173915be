import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { FaultProxy } from './fault-proxy.ts'
import { proxied } from './proxied.ts'
import { dial, line, settle, type TcpServer } from './tcp.ts'

let server: TcpServer
let proxy: FaultProxy

const { through, restart } = proxied(ends => {
  server = ends.server
  proxy = ends.proxy
})

async function dialFailure(port: number): Promise<unknown> {
  const socket = connect({ port, host: '127.0.0.1' })
  const [error] = await once(socket, 'error')
  return error.code
}

describe('in fair weather', () => {
  it('passes bytes and the FIN both ways', async () => {
    const { near, far } = await through()
    near.socket.write('ask')
    expect((await far.hears(3)).toString()).toBe('ask')
    far.socket.end('answer')
    expect((await near.hears(6)).toString()).toBe('answer')
    expect(await near.ending).toBe('fin')
    expect(await far.ending).toBe('fin')
    expect(proxy.passedBytes).toBe(9)
    await vi.waitFor(() => expect(proxy.connections).toBe(0))
  })

  it('passes what a slow reader leaves waiting, whole and with bounded buffers', async () => {
    await restart({ maxBufferedBytes: 65_536 })
    const { near, far } = await through()
    const sent = Buffer.alloc(8 * 1024 * 1024, 'holdfast')
    near.socket.pause()
    far.socket.write(sent)
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, proxy.bufferedBytes)
    }, 1)
    await settle(server)
    expect(near.heard().length).toBe(0)
    near.socket.resume()
    expect((await near.hears(sent.length)).equals(sent)).toBe(true)
    clearInterval(watch)
    expect(most).toBeLessThanOrEqual(2 * 65_536)
  })

  it.each([
    ['the client', 'near', 'far'],
    ['the server', 'far', 'near'],
  ] as const)('passes on a reset by %s', async (_, from, to) => {
    const ends = await through()
    ends[from].socket.resetAndDestroy()
    expect(await ends[to].ending).toBe('ECONNRESET')
  })

  it('resets the client when the server refuses the dial', async () => {
    await server.close()
    const near = await dial(proxy.port)
    expect(await near.ending).toBe('ECONNRESET')
  })
})

describe('refuse', () => {
  it('refuses dials, leaves live connections alone, and listens on the same port again', async () => {
    const { near, far } = await through()
    const port = proxy.port
    proxy.refuse()
    expect(await dialFailure(port)).toBe('ECONNREFUSED')
    near.socket.write('still here')
    expect((await far.hears(10)).toString()).toBe('still here')
    await proxy.pass()
    expect(proxy.port).toBe(port)
    const again = await through()
    again.near.socket.write('back')
    expect((await again.far.hears(4)).toString()).toBe('back')
  })

  it('stays refused when it comes while the proxy is about to listen again', async () => {
    proxy.refuse()
    const healing = proxy.pass()
    proxy.refuse()
    await healing
    expect(await dialFailure(proxy.port)).toBe('ECONNREFUSED')
  })
})

describe('reset and fin', () => {
  it('resets both sides, even with bytes that nobody reads', async () => {
    const { near, far } = await through()
    far.socket.write(Buffer.alloc(4 * 1024 * 1024))
    near.socket.pause()
    await settle(server)
    proxy.reset()
    expect(await far.ending).toBe('ECONNRESET')
    await vi.waitFor(() => expect(proxy.connections).toBe(0))
    near.socket.resume()
    await near.ending
    expect(near.heard().length).toBeLessThan(4 * 1024 * 1024)
  })

  it('ends both sides with a FIN', async () => {
    const { near, far } = await through()
    proxy.fin()
    expect(await near.ending).toBe('fin')
    expect(await far.ending).toBe('fin')
    await vi.waitFor(() => expect(proxy.connections).toBe(0))
  })

  it('leaves new connections alone', async () => {
    await through()
    proxy.reset()
    const { near, far } = await through()
    near.socket.write('new')
    expect((await far.hears(3)).toString()).toBe('new')
  })
})

describe('greetings', () => {
  it('accepts and then stays silent, without a dial to the server', async () => {
    proxy.acceptThenSilence()
    const near = await dial(proxy.port)
    near.socket.write('hello?')
    await vi.waitFor(() => expect(proxy.swallowedBytes).toBe(6))
    expect(server.lines.length).toBe(0)
    await proxy.pass()
    near.socket.write('hello?')
    expect(await near.ending).toBe('ECONNRESET')
  })

  it.each([
    ['fin', 'fin'],
    ['reset', 'ECONNRESET'],
  ] as const)('accepts and ends with a %s', async (how, ending) => {
    proxy.acceptThenClose(how)
    // The reset may overtake the news of the connect, so nothing waits for that.
    const near = line(connect({ port: proxy.port, host: '127.0.0.1' }))
    expect(await near.ending).toBe(ending)
    expect(server.lines.length).toBe(0)
  })
})

describe('cutting', () => {
  it('passes exactly so many bytes and then ends the connection', async () => {
    proxy.cutAfter({ bytes: 10 })
    const { near, far } = await through()
    far.socket.write('0123456')
    await near.hears(7)
    far.socket.write('789abc')
    expect(await near.ending).toBe('fin')
    expect(near.heard().toString()).toBe('0123456789')
  })

  it('counts the bytes of each connection on its own', async () => {
    proxy.cutAfter({ bytes: 4, direction: 'up', how: 'reset' })
    const first = await through()
    const second = await through()
    first.near.socket.write('123')
    second.near.socket.write('123')
    await first.far.hears(3)
    await second.far.hears(3)
    first.near.socket.write('4')
    expect(await first.near.ending).toBe('ECONNRESET')
    expect(second.near.socket.destroyed).toBe(false)
  })

  it('spares a connection that is mended before its time', async () => {
    proxy.cutAfter({ bytes: 4, ms: 60_000, how: 'reset' })
    const { near, far } = await through()
    far.socket.write('123')
    await near.hears(3)
    await proxy.pass()
    expect(process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length).toBeLessThan(2)
    far.socket.write('456')
    expect((await near.hears(6)).toString()).toBe('123456')
  })

  it('ends the connection after so many milliseconds', async () => {
    proxy.cutAfter({ ms: 30, how: 'reset' })
    const before = performance.now()
    const { near } = await through()
    expect(await near.ending).toBe('ECONNRESET')
    expect(performance.now() - before).toBeGreaterThanOrEqual(29)
  })
})

describe('what a WebSocket makes of it', () => {
  it.each([
    ['a FIN without a close frame', () => proxy.fin()],
    ['a reset', () => proxy.reset()],
  ])('sees 1006 after %s', async (_, breakIt) => {
    const site = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(site, 'listening')
    const address = site.address()
    if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.')
    await restart({ targetPort: address.port })
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/`)
    socket.on('error', () => {})
    await once(socket, 'open')
    breakIt()
    const [code] = await once(socket, 'close')
    expect(code).toBe(1006)
    site.close()
  })
})

describe('close', () => {
  it('leaves nothing open, whatever was going on', async () => {
    const { near, far } = await through()
    proxy.latency(60_000)
    near.socket.write('held')
    await vi.waitFor(() => expect(proxy.bufferedBytes).toBe(4))
    proxy.cutAfter({ ms: 60_000 })
    await through()
    proxy.stall()
    await through()
    proxy.acceptThenSilence()
    const silent = await dial(proxy.port)
    await vi.waitFor(() => expect(proxy.accepted).toBe(4))
    await proxy.close()
    expect(proxy.connections).toBe(0)
    expect(await near.ending).toBe('ECONNRESET')
    expect(await far.ending).toBe('ECONNRESET')
    expect(await silent.ending).toBe('ECONNRESET')
    await vi.waitFor(async () => expect(await server.connections()).toBe(0))
    expect(await dialFailure(proxy.port)).toBe('ECONNREFUSED')
    expect(process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length).toBeLessThan(2)
  })

  it('ends while a FIN is under way', async () => {
    const { near, far } = await through()
    proxy.fin()
    await proxy.close()
    expect(proxy.connections).toBe(0)
    await Promise.all([near.ending, far.ending])
  })

  it('may be called twice', async () => {
    await proxy.close()
    await proxy.close()
    expect(await dialFailure(proxy.port)).toBe('ECONNREFUSED')
  })
})
