import type { Ending } from '../core/disconnect.ts'
import type { FallBackReason, MachineEvent } from '../core/event.ts'
import type { Answer } from '../core/rules.ts'
import type { MachineState } from '../core/state.ts'
import type { TransitionRecord } from '../core/trace.ts'
import type { WebSocketConstructor } from './websocket.ts'

/** What an app may send: what the platform's `send()` takes. */
export type Sendable = Parameters<WebSocket['send']>[0]

/**
 * What carries the traffic: a native WebSocket does, and other transports look like one. It reports through its `on*`
 * attributes, in this order: `open`, any number of `message`, then `close`, with `error` before it where the connection
 * failed. Nothing is reported before it was returned, and nothing after `close`.
 */
export interface Carrier extends Platform {
  onopen: ((event: Event) => unknown) | null
  onmessage: ((event: MessageEvent) => unknown) | null
  onerror: ((event: Event) => unknown) | null
  onclose: ((event: CloseEvent) => unknown) | null
  /** It only listens: what is sent waits for a transport that takes it. */
  readonly readOnly?: boolean
  /** Index of the transport that turned out to be first, where several were tried side by side. */
  readonly transport?: number | undefined
}

type Platform = Pick<
  WebSocket,
  'url' | 'protocol' | 'extensions' | 'bufferedAmount' | 'readyState' | 'binaryType' | 'send' | 'close'
>

/** `readyState` of a carrier that takes messages [WHATWG WebSockets §3]. */
export const OPEN = 1

/** What waits in a carrier, in bytes; 0 where the class does not say (React Native's has no such attribute) or throws. */
export function bufferedBy(carrier: Carrier | undefined): number {
  try {
    return carrier?.bufferedAmount || 0
  } catch {
    return 0
  }
}

/** A carrier says so last. */
export function isClose(event: Event): event is CloseEvent {
  return event.type === 'close'
}

// The `ws` package emits `error` for a socket closed while connecting, and an error that nobody listens to ends the process.
const ignore = (): void => {}

/** Whether something can carry: no more is looked at, for sockets of other realms and packages. */
export function isCarrier(made: unknown): made is Carrier {
  return made instanceof Object && 'send' in made
}

/** Stops listening to a carrier, for good. */
export function detach(carrier: Carrier): void {
  try {
    carrier.onopen = carrier.onmessage = carrier.onclose = null
    carrier.onerror = ignore
  } catch {
    // Whatever it still says is about a connection that is gone.
  }
}

/** What a dial is made with. */
export interface DialRequest {
  /** As the app gave it, or its function: relative, `http:` and `ws:` are as good as one another. */
  readonly url: string | URL
  /** The subprotocols to ask for; with a session `holdfast.v1` is among them, and the first frame sent will be `hello`. */
  readonly protocols: string | readonly string[]
  readonly binaryType: BinaryType
  /** The credential, where there is one. Never part of the URL. */
  readonly token: string | undefined
  readonly clock: {
    /** Monotonic ms. */
    now(): number
    /** Calls back at that instant, or a little later; returns how to cancel it. */
    schedule(at: number, callback: () => void): () => void
    /** Uniform in [0, 1). */
    roll(): number
  }
  /** Stands for the socket: the same for all its dials, so that a transport may keep in a WeakMap where it was. */
  readonly socket?: object
  /** The WebSocket class, looked up now. */
  readonly WebSocket: WebSocketConstructor | undefined
  /** Tells the app of what is wrong and ends nothing. */
  report(error: unknown): void
}

/** A way to connect: what `websocket()`, `sse()` and `polling()` give, for the option `transports`. docs/write-a-transport.md says how to make one. */
export interface Transport {
  /** In the status, in records and log lines. */
  readonly name: string
  /** Makes a connection. What it throws, or a carrier that closes before it opened, is a failed attempt. */
  dial(request: DialRequest): Carrier
  /** Whether the server answers this way, asked without disturbing anything; `false` when it is not offered there. Rejects when nobody can be reached. */
  probe?(request: DialRequest, signal: AbortSignal): Promise<boolean>
  /** Decides between transports. Those of Holdfast bring `ladder`; where none of a list does, only a close policy that answers `fall-back` leads to the next one. */
  readonly ladder?: LadderFactory
}

/** Why another transport than the preferred one is used: see {@link FallBackReason}, and: it opened and nothing came back in time; it was so a while ago. */
export type DegradedReason = FallBackReason | 'silent' | 'remembered'

/** How a socket stands that is served by a fallback. */
export interface Degraded {
  readonly why: DegradedReason
  /** The better transport that is tried next. */
  readonly next: string
  /** When, monotonic ms. */
  readonly nextAt: number
}

/** What decides between the transports of one socket. */
export interface Ladder {
  /** Index of the transport to begin with. */
  readonly first: number
  /** When something is due, monotonic ms; `Infinity` for never. */
  readonly dueAt: number
  /** `null` while the preferred transport serves, or nothing. */
  readonly degraded: Degraded | null
  dial(request: DialRequest): Carrier
  decide(ending: Ending): Answer | undefined
  /** The machine made a step. */
  observe(step: Pick<TransitionRecord, 'event' | 'effects' | 'state' | 'now'>): void
  due(): void
}

/** What a ladder needs of its socket. */
export interface LadderHost {
  readonly transports: readonly Transport[]
  /** What is known is kept by this name: the server's. */
  readonly server: string
  readonly state: MachineState
  readonly clock: DialRequest['clock'] & { wall(): number }
  /** A better transport is tried beside the one that serves. */
  readonly overlaps: boolean
  dispatch(event: MachineEvent): void
  /** Something is due sooner, or later. */
  moved(): void
}

/** Makes the ladder of a socket. */
export type LadderFactory = (host: LadderHost) => Ladder
