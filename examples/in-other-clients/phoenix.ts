import { ping } from 'holdfast'
import { Socket } from 'phoenix'
import { type Lender, type LendOptions, lend } from './lend.ts'

const HEARTBEAT = '[null,"holdfast","phoenix","heartbeat",{}]'

export interface PhoenixSocket {
  readonly socket: Socket
  readonly live: Lender
  close(): void
}

/** Phoenix channels over a socket that Holdfast connects. */
export function phoenixSocket(url: string, options: LendOptions = {}): PhoenixSocket {
  const live = lend({
    heartbeat: ping({
      message: HEARTBEAT,
      pong: ({ data }) => typeof data === 'string' && data.startsWith('[null,"holdfast"'),
    }),
    ...options,
  })
  const socket = new Socket(url, {
    transport: live.WebSocket,
    // At once: when, and whether, is for Holdfast to say.
    reconnectAfterMs: () => 0,
  })
  return {
    socket,
    live,
    close() {
      socket.disconnect()
      // Where the client was between two connections.
      live.socket.close()
    },
  }
}
