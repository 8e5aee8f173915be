import type { Connection, Reports } from './transport.ts'

/** A class with the shape of the platform's WebSocket. */
export type WebSocketConstructor = new (url: string | URL, protocols?: string | string[]) => WebSocket

// The `ws` package emits `error` for a socket closed while connecting, and an error that nobody listens to ends the process.
const ignore = (): void => {}

/** Dials with a WebSocket class. Throws what its constructor throws. */
export function dialWebSocket(
  WebSocketClass: WebSocketConstructor,
  url: string | URL,
  protocols: string | string[],
  binaryType: BinaryType,
  reports: Reports,
): Connection {
  const socket = new WebSocketClass(url, protocols)
  socket.binaryType = binaryType
  const detach = (): void => {
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.onerror = ignore
  }
  socket.onopen = reports.connected
  socket.onmessage = reports.message
  socket.onerror = reports.erred
  socket.onclose = ({ code, reason, wasClean }) => {
    detach()
    reports.ended(code, reason, wasClean)
  }
  return {
    carrier: socket,
    drop() {
      detach()
      socket.close()
    },
  }
}
