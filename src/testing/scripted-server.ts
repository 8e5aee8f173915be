import type { Clock } from '../runtime/clock.ts'
import { accepts, type Behaviour } from './behaviours.ts'
import type { Payload } from './payload.ts'
import { type ScriptedConnection, type ScriptedDial, scriptedConnection } from './scripted-connection.ts'
import { type Connect, ScriptedSocket } from './scripted-socket.ts'
import { timing } from './timing.ts'

/** What a scripted server runs on. */
export interface ScriptedServerOptions {
  /**
   * The clock that the sockets under test have too. Without one it uses `setTimeout`, looked up at call time, so that
   * `vi.useFakeTimers()` and its like drive it (they take 1 ms for a task that a task makes, so allow a few ms more).
   *
   * @defaultValue none
   */
  readonly clock?: Clock
  /** How long a client's `close()` waits for the answer of a silent server, in ms. @defaultValue 60000, what Chromium does; Firefox waits 20 s */
  readonly halfOpenCloseMs?: number
}

/** A server without a network: every socket made with its `WebSocket` class talks to it. */
export interface ScriptedServer {
  /** The class to inject as `options.WebSocket`, or to put in place of the global one, or to give to another client. */
  readonly WebSocket: typeof WebSocket
  /** What it does with the dials to come. Set it when the server restarts, breaks or heals. */
  behaviour: Behaviour
  /** Every call of the constructor, in order. */
  readonly dials: readonly ScriptedDial[]
  /** The connection of every dial, in order. */
  readonly connections: readonly ScriptedConnection[]
  /** The connection of the last dial. @throws Error when nobody has dialled. */
  readonly latest: ScriptedConnection
  /** The connections that are open now. */
  readonly open: readonly ScriptedConnection[]
  /** What was received, connection by connection. */
  readonly received: readonly Payload[]
}

/**
 * A server as a script: it does with each connection what its behaviour says, and a test may act by hand through
 * `latest`. No I/O and no timers but its clock's. What a client can observe comes in the platform's order: CONNECTING,
 * then `open`; a failed dial is CLOSED before `error`, and `error` comes before `close`.
 *
 * The checks of the constructor and of `close()` are the standard's; mixed content, cookies and extensions do not exist.
 *
 * @param behaviour - What it does with a dial. Default: it accepts.
 */
export function scriptedServer(
  behaviour: Behaviour = accepts(),
  { clock, halfOpenCloseMs = 60_000 }: ScriptedServerOptions = {},
): ScriptedServer {
  const time = timing(clock)
  const connections: ScriptedConnection[] = []

  const connect: Connect = (near, url, protocols) => {
    const unanswered = connections.filter(({ state }) => state === 'dialling').length
    const number = connections.length + 1
    const dial: ScriptedDial = { number, at: time.now(), wall: time.wall(), url, protocols, unanswered }
    const connection = scriptedConnection(dial, near, time, halfOpenCloseMs)
    connections.push(connection)
    connection.after(0, () => server.behaviour(connection))
    return connection
  }

  const server: ScriptedServer = {
    behaviour,
    connections,
    WebSocket: class extends ScriptedSocket {
      constructor(url: string | URL, protocols: string | string[] = []) {
        super(url, protocols, connect)
      }
    },
    get dials() {
      return connections.map(({ dial }) => dial)
    },
    get latest() {
      const latest = connections.at(-1)
      if (!latest) throw new Error('Nobody has dialled this server.')
      return latest
    },
    get open() {
      return connections.filter(({ state }) => state === 'open')
    },
    get received() {
      return connections.flatMap(({ received }) => received)
    },
  }
  return server
}
