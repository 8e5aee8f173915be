import { describe, expect, it } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { session } from '../../src/session/index.ts'
import { scriptedServer, virtualClock } from '../../src/testing/index.ts'
import { polling } from '../../src/transports/polling.ts'
import { sse } from '../../src/transports/sse.ts'
import type { Transport } from '../../src/transports/transport.ts'
import { dialRequest } from './heard-carrier.ts'
import { HttpSessionServer, type HttpSessionServerOptions } from './http-session-server.ts'

describe.each([
  ['sse', sse],
  ['polling', polling],
] as const)('a whole client over %s', (_, make) => {
  function world(options: Partial<HttpSessionServerOptions> = {}) {
    const clock = virtualClock()
    const server = new HttpSessionServer({ clock, ...options })
    const transport: Transport = make({ fetch: server.fetch })
    // What a transport dials is all that a WebSocket class is asked for.
    const WebSocket = new Proxy(scriptedServer().WebSocket, {
      construct: (_, [url, protocols]) => transport.dial(dialRequest(clock, { url, protocols })),
    })
    const problems: unknown[] = []
    const socket = new ResilientWebSocket('wss://feed.example/live', [], {
      clock,
      session: session({ topic: null }),
      WebSocket,
    })
    socket.on('problem', problem => problems.push(problem))
    return { clock, server, socket, problems }
  }

  it('hears everything once and in order, and has everything stored once, whatever breaks', async () => {
    const { clock, server, socket, problems } = world({ welcome: { limits: { unacked: 32 } } })
    const heard: unknown[] = []
    socket.topic('a').on(({ data }) => void heard.push(data))
    await clock.advance(1_000)
    expect(socket.status.state).toBe('open')
    const deliveries = []
    for (let n = 0; n < 300; n++) {
      server.publish('a', n)
      if (n % 3 === 0) deliveries.push(socket.topic('b').send(n))
      if (n % 50 === 20 && server.streams.length) server.stream.reset()
      if (n % 50 === 45) {
        let failures = 1
        server.options.instead = () => {
          if (failures-- > 0) throw new TypeError('no network')
          return undefined
        }
      }
      await clock.advance(170)
    }
    await clock.advance(60_000)
    expect(heard).toEqual(Array.from({ length: 300 }, (_, n) => n))
    expect(server.log('b').events.map(({ rest }) => Object.assign({ data: null }, rest).data)).toEqual(
      Array.from({ length: 100 }, (_, n) => 3 * n),
    )
    expect(deliveries.every(({ state }) => state === 'acknowledged')).toBe(true)
    expect(problems).toEqual([])
    socket.close()
    await clock.advance(10_000)
    expect([socket.readyState, clock.timers]).toEqual([3, 0])
  })

  it('does not overrun a slow handler', async () => {
    const { clock, server, socket, problems } = world({ welcome: { limits: { unacked: 16 } } })
    const heard: unknown[] = []
    socket.topic('a').on(async ({ data }) => {
      await new Promise<void>(resolve => clock.schedule(clock.now() + 100, resolve))
      heard.push(data)
    })
    await clock.advance(1_000)
    for (let n = 0; n < 200; n++) server.publish('a', n)
    await clock.advance(60_000)
    expect([heard.length, problems, socket.status.state]).toEqual([200, [], 'open'])
    socket.close()
    await clock.advance(10_000)
  })

  it('waits for a handler that takes longer than heartbeats do, on the same connection', async () => {
    const { clock, server, socket, problems } = world({ welcome: { limits: { unacked: 16 } } })
    const states: unknown[] = []
    socket.on('status', ({ state }) => states.push(state))
    let handled = 0
    socket.topic('a').on(async () => {
      await new Promise<void>(resolve => clock.schedule(clock.now() + 100_000, resolve))
      handled++
    })
    await clock.advance(1_000)
    for (let n = 0; n < 40; n++) server.publish('a', n)
    for (let at = 0; at < 5_000_000; at += 15_000) {
      await clock.advance(15_000)
      for (const stream of server.streams) if (!stream.gone) stream.say({ t: 'ping' })
    }
    expect([handled, problems]).toEqual([40, []])
    expect(new Set(states)).toEqual(new Set(['open']))
    socket.close()
    await clock.advance(10_000)
  })

  it('costs next to nothing while nothing happens', async () => {
    const { clock, server, socket } = world()
    socket.topic('a').on(() => {})
    await clock.advance(1_000)
    const before = server.heard.length
    for (let at = 0; at < 600_000; at += 15_000) {
      await clock.advance(15_000)
      for (const stream of server.streams) if (!stream.gone) stream.say({ t: 'ping' })
    }
    expect(socket.status.state).toBe('open')
    // Ten minutes: nothing but polls of 25 s.
    expect(server.heard.length - before).toBeLessThanOrEqual(make === sse ? 1 : 25)
    socket.close()
    await clock.advance(10_000)
  })
})
