import type { Outgoing } from './outgoing.ts'

/** A WebSocket, or what a request over HTTP asks for. */
export type Transport = 'websocket' | 'stream' | 'poll' | 'send'

/** What is counted together: who listens, and who only sends. A page that listens over HTTP needs one of each. */
export type Lane = 'down' | 'up'

export function laneOf(transport: Transport): Lane {
  return transport === 'send' ? 'up' : 'down'
}

/** A request that is answered and over, in a moment: no line and no lifetime is told of each. */
export function isBrief(transport: Transport): boolean {
  return transport === 'poll' || transport === 'send'
}

/** What carries the frames of one connection. */
export interface Wire {
  readonly transport: Transport
  /** Bytes that wait for the other side. */
  readonly buffered: number
  /** So many may wait before events are held back, where the limits allow more. */
  readonly mostBuffered: number
  send(frame: Outgoing): void
  /** Ends it: politely, and after a while in any case. */
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
