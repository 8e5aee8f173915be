import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { originOf } from '../../src/server/handshake.ts'
import { type ServerRecord, type SessionServerOptions, sessionServer } from '../../src/server/index.ts'
import { type Served, served } from './raw-client.ts'

async function serving(options?: SessionServerOptions): Promise<Served & { readonly records: ServerRecord[] }> {
  const records: ServerRecord[] = []
  const server = await served({ onLog: record => records.push(record), ...options })
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { ...server, records }
}

/** The status that a handshake is answered with; 101 when it is taken. */
function status(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  protocols = ['holdfast.v1'],
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocols, { headers })
    onTestFinished(() => socket.terminate())
    socket.on('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy()
      resolve(statusCode)
    })
    socket.on('open', () => resolve(101))
    socket.on('error', reject)
  })
}

function from(headers: Readonly<Record<string, string>>, remoteAddress: string, proxies: number) {
  const request = { headers, socket: { remoteAddress } } as unknown as IncomingMessage
  const { address, network } = originOf(request, proxies)
  return { address, network }
}

describe('the Origin of a page', () => {
  it('is the host that was asked for, unless the server says otherwise', async () => {
    const { url, port, records, live } = await serving()
    expect(await status(url, { origin: `http://127.0.0.1:${port}` })).toBe(101)
    expect(await status(url)).toBe(101)
    expect(await status(url, { origin: 'https://evil.example' })).toBe(403)
    expect(await status(url, { origin: 'null' })).toBe(403)
    expect(records.filter(({ type }) => type === 'refused').map(({ line }) => line)).toEqual([
      'handshake from 127.0.0.1 refused with HTTP 403: Origin "https://evil.example" is not among `origins`',
      'handshake from 127.0.0.1 refused with HTTP 403: Origin "null" is not among `origins`',
    ])
    expect(live.metrics()).toContain('holdfast_handshakes_refused_total{status="403"} 2')
  })

  it('is one of a list, exactly', async () => {
    const { url, port } = await serving({ origins: ['https://app.example'] })
    expect(await status(url, { origin: 'https://app.example' })).toBe(101)
    for (const origin of ['https://app.example.evil', 'http://app.example', `http://127.0.0.1:${port}`]) {
      expect([origin, await status(url, { origin })]).toEqual([origin, 403])
    }
  })

  it('is asked of a function, whose throw is a refusal', async () => {
    const { url, records } = await serving({
      origins(origin) {
        if (origin === 'https://throws.example') throw new Error('x')
        return origin === 'https://app.example'
      },
    })
    expect(await status(url, { origin: 'https://app.example' })).toBe(101)
    expect(await status(url, { origin: 'https://other.example' })).toBe(403)
    expect(await status(url, { origin: 'https://throws.example' })).toBe(403)
    expect(records.filter(({ type }) => type === 'failed')).toHaveLength(1)
  })

  it('does not matter where it is said so', async () => {
    const { url } = await serving({ origins: '*' })
    expect(await status(url, { origin: 'https://evil.example' })).toBe(101)
  })
})

describe('a handshake', () => {
  it('without the subprotocol, or to another path, is refused', async () => {
    const { url, port } = await serving({ path: '/live' })
    expect(await status(`${url}?query=1`)).toBe(101)
    expect(await status(url, {}, [])).toBe(400)
    expect(await status(url, {}, ['other'])).toBe(400)
    expect(await status(`http://127.0.0.1:${port}/other`.replace('http', 'ws'))).toBe(404)
  })

  it('for another path is left to whoever else listens', async () => {
    const { http, port, url } = await serving({ path: '/live' })
    http.on('upgrade', (request, socket) => {
      if (request.url === '/other') socket.end('HTTP/1.1 418 I am a teapot\r\nContent-Length: 0\r\n\r\n')
    })
    expect(await status(`ws://127.0.0.1:${port}/other`)).toBe(418)
    expect(await status(url)).toBe(101)
  })

  it('beyond the number of connections is answered 503', async () => {
    const { url, dial } = await serving({ limits: { connections: 1 } })
    const first = await dial()
    expect(await status(url)).toBe(503)
    first.socket.close()
    await first.closed
    expect(await status(url)).toBe(101)
  })

  it('beyond the number of connections of an address is accepted, and closed with 4302', async () => {
    const { greeted, dial, url } = await serving({ limits: { connectionsPerAddress: 1 }, trustProxy: true })
    await greeted({}, { 'x-forwarded-for': '203.0.113.1' })
    await greeted({ client: 'c2' }, { 'x-forwarded-for': '203.0.113.2' })
    const third = await dial({ 'x-forwarded-for': '203.0.113.1' })
    expect((await third.closed).code).toBe(4302)
    expect(await status(url)).toBe(101)
  })

  it('is taken by hand too', async () => {
    const live = sessionServer({ onLog: () => {} })
    const http = createServer()
    http.on('upgrade', (request, socket, head) => live.handleUpgrade(request, socket, head))
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    onTestFinished(async () => {
      await live.close()
      http.close()
    })
    const address = http.address()
    expect(await status(`ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)).toBe(101)
  })

  it('that resets while it is refused brings nobody down', async () => {
    const { port, url } = await serving({ origins: [] })
    for (let n = 0; n < 5; n++) {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://x\r\n\r\n',
        )
        socket.resetAndDestroy()
      })
      await new Promise(resolve => socket.on('close', resolve))
    }
    expect(await status(url)).toBe(101)
  })
})

describe('the address of a client', () => {
  it.each([
    [{}, '203.0.113.9', 0, '203.0.113.9'],
    [{ 'x-forwarded-for': '198.51.100.1' }, '10.0.0.1', 0, '10.0.0.1'],
    [{ 'x-forwarded-for': '198.51.100.1' }, '10.0.0.1', 1, '198.51.100.1'],
    // Whatever the client wrote itself stands further to the left.
    [{ 'x-forwarded-for': '1.1.1.1, 198.51.100.1' }, '10.0.0.1', 1, '198.51.100.1'],
    [{ 'x-forwarded-for': '1.1.1.1, 198.51.100.1, 10.0.0.2' }, '10.0.0.1', 2, '198.51.100.1'],
    [{ 'x-forwarded-for': '198.51.100.1:1234' }, '10.0.0.1', 1, '198.51.100.1'],
    [{ 'x-forwarded-for': 'garbage' }, '10.0.0.1', 1, '10.0.0.1'],
    [{ 'x-forwarded-for': '198.51.100.1' }, '10.0.0.1', 2, '10.0.0.1'],
    [{}, '::ffff:203.0.113.9', 0, '203.0.113.9'],
  ])('of %o from %s behind %i proxies is %s', (headers, remote, proxies, address) => {
    expect(from(headers, remote, proxies)).toEqual({ address, network: address })
  })

  it('is read with the port that some proxies write beside IPv6', () => {
    expect(from({ 'x-forwarded-for': '[2001:db8::1]:99' }, '10.0.0.1', 1).address).toBe('2001:db8::1')
  })

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as its network %s', (address, network) => {
    expect(from({}, address, 0)).toEqual({ address, network })
  })
})
