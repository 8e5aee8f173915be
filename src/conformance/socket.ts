import type { WebSocket as NodeSocket } from 'ws'

/** What the script uses of a WebSocket. */
export interface Socket {
  readonly protocol: string
  send(message: string | Uint8Array<ArrayBuffer>): void
  close(): void
}

/** Who is told what happens on it. Binary messages are ArrayBuffers. */
export interface Ears {
  opened(): void
  message(data: unknown): void
  closed(code: number, reason: string): void
}

/** Begins a connection; `origin` is sent as Origin. */
export type SocketFactory = (url: string, protocol: string, ears: Ears, origin: string | undefined) => Socket

function hear<S extends NodeSocket | WebSocket>(socket: S, { opened, message, closed }: Ears): S {
  socket.binaryType = 'arraybuffer'
  socket.onopen = opened
  socket.onmessage = (event: { readonly data: unknown }) => message(event.data)
  // A close follows.
  socket.onerror = () => {}
  socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => closed(code, reason)
  return socket
}

/** The global one, which sends the Origin that it likes. */
const plainSocket: SocketFactory = (url, protocol, ears, origin) => {
  if (origin !== undefined) throw new Error('`--origin` needs the package ws: npm install ws')
  return hear(new WebSocket(url, protocol), ears)
}

/** The WebSocket of `ws` where that is installed, else the global one; `null` when there is neither. */
export async function socketFactory(): Promise<SocketFactory | null> {
  const ws = await import('ws').catch(() => null)
  if (!ws) return typeof WebSocket === 'function' ? plainSocket : null
  return (url, protocol, ears, origin) =>
    hear(new ws.WebSocket(url, protocol, origin === undefined ? {} : { origin }), ears)
}
