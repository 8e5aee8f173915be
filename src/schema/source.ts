import type { Message, SendOptions } from '../client/sending.ts'

/** What a message arrives in: a `MessageEvent` has this shape, and so has what a topic gives to its handlers. */
export interface Arrival {
  readonly data: unknown
}

/** What sends and receives values: a topic of a session, or an object of yours. `handler` may be async: whoever calls it may wait for it, and be told that it failed. */
export interface Topic<E extends Arrival = Arrival, Rest extends readonly unknown[] = [], Sent = unknown> {
  /** The result stops it. */
  on(handler: (arrival: E) => unknown): () => void
  send(value: unknown, ...rest: Rest): Sent
}

/** What the platform's `send()` takes. */
export type Sendable = Parameters<WebSocket['send']>[0]

/** What sends and receives text and bytes: a `ResilientWebSocket`, a native `WebSocket`, or what looks like one. */
export interface Socket {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void
  send(data: Sendable): void
}

/** A socket that takes options with a message, as `ResilientWebSocket` does. */
export interface SocketWithOptions extends Socket {
  send(data: Sendable): void
  send(data: Sendable, options: SendOptions): Message
}

/** A `message` event of a session: the position moves when that has settled. */
interface Extendable {
  waitUntil(settled: PromiseLike<unknown>): void
}

function isExtendable(event: object): event is Extendable {
  return 'waitUntil' in event && typeof event.waitUntil === 'function'
}

/** A socket, as a topic of what it sends and receives. `failed` is told of a handler that did, where nobody else is. */
export function topicOf(socket: Socket, failed: (cause: unknown) => void): Topic<MessageEvent, readonly unknown[]> {
  return {
    on: handler => {
      const hear = (event: MessageEvent): void => {
        const settled = handler(event)
        if (!(settled instanceof Promise)) return
        if (isExtendable(event)) event.waitUntil(settled)
        else settled.catch(failed)
      }
      socket.addEventListener('message', hear)
      return () => socket.removeEventListener('message', hear)
    },
    // Whatever `serialize` gives is for the platform to take or to refuse.
    send: (...given) => Reflect.apply(socket.send, socket, given),
  }
}

export function isSocket(source: Socket | Topic): source is Socket {
  return 'addEventListener' in source
}
