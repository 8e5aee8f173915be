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

/** Stops listening to a carrier, for good. */
export function detach(carrier: Carrier): void {
  try {
    carrier.onopen = carrier.onmessage = carrier.onclose = null
    carrier.onerror = ignore
  } catch {
    // Whatever it still says is about a connection that is gone.
  }
}
