import { ResilientError } from '../core/resilient-error.ts'

/** A class with the shape of the platform's WebSocket. */
export type WebSocketConstructor = new (url: string | URL, protocols?: string | string[]) => WebSocket

/**
 * Dials with a WebSocket class, by default the platform's, looked up now.
 *
 * @throws ResilientError `ERR_NO_WEBSOCKET` where there is none; else what the constructor throws.
 */
export function dialWebSocket(
  url: string | URL,
  protocols: string | string[],
  WebSocketClass: WebSocketConstructor | undefined = globalThis.WebSocket,
): WebSocket {
  if (WebSocketClass) return new WebSocketClass(url, protocols)
  throw new ResilientError('ERR_NO_WEBSOCKET', 'No WebSocket here: pass one, `options.WebSocket`.')
}
