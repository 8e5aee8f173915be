import type { Outgoing } from './outgoing.ts'

/** What carries the frames of one connection. */
export interface Wire {
  /** Bytes that wait for the other side. */
  readonly buffered: number
  send(frame: Outgoing): void
  /** Ends it: politely, and after 5 s in any case. */
  end(code: number, reason: string): void
  /** Stops reading, so that the other side must wait. */
  pause(): void
  resume(): void
}

/** How a connection stands to its wire. */
export interface Receiver {
  receive(frame: Buffer, binary: boolean): void
  /** Life that is no frame of ours: a ping of the WebSocket. `false`: too many. */
  heard(): boolean
  /** Something was written out. */
  flushed(): void
  /** The other side ended it, or the network did. */
  lost(code: number, reason: string, by: 'client' | 'network' | 'server'): void
}
