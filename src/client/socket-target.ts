import type { ResilientEventMap } from './events.ts'
import type { ResilientWebSocket } from './resilient-web-socket.ts'

type EventType = keyof ResilientEventMap

/** EventTarget with the events of a socket in its types. */
export interface SocketTarget extends EventTarget {
  addEventListener<K extends EventType>(
    type: K,
    listener: (this: ResilientWebSocket, event: ResilientEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void
  removeEventListener<K extends EventType>(
    type: K,
    listener: (this: ResilientWebSocket, event: ResilientEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void
}

/** As a base class. */
export const Target: new () => SocketTarget = EventTarget
