/** What an app may send: what the platform's `send()` takes. */
export type Sendable = Parameters<WebSocket['send']>[0]

/** What a connection reports to whoever dialled it. Nothing is reported after `ended`, or after `drop()`. */
export interface Reports {
  connected(): void
  message(event: MessageEvent): void
  /** The browser says that it failed; `ended` follows. */
  erred(): void
  ended(code: number, reason: string, wasClean: boolean): void
}

/** What carries the traffic: a native WebSocket does, and other transports look like one. `close()` is polite: `ended` is reported once it has closed. */
export type Carrier = Pick<
  WebSocket,
  'url' | 'protocol' | 'extensions' | 'bufferedAmount' | 'readyState' | 'binaryType' | 'send' | 'close'
>

/** A connection of some transport: on its way up, open, or gone. */
export interface Connection {
  readonly carrier: Carrier
  /** Stops reporting, then closes in the background. A dead connection is never waited for. */
  drop(): void
}
