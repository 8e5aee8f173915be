import { createWSClient, type TRPCWebSocketClient } from '@trpc/client'
import { type Heartbeat, ping } from 'holdfast'
import { type Lender, type LendOptions, lend } from './lend.ts'

/** tRPC asks in the same words now and then, so the answers are for it too: no message is taken for a pong. */
export const trpcHeartbeat: Heartbeat = ping({ message: 'PING', pong: () => false })

export interface TrpcSocket {
  readonly client: TRPCWebSocketClient
  readonly live: Lender
  close(): Promise<void>
}

/** For `wsLink({ client })`: a tRPC client that Holdfast connects. */
export function trpcSocket(url: string, options: LendOptions = {}): TrpcSocket {
  const live = lend({ heartbeat: trpcHeartbeat, ...options })
  const client = createWSClient({
    url,
    WebSocket: live.WebSocket,
    // At once: when, and whether, is for Holdfast to say. A second more for each try that failed, beside its backoff,
    // because tRPC itself closes a socket for which `connectionParams` throws.
    retryDelayMs: attempt => Math.min(attempt, 5) * 1_000,
  })
  return {
    client,
    live,
    async close() {
      await client.close()
      // Where the client was between two connections.
      live.socket.close()
    },
  }
}
