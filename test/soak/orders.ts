// What a node of the soak is told by whoever started it, and what it tells.

/** How a node is started. */
export interface NodeSetting {
  readonly port: number
  /** The socket of its Redis. */
  readonly redis: string
  /** Events that a topic keeps. */
  readonly maxEvents: number
  readonly heartbeatMs: number
}

export type Order =
  /** Send a close frame with that code to the newest connection of that client, and end it. */
  | { readonly t: 'cut'; readonly client: string; readonly code: number }
  /** Accept nothing any more, so that another one may take the port; ask everybody to go; end. */
  | { readonly t: 'leave'; readonly withinMs: number }

export type Told =
  | { readonly t: 'listening' }
  | { readonly t: 'opened'; readonly conn: string; readonly line: string }
  | { readonly t: 'closed'; readonly conn: string; readonly line: string }
  /** The port is free. */
  | { readonly t: 'left' }

const TYPES: readonly unknown[] = ['cut', 'leave', 'listening', 'opened', 'closed', 'left']

/** Both sides are of one build, so the type says it all. */
export function isOf<T extends Order | Told>(message: unknown): message is T {
  return typeof message === 'object' && message !== null && 't' in message && TYPES.includes(message.t)
}
