import { type Heartbeat, ping } from 'holdfast'
import { Socket } from 'phoenix'
import { type Lender, type LendOptions, lend } from './lend.ts'

/** In the words of the protocol; `holdfast` is the ref that the reply carries. */
export const phoenixHeartbeat: Heartbeat = ping({
  message: '[null,"holdfast","phoenix","heartbeat",{}]',
  pong: ({ data }) => typeof data === 'string' && data.startsWith('[null,"holdfast",'),
})

export interface PhoenixSocket {
  readonly socket: Socket
  readonly live: Lender
  close(): void
}

/** Phoenix channels over a socket that Holdfast connects. */
export function phoenixSocket(url: string, options: LendOptions = {}): PhoenixSocket {
  const live = lend({ heartbeat: phoenixHeartbeat, ...options })
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
