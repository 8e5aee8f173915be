// The same clients without Holdfast, with whatever their makers offer against dead links turned on: to compare with.
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { createClient } from 'graphql-ws'
import { Socket } from 'phoenix'
import { repeat, retry } from 'rxjs'
import { webSocket } from 'rxjs/webSocket'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import type { ClientName } from './servers/scripted.ts'
import type { AppRouter } from './servers/trpc.ts'

type Follow = (url: string, WebSocket: typeof globalThis.WebSocket, keepAlive?: boolean) => () => void

export const alone: Readonly<Record<ClientName, Follow>> = {
  'graphql-ws'(url, WebSocket, keepAlive = true) {
    const client = createClient({ url, webSocketImpl: WebSocket, keepAlive: keepAlive ? 10_000 : 0 })
    const ignored = { next() {}, error() {}, complete() {} }
    return client.subscribe({ query: 'subscription { text }' }, ignored)
  },
  'y-websocket'(url, WebSocket) {
    const provider = new WebsocketProvider(url, 'room', new Doc(), { WebSocketPolyfill: WebSocket })
    return () => {
      provider.destroy()
      provider.doc.destroy()
    }
  },
  tRPC(url, WebSocket, keepAlive = true) {
    const client = createWSClient({ url, WebSocket, keepAlive: { enabled: keepAlive } })
    createTRPCClient<AppRouter>({ links: [wsLink({ client })] }).text.subscribe(undefined, {})
    return () => void client.close()
  },
  Phoenix(url, WebSocket) {
    const socket = new Socket(url, { transport: WebSocket })
    socket.connect()
    socket.channel('room:42').join()
    return () => socket.disconnect()
  },
  rxjs(url, WebSocket) {
    const subject = webSocket({ url, WebSocketCtor: WebSocket })
    const subscription = subject.pipe(retry(), repeat()).subscribe()
    return () => subscription.unsubscribe()
  },
}
