// Why the recipes lend connections: what becomes of a client that is given the class itself.
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { createClient } from 'graphql-ws'
import { type Options, ResilientWebSocket } from 'holdfast'
import { type Payload, type ScriptedServer, scriptedServer, sequence } from 'holdfast/testing'
import { Socket } from 'phoenix'
import { webSocket } from 'rxjs/webSocket'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import { alone } from './alone.ts'
import { type ClientName, speaks } from './servers/scripted.ts'
import type { AppRouter } from './servers/trpc.ts'

const ADDRESS = 'wss://api.example.com/socket'
const LONGEST_TIMER_MS = 2 ** 31 - 1

beforeEach(() => {
  vi.useFakeTimers()
  // The middle of every window.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** The class with options, as one hands it to a client: no cast. */
function classWith(options: Options): typeof WebSocket {
  return class extends ResilientWebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, options)
    }
  }
}

/** Restarts every 10 s, twice. */
function restarts(client: ClientName): ScriptedServer {
  const restart = speaks(client, connection => connection.close(1012), 10_000)
  return scriptedServer(sequence(restart, restart, speaks(client)))
}

/** What a client has told a server that restarts twice, connection by connection. */
async function told(client: ClientName, start: (WebSocket: typeof globalThis.WebSocket) => void): Promise<Payload[][]> {
  const server = restarts(client)
  start(classWith({ WebSocket: server.WebSocket }))
  await vi.advanceTimersByTimeAsync(60_000)
  vi.clearAllTimers()
  return server.connections.map(({ received }) => [...received])
}

describe('a client that is given the class, while both reconnect', () => {
  it.each([
    ['graphql-ws', 2],
    ['tRPC', 2],
    ['rxjs', 2],
    // These close the old socket when they make another, which ends it for good: only they reconnect then.
    ['y-websocket', 1],
    ['Phoenix', 1],
  ] as const)('has after one restart, with %s, so many sockets: %i', async (client, sockets) => {
    const restart = speaks(client, connection => connection.close(1012), 10_000)
    const server = scriptedServer(sequence(restart, speaks(client)))
    const stop = alone[client](ADDRESS, classWith({ WebSocket: server.WebSocket }))
    await vi.advanceTimersByTimeAsync(40_000)
    expect(server.open).toHaveLength(sockets)
    stop()
    await vi.advanceTimersByTimeAsync(40_000)
    // The client knows only of its own.
    expect(server.open).toHaveLength(sockets - 1)
    vi.clearAllTimers()
  })
})

describe('a client that is given the class, and does not reconnect itself,', () => {
  const ignored = { next() {}, error() {}, complete() {} }

  it('does not subscribe again, with graphql-ws', async () => {
    const [first, second] = await told('graphql-ws', webSocketImpl => {
      createClient({ url: ADDRESS, webSocketImpl, retryAttempts: 0 }).subscribe({ query: '{ text }' }, ignored)
    })
    expect(first).toEqual(['{"type":"connection_init"}', expect.stringContaining('"type":"subscribe"')])
    expect(second).toEqual(['{"type":"connection_init"}'])
  })

  it('does not subscribe again, with tRPC', async () => {
    const [first, second] = await told('tRPC', WebSocket => {
      const client = createWSClient({ url: ADDRESS, WebSocket, retryDelayMs: () => LONGEST_TIMER_MS })
      createTRPCClient<AppRouter>({ links: [wsLink({ client })] }).text.subscribe(undefined, {})
    })
    expect(first).toEqual([expect.stringContaining('"method":"subscription"')])
    expect(second).toEqual([])
  })

  it('joins again once and never more, with Phoenix', async () => {
    const connections = await told('Phoenix', transport => {
      const socket = new Socket(ADDRESS, { transport, reconnectAfterMs: () => LONGEST_TIMER_MS })
      socket.connect()
      socket.channel('room:42').join()
    })
    const joins = connections.map(received => received.filter(message => `${message}`.includes('phx_join')).length)
    // It takes one `close` of a socket for the last.
    expect(joins).toEqual([1, 1, 0])
  })

  it('ends it at the first drop, with y-websocket', async () => {
    const connections = await told('y-websocket', WebSocketPolyfill => {
      new WebsocketProvider(ADDRESS, 'room', new Doc(), { WebSocketPolyfill, shouldReconnect: () => false })
    })
    expect(connections).toHaveLength(1)
  })

  it('hears nothing more, with rxjs', async () => {
    const heard: string[] = []
    const [, second] = await told('rxjs', WebSocketCtor => {
      const subject = webSocket({ url: ADDRESS, WebSocketCtor })
      subject.subscribe({ complete: () => heard.push('complete') })
      subject.next('subscribe')
    })
    expect(heard).toEqual(['complete'])
    expect(second).toEqual([])
  })
})

describe('a client that is given the class with `reconnect: false`', () => {
  it.each(['graphql-ws', 'y-websocket', 'tRPC', 'Phoenix', 'rxjs'] as const)(
    'has one socket, and leaves none behind, with %s',
    async client => {
      const server = restarts(client)
      const once = classWith({ WebSocket: server.WebSocket, reconnect: false, outbox: false })
      const stop = alone[client](ADDRESS, once)
      await vi.advanceTimersByTimeAsync(40_000)
      expect([server.dials.length, server.open.length]).toEqual([3, 1])
      stop()
      await vi.advanceTimersByTimeAsync(40_000)
      expect([server.dials.length, server.open.length, vi.getTimerCount()]).toEqual([3, 0, 0])
    },
  )
})
