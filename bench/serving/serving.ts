import type { Server } from 'node:http'

/** A server that is measured. */
export interface Serving {
  /** One event to everybody who listens. */
  publish(event: object): void
}

/** Puts a server on an http server, as its quick start does. */
export type Serve = (http: Server) => Serving

/** What comes back on one connection. */
export interface Heard {
  /** A message was answered: in the order in which they were sent. */
  answered(): void
  /** An event came, which was published then. */
  event(at: number): void
}

/** One connection that is open and listens to events. */
export interface Dialled {
  /** Sends one message, a JSON text, which is answered. */
  send(message: string): void
}

/**
 * Dials, and resolves when the server will answer. All of them are a bare `ws` and as much of the protocol as a well-behaved
 * client must speak, so that the load costs the same whatever the server is.
 */
export type Dial = (port: number, heard: Heard) => Promise<Dialled>

/** Monotonic ms, the same in all processes of a machine. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000

/** The moment that a published event says. */
export function published(event: unknown): number {
  if (typeof event === 'object' && event && 'at' in event && typeof event.at === 'number') return event.at
  throw new Error(`Expected an event with \`at\`, got ${JSON.stringify(event)}.`)
}
