import type { Disconnect } from '../core/disconnect.ts'
import type { ResilientError } from '../core/resilient-error.ts'
import type { TransitionRecord } from '../core/trace.ts'
import type { Gap } from '../session/stream.ts'
import type { Status } from './status.ts'

/** An `open` event: fires for every connection that is ready, before the outbox is flushed. */
export interface ResilientOpenEvent extends Event {
  /** A connection was open before. */
  readonly reconnected: boolean
  /** Attempts since a connection was last stable. */
  readonly attempt: number
}

/** A `close` event: fires for every lost connection, with its real code, reason and `wasClean`. */
export interface ResilientCloseEvent extends CloseEvent {
  /** `false` exactly once in a life: when nothing more is tried. */
  readonly willReconnect: boolean
  /** The time to the next dial in ms; `null` when none is scheduled. */
  readonly retryInMs: number | null
  /** Who ended it, and what happens next. */
  readonly disconnect: Disconnect
}

/** The events of the WebSocket interface, as Holdfast dispatches them. */
export interface ResilientEventMap {
  open: ResilientOpenEvent
  message: MessageEvent
  error: Event
  close: ResilientCloseEvent
}

/** Messages that will not be sent, and why. */
export interface Discard {
  readonly messages: number
  readonly bytes: number
  /** The socket closed for good; the outbox was full; they waited too long; somebody else signed in; or they were volatile and could not be sent at once. */
  readonly why: 'closed' | 'overflow' | 'expired' | 'identity' | 'volatile'
}

/** Lifecycle events, for `socket.on()`. */
export type LifecycleEvents = {
  /** The status is another object now. */
  status: Status
  /** The machine made a step. */
  transition: TransitionRecord
  /** Another connection took over without a gap. */
  handover: { readonly connection: number }
  /** In a session: events were lost for good. Told before any event behind the gap. */
  gap: Gap
  /** Messages were given up. */
  discard: Discard
  /** Something of the app's failed (a provider, a policy, a handler) and was survived. Without a handler it goes to `reportError`. */
  problem: ResilientError
}

/** The realm's own class with extra properties: `event.constructor === CloseEvent` holds, as a native listener may expect. */
export function openEvent(reconnected: boolean, attempt: number): ResilientOpenEvent {
  return Object.assign(new Event('open'), { reconnected, attempt })
}

/** See {@link openEvent}. Node 20 has no CloseEvent. */
export function closeEvent(disconnect: Disconnect): Event {
  const { code, reason, wasClean, next } = disconnect
  const { CloseEvent } = globalThis
  return Object.assign(CloseEvent ? new CloseEvent('close', { code, reason, wasClean }) : new Event('close'), {
    ...(CloseEvent ? {} : { code, reason, wasClean }),
    willReconnect: next.type !== 'stop',
    retryInMs: next.type === 'retry' ? next.inMs : null,
    disconnect,
  })
}

/** The message again, with the socket as its target. */
export function messageEvent({ data, origin, lastEventId }: MessageEvent): MessageEvent {
  return new MessageEvent('message', lastEventId ? { data, origin, lastEventId } : { data, origin })
}
