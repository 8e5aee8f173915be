import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { polling } from '../../src/transports/polling.ts'
import { sse } from '../../src/transports/sse.ts'
import type { Transport } from '../../src/transports/transport.ts'
import { HttpSessionServer } from './http-session-server.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** The server of the other tests, behind node:http. */
async function listening() {
  const sessions = new HttpSessionServer({ clock: systemClock })
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    try {
      const body = Buffer.concat(pieces).toString()
      const answer = await sessions.fetch(`http://${request.headers.host}${request.url}`, { body, signal: gone.signal })
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.flushHeaders()
      const reader = answer.body?.getReader()
      for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) response.write(piece.value)
    } catch {
      // It is gone.
    }
    response.end()
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port }: AddressInfo = Object.assign({ port: 0, family: '', address: '' }, server.address())
  return { sessions, url: `ws://127.0.0.1:${port}/live` }
}

/** Dials, and resolves with what is heard until `enough` says so. */
function conversation(transport: Transport, url: string) {
  const carrier = transport.dial({
    url,
    protocols: ['holdfast.v1'],
    binaryType: 'arraybuffer',
    token: undefined,
    clock: systemClock,
    WebSocket: undefined,
    report: () => {},
  })
  const heard: string[] = []
  let look = (): void => {}
  const tell = (what: string): void => {
    heard.push(what)
    look()
  }
  carrier.onopen = () => tell('open')
  carrier.onerror = () => tell('error')
  carrier.onclose = ({ code }) => tell(`close ${code}`)
  carrier.onmessage = ({ data }) => {
    const { t, seq = '' } = JSON.parse(data)
    tell(`${t}${seq}`)
  }
  const until = (what: string): Promise<void> =>
    new Promise(resolve => {
      look = () => {
        if (heard.includes(what)) resolve()
      }
      look()
    })
  return { carrier, heard, until, say: (frame: object) => carrier.send(JSON.stringify(frame)) }
}

describe.each([
  ['sse', sse()],
  ['polling', polling()],
])('%s over a network', (_, transport) => {
  it('carries a conversation', async () => {
    const { sessions, url } = await listening()
    const { carrier, heard, until, say } = conversation(transport, url)
    await until('open')
    say({ t: 'hello', v: 1, client: 'c1', conn: 'n1', topics: [{ topic: 'a' }] })
    await until('subbed0')
    say({ t: 'msg', id: 'c1-1', topic: 'a', data: 'é' })
    await until('event1')
    await until('ok')
    sessions.publish('a', 2)
    await until('event2')
    say({ t: 'auth', token: 'fresh' })
    await until('authok')
    sessions.publish('a', 3)
    await until('event3')
    carrier.close(1000)
    await until('close 1000')
    expect(heard.filter(what => /^(open|welcome|event|close|error)/.test(what))).toEqual([
      'open',
      'welcome',
      'event1',
      'event2',
      'event3',
      'close 1000',
    ])
  })

  it('notices that nobody is there, and that a server went away', async () => {
    const { url } = await listening()
    const { until, say } = conversation(transport, url)
    await until('open')
    say({ t: 'hello', v: 1, client: 'c1', conn: 'n1', topics: [] })
    await until('welcome')
    servers[0]?.closeAllConnections()
    servers[0]?.close()
    await until('close 1006')
    const nobody = conversation(transport, url)
    await nobody.until('open')
    nobody.say({ t: 'hello', v: 1, client: 'c1', conn: 'n1', topics: [] })
    await nobody.until('close 1006')
    expect(nobody.heard).toEqual(['open', 'error', 'close 1006'])
  })

  it('is probed', async () => {
    const { url } = await listening()
    const request = { url, protocols: ['holdfast.v1'], token: undefined, clock: systemClock, report: () => {} }
    const { signal } = new AbortController()
    expect(await transport.probe?.({ ...request, binaryType: 'blob', WebSocket: undefined }, signal)).toBe(true)
  })
})
