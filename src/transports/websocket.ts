import { ResilientError } from '../core/resilient-error.ts'
import type { Carrier } from './transport.ts'

/** A class with the shape of the platform's WebSocket: that of `ws`, mock-socket, or a polyfill. Their types differ in the events, so no more than this is asked of them here. */
export type WebSocketConstructor = new (
  url: string | URL,
  protocols?: string | string[],
) => { readonly readyState: number; readonly bufferedAmount: number; close(code?: number, reason?: string): void }

function isCarrier(made: unknown): made is Carrier {
  return made instanceof Object && 'send' in made
}

/**
 * Dials with a WebSocket class, by default the platform's, looked up now.
 *
 * @throws ResilientError `ERR_NO_WEBSOCKET` where there is none; else what the constructor throws.
 */
export function dialWebSocket(
  url: string | URL,
  protocols: string | string[],
  WebSocketClass: WebSocketConstructor | undefined = globalThis.WebSocket,
): Carrier {
  if (WebSocketClass) {
    const socket: unknown = new WebSocketClass(url, protocols)
    if (isCarrier(socket)) return socket
  }
  throw new ResilientError(
    'ERR_NO_WEBSOCKET',
    'No WebSocket here: pass one, `new ResilientWebSocket(url, [], { WebSocket })`.',
  )
}
