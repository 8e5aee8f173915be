/** The server's end of a scripted connection. */
import type { Sendable } from '../transports/transport.ts'
import { type Payload, payloadOf } from './payload.ts'
import type { End, Far, Near } from './scripted-socket.ts'
import type { Timing } from './timing.ts'

/** One call of the WebSocket constructor. */
export interface ScriptedDial {
  /** 1 for the first dial to this server. */
  readonly number: number
  /** When the constructor was called, monotonic ms and epoch ms. */
  readonly at: number
  readonly wall: number
  readonly url: string
  /** The subprotocols asked for. */
  readonly protocols: readonly string[]
  /** How many earlier dials were still unanswered then. A browser keeps a handshake waiting behind such a one. */
  readonly unanswered: number
}

/** What the server knows of a connection: `dialling` until it answers, `ended` when either side has heard of the end. */
export type ScriptedState = 'dialling' | 'open' | 'ended'

/**
 * The server's end of one connection: what a behaviour acts through, and a test by hand. Everything that the client can
 * observe happens in a later task, in order, as it does over a network: `await clock.advance(0)` to see it.
 *
 * Acting on a connection in the wrong state throws an Error, because the test believes something that is not so.
 */
export interface ScriptedConnection {
  readonly dial: ScriptedDial
  readonly state: ScriptedState
  /** What the client has sent, in order; binary as bytes of their own. */
  readonly received: readonly Payload[]
  /** The client's close frame; `null` while none has arrived. `code` is 1005 when it carried none. */
  readonly closedByClient: { readonly code: number; readonly reason: string } | null
  /** Answers the handshake. @param protocol - The subprotocol selected. @defaultValue the first one asked for, else '' */
  accept(protocol?: string): void
  /** Fails the handshake, as a closed port or an HTTP error does: `error`, then `close` 1006. */
  refuse(): void
  /** Sends a message; buffers are copied. */
  send(data: Sendable): void
  /**
   * Sends a close frame: `close` with this code, clean. Without a code the client sees 1005.
   *
   * @throws RangeError for a code that no close frame can carry (1005, 1006, 1015, or outside 1000-4999).
   */
  close(code?: number, reason?: string): void
  /** Drops the TCP connection: `close` 1006, not clean; before the handshake is answered with an `error` first. */
  reset(): void
  /** Sends what is no WebSocket frame, so the browser fails the connection: `error`, then `close` 1006. */
  breakProtocol(): void
  /** From now on nothing passes in either direction, and nobody says so: half-open. `reset()` still ends it. */
  goSilent(): void
  /** Calls `fn` for every message of the client from now on. */
  heard(fn: (message: Payload) => void): void
  /** Calls `fn` in `ms`, unless the connection has ended by then. */
  after(ms: number, fn: () => void): void
}

/** Codes that say something about a connection and never travel in a frame [RFC 6455 §7.4.1]. */
const UNSENDABLE = [1005, 1006, 1015]

const BROKEN: End = { code: 1006, reason: '', wasClean: false, erred: false }
const FAILED: End = { ...BROKEN, erred: true }

/** Both directions of one connection. `halfOpenCloseMs`: how long the client waits for the answer to its close frame. */
export function scriptedConnection(
  dial: ScriptedDial,
  near: Near,
  { after }: Timing,
  halfOpenCloseMs: number,
): ScriptedConnection & Far {
  let state: ScriptedState = 'dialling'
  let silent = false
  let closedByClient: ScriptedConnection['closedByClient'] = null
  const inbox: Payload[] = []
  const hearers: ((message: Payload) => void)[] = []
  const pending = new Set<() => void>()

  const expect = (...states: readonly ScriptedState[]): void => {
    if (!states.includes(state)) throw new Error(`Connection ${dial.number} is ${state}, not ${states.join(' or ')}.`)
  }

  function later(ms: number, fn: () => void): void {
    const undo = after(ms, () => {
      pending.delete(undo)
      fn()
    })
    pending.add(undo)
  }

  function end(how: End, ms = 0): void {
    state = 'ended'
    for (const undo of pending) undo()
    pending.clear()
    after(ms, () => near.ended(how))
  }

  return {
    dial,
    get state() {
      return state
    },
    received: inbox,
    get closedByClient() {
      return closedByClient
    },
    accept(protocol = dial.protocols[0] ?? '') {
      expect('dialling')
      state = 'open'
      after(0, () => near.opened(protocol))
    },
    refuse() {
      expect('dialling')
      end(FAILED)
    },
    send(data) {
      expect('open')
      const payload = payloadOf(data)
      if (!silent) after(0, () => near.message(payload))
    },
    close(code, reason = '') {
      expect('open')
      if (code !== undefined && (UNSENDABLE.includes(code) || !(code >= 1000 && code < 5000))) {
        throw new RangeError(`A close frame cannot carry ${code}.`)
      }
      if (!silent) end({ code: code ?? 1005, reason, wasClean: true, erred: false })
    },
    reset() {
      expect('dialling', 'open')
      end(state === 'dialling' ? FAILED : BROKEN)
    },
    breakProtocol() {
      expect('open')
      end(FAILED)
    },
    goSilent() {
      expect('open')
      silent = true
    },
    heard(fn) {
      hearers.push(fn)
    },
    after: later,

    sent(payload, bytes) {
      after(0, () => {
        if (state === 'ended') return
        near.taken(bytes)
        if (silent) return
        inbox.push(payload)
        for (const hear of hearers) hear(payload)
      })
    },
    closed(code, reason) {
      if (silent) {
        later(halfOpenCloseMs, () => end(BROKEN))
        return
      }
      after(0, () => {
        if (state === 'ended') return
        closedByClient = { code: code ?? 1005, reason }
        end({ ...closedByClient, wasClean: true, erred: false })
      })
    },
    abandoned() {
      if (state !== 'ended') end(FAILED)
    },
  }
}
