/** What an app may send: what the platform's `send()` takes. */
export type Sendable = Parameters<WebSocket['send']>[0]

/**
 * What carries the traffic: a native WebSocket does, and other transports look like one. It reports through its `on*`
 * attributes, in this order: `open`, any number of `message`, then `close`, with `error` before it where the connection
 * failed. Nothing is reported before it was returned, and nothing after `close`.
 */
export type Carrier = Pick<
  WebSocket,
  | 'url'
  | 'protocol'
  | 'extensions'
  | 'bufferedAmount'
  | 'readyState'
  | 'binaryType'
  | 'send'
  | 'close'
  | 'onopen'
  | 'onmessage'
  | 'onerror'
  | 'onclose'
> & {
  /** It cannot send: messages wait in the outbox, for a connection that can. */
  readonly readOnly?: boolean
}

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
  readonly WebSocket: unknown
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
}
