import { describe, expect, it } from 'vitest'
import {
  hangs,
  refuses,
  scriptedServer,
  type TransportUnderTest,
  transportChecks,
  virtualClock,
} from '../../src/testing/index.ts'
import { polling } from '../../src/transports/polling.ts'
import { sse } from '../../src/transports/sse.ts'
import { dialWebSocket } from '../../src/transports/websocket.ts'
import { dialRequest, hello } from '../transports/heard-carrier.ts'
import { HttpSessionServer } from '../transports/http-session-server.ts'

function overWebSocket(): TransportUnderTest {
  const clock = virtualClock()
  const server = scriptedServer(undefined, { clock })
  return {
    clock,
    request: dialRequest(clock, { protocols: [] }),
    transport: {
      name: 'websocket',
      dial: ({ url, binaryType }) => dialWebSocket(url, [], server.WebSocket, binaryType),
    },
    message: n => `m${n}`,
    sent: n => `s${n}`,
    server: {
      get received() {
        return server.received.map(String)
      },
      say: message => server.latest.send(message),
      close: (code, reason) => server.latest.close(code, reason),
      reset: () => server.latest.reset(),
      refuse: () => {
        server.behaviour = refuses()
      },
    },
  }
}

function inSession(make: typeof sse | typeof polling): TransportUnderTest {
  const clock = virtualClock()
  const server = new HttpSessionServer({ clock })
  const tell = (frame: object): void => {
    for (const listener of [...server.streams, ...server.polls]) listener.say(frame)
  }
  return {
    clock,
    request: dialRequest(clock),
    transport: make({ fetch: server.fetch }),
    message: n => JSON.stringify({ t: 'goaway', afterMs: n, spreadMs: 0 }),
    sent: n => JSON.stringify({ t: 'msg', id: `c1-${n + 1}`, topic: 'elsewhere', data: n }),
    greet: carrier => carrier.send(JSON.stringify(hello())),
    server: {
      get received() {
        return server.stored.map(frame => JSON.stringify(frame))
      },
      say: message => tell(JSON.parse(message)),
      close: (code, reason) => tell({ t: 'close', code, reason }),
      reset() {
        if (server.streams.length) server.stream.reset()
        for (const poll of server.polls) poll.reset?.()
      },
      refuse: () => {
        server.options.instead = () => {
          throw new TypeError('no network')
        }
      },
    },
  }
}

describe.each([
  ['a WebSocket', overWebSocket],
  ['an event stream', () => inSession(sse)],
  ['long polling', () => inSession(polling)],
])('a carrier over %s', (_, make) => {
  it.each(transportChecks.map(check => [check.name, check] as const))('%s', (_name, check) => check.run(make))
})

describe('the checks of a transport', () => {
  it('find a carrier that keeps none of the promises', async () => {
    const broken = (): TransportUnderTest => {
      const it = overWebSocket()
      const carrier = { readyState: 1, bufferedAmount: 0, send: () => {}, close: () => {} }
      return {
        ...it,
        transport: { name: 'broken', dial: () => Object.assign(it.transport.dial(it.request), {}) && Object(carrier) },
      }
    }
    const kept: string[] = []
    for (const check of transportChecks) {
      await check.run(broken).then(
        () => kept.push(check.name),
        error => expect(error.message).toMatch(/^Expected /),
      )
    }
    expect(kept).toEqual([])
  })

  it('say what was found instead', async () => {
    const never = (): TransportUnderTest => {
      const it = overWebSocket()
      const { WebSocket } = scriptedServer(hangs(), { clock: it.clock })
      return { ...it, transport: { name: 'never', dial: ({ url }) => dialWebSocket(url, [], WebSocket) } }
    }
    const check = transportChecks.find(({ name }) => name.startsWith('opens once'))
    await expect(check?.run(never)).rejects.toThrow('Expected events once it is open to be ["open in 1"], got [].')
  })
})
