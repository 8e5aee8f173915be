/** A few stories over a real socket: that of `ws`, on loopback. */
import { once } from 'node:events'
import { type ResilientEventMap, ResilientWebSocket } from 'holdfast'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { PartyWebSocket } from './partysocket.ts'
import { ReconnectingWebSocket } from './reconnecting-websocket.ts'

const FAST = { WebSocket, minReconnectionDelay: 10, maxReconnectionDelay: 20 }

function next<K extends keyof ResilientEventMap>(
  socket: ReconnectingWebSocket,
  type: K,
): Promise<ResilientEventMap[K]> {
  return new Promise(resolve => socket.addEventListener(type, resolve, { once: true }))
}

let server: WebSocketServer
let url: string

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const address = server.address()
  url = typeof address === 'object' ? `ws://127.0.0.1:${address?.port}/` : ''
  server.on('connection', (client, { url }) => {
    client.on('message', message => client.send(`${message}`))
    if (url === '/bye') client.close(4000, 'bye')
  })
})

afterAll(() => {
  for (const client of server.clients) client.terminate()
  server.close()
})

it.each([
  ['ReconnectingWebSocket', ReconnectingWebSocket],
  ['PartyWebSocket', PartyWebSocket],
])('a %s sends, receives, and closes with the code that both ends agree on', async (_, Class) => {
  const socket = new Class(url, 'v1', FAST)
  socket.send('hello')
  const { data } = await next(socket, 'message')
  expect([data, socket.protocol, socket.url]).toEqual(['hello', 'v1', url])
  socket.close()
  const closed = await next(socket, 'close')
  expect([closed.code, closed.wasClean, closed.willReconnect]).toEqual([1000, true, false])
})

it('a ReconnectingWebSocket is told the real code, connects again, and tells the server its own', async () => {
  const socket = new ReconnectingWebSocket(`${url}bye`, null, FAST)
  for (let times = 0; times < 2; times++) {
    const closed = await next(socket, 'close')
    expect([closed.code, closed.reason]).toEqual([4000, 'bye'])
  }
  socket.close()
})

it('`reconnect(code, reason)` reaches the server as it is, and the next connection is there', async () => {
  const first = once(server, 'connection')
  const socket = new ReconnectingWebSocket(url, null, FAST)
  const [[client]] = await Promise.all([first, next(socket, 'open')])
  const told = once(client, 'close')
  const again = next(socket, 'open')
  socket.reconnect(4001, 'other account')
  const [code, reason] = await told
  expect([code, `${reason}`]).toEqual([4001, 'other account'])
  await again
  expect(socket.readyState).toBe(socket.OPEN)
  socket.close()
})

it('a refused dial is an error and a close 1006, as often as `maxRetries` allows', async () => {
  const closed = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(closed, 'listening')
  const address = closed.address()
  const port = typeof address === 'object' ? address?.port : 0
  closed.close()
  await once(closed, 'close')
  const socket = new ReconnectingWebSocket(`ws://127.0.0.1:${port}`, null, { ...FAST, maxRetries: 1 })
  const journal: string[] = []
  socket.onerror = () => journal.push('error')
  const final = new Promise<void>(resolve => {
    socket.onclose = ({ code, willReconnect }) => {
      journal.push(`close ${code}`)
      if (!willReconnect) resolve()
    }
  })
  await final
  expect(journal).toEqual(['error', 'close 1006', 'error', 'close 1006'])
})

it("Node's `once()` takes the socket for an emitter of its own and throws; `ready()` waits for it to be open", async () => {
  const native = new WebSocket(url)
  await once(native, 'open')
  native.close()
  const socket = new ResilientWebSocket(url, [], { WebSocket })
  await expect(async () => await Reflect.apply(once, undefined, [socket, 'open'])).rejects.toThrow(TypeError)
  await socket.ready()
  expect(socket.readyState).toBe(socket.OPEN)
  socket.close()
})
