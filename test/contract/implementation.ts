/** A class with the shape of the platform's. */
export type WebSocketClass = typeof WebSocket

/** One WebSocket under test: a class, and how an app with one configuration of it constructs a socket. */
export interface Implementation {
  /** For reports and for `deviations.ts`. Chapters never see it. */
  readonly name: ImplementationName
  /** The class itself; the interface shape is tested on it. */
  readonly Class: WebSocketClass
  /** How long to wait for what may never come, in ms; Vitest's own patience where it is left out. */
  readonly patienceMs?: number
  /** `new Class(...args)` plus whatever this configuration appends; a subclass may take the place of the class. */
  construct(args: readonly unknown[], Subclass?: WebSocketClass): WebSocket
}

export type ImplementationName = 'native' | 'ours without reconnect and outbox' | 'ours with defaults' | 'naive'

/** How tests start the same implementation in other realms. */
export interface Realms {
  startWorker(): Worker
  /** Module script that answers `realms/conversation.ts` in a page. */
  readonly pageScript: string
}
