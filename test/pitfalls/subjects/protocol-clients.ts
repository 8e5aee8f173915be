/** Clients with a protocol of their own: what they do about connections is to be seen all the same. */
import { createWSClient } from '@trpc/client'
import { createClient } from 'graphql-ws'
import mitt from 'mitt'
import { WebSocket as MockWebSocket } from 'mock-socket'
import { Socket } from 'phoenix'
import { type Subject, URL_OF_SERVER } from '../subject.ts'

const KEEP_ALIVE_MS = 10_000

export const graphqlWs: Subject = {
  name: 'graphql-ws',
  package: 'graphql-ws',
  about: '`lazy: false`; `keepAlive` of 10 s where a heartbeat is the point',
  pings: { ping: '{"type":"ping"}', pong: '{"type":"pong"}' },
  speaks(connection) {
    connection.heard(message => {
      if (`${message}`.includes('connection_init')) connection.send('{"type":"connection_ack"}')
    })
  },
  open({ heartbeat } = {}) {
    let socket: WebSocket | undefined
    const client = createClient({
      url: URL_OF_SERVER,
      webSocketImpl: WebSocket,
      lazy: false,
      onNonLazyError: () => {},
      ...(heartbeat && { keepAlive: KEEP_ALIVE_MS }),
      on: {
        opened(opened) {
          if (opened instanceof WebSocket) socket = opened
        },
      },
    })
    return {
      get readyState() {
        return socket?.readyState ?? 0
      },
      send: data => socket?.send(data),
      close: () => client.dispose(),
    }
  },
}

export const trpc: Subject = {
  name: '@trpc/client',
  package: '@trpc/client',
  about: 'its defaults; `keepAlive` enabled where a heartbeat is the point',
  pings: { ping: 'PING', pong: 'PONG' },
  open({ heartbeat = false } = {}) {
    const client = createWSClient({ url: URL_OF_SERVER, WebSocket, keepAlive: { enabled: heartbeat } })
    return {
      get readyState() {
        return client.connection?.ws.readyState ?? 0
      },
      send: data => client.connection?.ws.send(data),
      close: () => client.close(),
    }
  },
}

function phoenixWith(name: string, about: string, options: ConstructorParameters<typeof Socket>[1]): Subject {
  return {
    name,
    package: 'phoenix',
    about,
    open({ provider } = {}) {
      const socket = new Socket(URL_OF_SERVER, { transport: WebSocket, ...options })
      if (provider) void provider().then(({ token }) => Object.assign(socket, { authToken: () => token }).connect())
      else socket.connect()
      return {
        get readyState() {
          return ['connecting', 'open', 'closing', 'closed'].indexOf(socket.connectionState())
        },
        send: data => socket.push({ topic: 'app', event: 'message', payload: { data } }),
        close: () => socket.disconnect(),
      }
    },
  }
}

export const phoenix = phoenixWith('phoenix', 'its defaults', {})

/** With its fall back to long polling, as a generated Phoenix app has it. */
export const phoenixWithFallback = phoenixWith('phoenix, with long polling', '`longPollFallbackMs: 2500`', {
  longPollFallbackMs: 2_500,
})

/** What a test tool says of a server that is not there. */
export const mockSocket: Subject = {
  name: 'mock-socket',
  package: 'mock-socket',
  about: 'its class, and no server',
  open() {
    const socket = new MockWebSocket(URL_OF_SERVER)
    return {
      get readyState() {
        return socket.readyState
      },
      send: data => socket.send(data),
      close: () => socket.close(),
      listen: (type, listener) => socket.addEventListener(type, listener),
    }
  },
}

/** A client whose lifecycle events are mitt as it is. */
export const mittAlone: Subject = {
  name: 'mitt',
  package: 'mitt',
  about: 'as it is, for the lifecycle events of a client',
  open() {
    const emitter = mitt<{ status: string }>()
    const socket = new WebSocket(URL_OF_SERVER)
    socket.onopen = () => emitter.emit('status', 'open')
    socket.onclose = () => emitter.emit('status', 'closed')
    return {
      get readyState() {
        return socket.readyState
      },
      send: data => socket.send(data),
      close: () => socket.close(),
      on: handler => emitter.on('status', handler),
    }
  },
}
