/** What a server does with a connection, each named so. A behaviour is a function: write your own the same way. */
import type { ScriptedConnection } from './scripted-connection.ts'

/** What the server does with one dial. Called in a task of its own, after the constructor has returned. */
export type Behaviour = (connection: ScriptedConnection) => void

/** When a server does what it does. */
export interface After {
  /** How long after the dial, or for what happens to an open connection, after it was accepted, in ms. @defaultValue 0 */
  readonly afterMs?: number
}

/** How a server closes. */
export interface Closing extends After {
  /** The code of the close frame. @defaultValue none is sent, and the client sees 1005 */
  readonly code?: number
  /** @defaultValue '' */
  readonly reason?: string
}

/** Accepts, and stays. */
export function accepts({ afterMs = 0 }: After = {}): Behaviour {
  return connection => connection.after(afterMs, () => connection.accept())
}

/** Refuses the handshake, as a closed port, a 401 and a 502 do: a browser tells them apart for nobody. */
export function refuses({ afterMs = 0 }: After = {}): Behaviour {
  return connection => connection.after(afterMs, () => connection.refuse())
}

/** Never answers the dial. */
export function hangs(): Behaviour {
  return () => {}
}

/** Accepts, and closes after `afterMs` with a close frame. */
export function closes({ code, reason, afterMs = 0 }: Closing = {}): Behaviour {
  return acceptsAndThen(afterMs, connection => connection.close(code, reason))
}

/** Accepts, and after `afterMs` the TCP connection breaks: the client sees 1006. */
export function resets({ afterMs = 0 }: After = {}): Behaviour {
  return acceptsAndThen(afterMs, connection => connection.reset())
}

/** Accepts, and after `afterMs` nothing passes any more, and nobody says so: half-open. */
export function goesSilent({ afterMs = 0 }: After = {}): Behaviour {
  return acceptsAndThen(afterMs, connection => connection.goSilent())
}

/** Accepts, and sends every message back. */
export function echoes(): Behaviour {
  return connection => {
    connection.accept()
    connection.heard(message => connection.send(message))
  }
}

/** How a server answers pings. */
export interface Answering extends After {
  /** What it takes for a ping. @defaultValue 'ping' */
  readonly ping?: string
  /** What it answers. @defaultValue 'pong' */
  readonly pong?: string
}

/** Accepts, and answers every ping `afterMs` later. */
export function answers({ ping = 'ping', pong = 'pong', afterMs = 0 }: Answering = {}): Behaviour {
  return connection => {
    connection.accept()
    connection.heard(message => {
      if (message === ping) connection.after(afterMs, () => connection.send(pong))
    })
  }
}

/** One behaviour per dial to the server, in order; the last one for all that follow. */
export function sequence(...behaviours: readonly [Behaviour, ...Behaviour[]]): Behaviour {
  return connection => {
    const { number } = connection.dial
    const behaviour = behaviours[Math.min(number, behaviours.length) - 1]
    behaviour?.(connection)
  }
}

function acceptsAndThen(ms: number, act: Behaviour): Behaviour {
  return connection => {
    connection.accept()
    connection.after(ms, () => act(connection))
  }
}
