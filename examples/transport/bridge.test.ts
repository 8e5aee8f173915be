import { refuses, scriptedServer, type TransportUnderTest, transportChecks, virtualClock } from 'holdfast/testing'
import { describe, it } from 'vitest'
import { type Bridge, bridged, type FromMain } from './bridge.ts'

/** The main process, with a server that does what a check wants. */
function underTest(): TransportUnderTest {
  const clock = virtualClock()
  const server = scriptedServer(undefined, { clock })
  const pages = new Map<number, (message: FromMain) => void>()
  const sockets = new Map<number, WebSocket>()
  // Between two processes everything takes a moment.
  const later = (fn: () => void): void => void clock.schedule(clock.now(), fn)

  const bridge: Bridge = {
    listen(number, told) {
      pages.set(number, told)
      return () => pages.delete(number)
    },
    send: (number, message) =>
      later(() => {
        const tell = (said: FromMain): void => later(() => pages.get(number)?.(said))
        const socket = sockets.get(number)
        if (message.type === 'dial') {
          const dialled = new server.WebSocket(message.url, [...message.protocols])
          sockets.set(number, dialled)
          dialled.onopen = () => tell({ type: 'open', protocol: dialled.protocol })
          dialled.onmessage = ({ data }) => tell({ type: 'message', data })
          dialled.onclose = ({ code, reason, wasClean }) => tell({ type: 'close', code, reason, wasClean })
        } else if (message.type === 'send') {
          socket?.send(message.data)
          tell({ type: 'sent', bytes: new TextEncoder().encode(message.data).length })
        } else socket?.close(message.code, message.reason)
      }),
  }
  return {
    clock,
    transport: bridged(bridge),
    request: {
      url: 'wss://feed.example/',
      protocols: [],
      binaryType: 'blob',
      token: undefined,
      clock,
      WebSocket: undefined,
      report: () => {},
    },
    message: n => `down ${n}`,
    sent: n => `up ${n}`,
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

describe('a carrier over a bridge', () => {
  for (const { name, run } of transportChecks) it(name, () => run(underTest))
})
