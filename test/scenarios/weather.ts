import type { Behaviour, ScriptedConnection } from '../../src/testing/index.ts'

/** A line between a client and a scripted server: in order, and late. */
export interface Line {
  /** Delivers to the server, and back, after so many ms each way, drawn per message. */
  delayMs(now: number): number
}

/** Retransmission timeouts of TCP: from 200 ms (the minimum of Linux), doubled each time [RFC 6298 §5.5]. */
const FIRST_RTO_MS = 200

/** How long a segment takes when that share of all of them is lost: until it gets through, behind its timeouts. */
export function lossDelay(rate: number, chance: () => number): number {
  let waitedMs = 0
  for (let timeout = FIRST_RTO_MS; chance() < rate; timeout *= 2) waitedMs += timeout
  return waitedMs
}

/** Chance that can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

/**
 * A server behind a line: `heard` is called when a message has crossed it, and what it sends crosses it back. Nothing
 * overtakes anything, as on one TCP connection.
 */
export function behind(line: Line, now: () => number, serve: (far: Far) => void): Behaviour {
  return connection => {
    connection.accept()
    const up = inOrder(connection, line, now)
    const down = inOrder(connection, line, now)
    serve({
      connection,
      heard: fn => connection.heard(message => up(() => fn(message))),
      send: message => down(() => connection.send(message)),
    })
  }
}

/** The server's end of a line. */
export interface Far {
  readonly connection: ScriptedConnection
  heard(fn: (message: unknown) => void): void
  send(message: string): void
}

function inOrder(connection: ScriptedConnection, { delayMs }: Line, now: () => number): (fn: () => void) => void {
  let freeAt = 0
  return fn => {
    freeAt = Math.max(freeAt, now() + delayMs(now()))
    connection.after(freeAt - now(), fn)
  }
}
