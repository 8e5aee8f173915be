import { ResilientError } from '../core/resilient-error.ts'
import { type Carrier, type DialRequest, detach, isCarrier, type Transport } from './transport.ts'

/** A class with the shape of the platform's WebSocket: that of `ws`, mock-socket, or a polyfill. Their types differ in the events, so no more than this is asked of them here. */
export type WebSocketConstructor = new (
  url: string | URL,
  protocols?: string | string[],
) => { readonly readyState: number; readonly bufferedAmount: number; close(code?: number, reason?: string): void }

/** The platform's class: the one that was there before an app could put another, or Holdfast's, in its place. */
export const NATIVE: typeof WebSocket | undefined = globalThis.WebSocket

/** The global class, looked up now: `globalThis.WebSocket = ResilientWebSocket` is not asked to dial with itself. */
export function globalClass(wrapper: object): WebSocketConstructor | undefined {
  const { WebSocket } = globalThis
  return WebSocket && wrapper instanceof WebSocket ? NATIVE : WebSocket
}

/**
 * Dials with a WebSocket class.
 *
 * @throws ResilientError `ERR_NO_WEBSOCKET` where there is none; else what the constructor throws.
 */
export function dialWebSocket(
  url: string | URL,
  protocols: string | string[],
  WebSocketClass: WebSocketConstructor | undefined,
  binaryType: BinaryType = 'blob',
): Carrier {
  const socket: unknown = WebSocketClass && new WebSocketClass(url, protocols)
  if (!isCarrier(socket)) {
    throw new ResilientError(
      'ERR_NO_WEBSOCKET',
      'No WebSocket here: pass one, `new ResilientWebSocket(url, [], { WebSocket })`.',
    )
  }
  try {
    socket.binaryType = binaryType
  } catch (cause) {
    // Nobody else could.
    socket.close()
    throw cause
  }
  return socket
}

/** The platform's WebSocket, or the class of the option `WebSocket`: the preferred one of the option `transports`. */
export function websocket(): Transport {
  return { name: 'websocket', dial: dialWith, probe }
}

function dialWith({ url, protocols, binaryType, WebSocket }: DialRequest): Carrier {
  return dialWebSocket(url, [protocols].flat(), WebSocket, binaryType)
}

/** Opens one and closes it: where nothing can be dialled beside what serves. */
function probe(request: DialRequest, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const carrier = dialWith(request)
    const over = (): void => {
      detach(carrier)
      carrier.close()
    }
    carrier.onopen = () => {
      over()
      resolve(true)
    }
    carrier.onclose = () => reject(new ResilientError('ERR_CLOSED', 'It did not open.'))
    signal.addEventListener('abort', () => {
      over()
      reject(signal.reason)
    })
  })
}
