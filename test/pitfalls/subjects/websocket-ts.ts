import { ArrayQueue, ConstantBackoff, Websocket, WebsocketEvent } from 'websocket-ts'
import { type Client, type Seen, type Subject, URL_OF_SERVER } from '../subject.ts'
import { roomOf } from './drop-in.ts'

const RETRY_MS = 1_000
const ENDLESS = 10_000

type Sendable = string | ArrayBufferLike | Blob | ArrayBufferView

/** Its own queue, which notices a flush that does not end: nothing else would stop that. */
class CountedQueue extends ArrayQueue<Sendable> {
  private reads = 0

  override read(): Sendable | undefined {
    if (++this.reads > ENDLESS) throw new Error('A flush without end.')
    return super.read()
  }
}

/** By default it does not reconnect and keeps nothing; these are the options of its quickstart. */
export const websocketTs: Subject = {
  name: 'websocket-ts',
  package: 'websocket-ts',
  about: 'a queue and a constant backoff of 1 s, as in its quickstart; `instantReconnect` where that is the point',
  open({ url = URL_OF_SERVER, protocols, maxAttempts, instantly = false } = {}) {
    if (typeof url !== 'string') throw new Error('Its url is text.')
    const socket = new Websocket(url, protocols ?? undefined, {
      buffer: new CountedQueue(),
      retry: {
        backoff: new ConstantBackoff(RETRY_MS),
        instantReconnect: instantly,
        ...(maxAttempts !== undefined && { maxRetries: maxAttempts }),
      },
    })
    const wrapped = new Map<(event: Seen) => void, (socket: Websocket, event: Event) => void>()
    const client: Client = {
      get readyState() {
        return socket.readyState
      },
      get url() {
        return socket.url
      },
      get binaryType() {
        return socket.binaryType
      },
      set binaryType(type) {
        socket.binaryType = type
      },
      send: data => socket.send(data),
      close: (code, reason) => socket.close(code, reason),
      // Its own close() is for good.
      reconnect: () => socket.underlyingWebsocket.close(),
      listen(type, listener) {
        const own = (_: Websocket, event: Event): void => listener(event)
        wrapped.set(listener, own)
        socket.addEventListener(WebsocketEvent[type], own)
      },
      unlisten(type, listener) {
        const own = wrapped.get(listener)
        if (own) socket.removeEventListener(WebsocketEvent[type], own)
      },
    }
    return Object.assign(client, { join: roomOf(client) })
  },
}
