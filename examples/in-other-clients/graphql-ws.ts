import { type Client, createClient } from 'graphql-ws'
import { type Heartbeat, ping } from 'holdfast'
import { type Lender, type LendOptions, lend } from './lend.ts'

/** With `keepAlive` the client asks in the same words, so the answers are for it too: no message is taken for a pong. */
export const graphqlHeartbeat: Heartbeat = ping({ message: '{"type":"ping"}', pong: () => false })

export interface GraphqlClient {
  readonly client: Client
  readonly live: Lender
  close(): Promise<void>
}

/** GraphQL subscriptions that Holdfast connects. */
export function graphqlClient(url: string, options: LendOptions = {}): GraphqlClient {
  const live = lend({ heartbeat: graphqlHeartbeat, ...options })
  const client = createClient({
    url,
    webSocketImpl: live.WebSocket,
    // At once and for ever: when, and whether, is for Holdfast to say.
    retryAttempts: Infinity,
    retryWait: async () => {},
    shouldRetry: () => true,
  })
  return {
    client,
    live,
    async close() {
      const disposed = client.dispose()
      live.socket.close(1000, 'Normal Closure')
      // It rejects where it has waited for a connection that was on its way.
      await Promise.resolve(disposed).catch(() => {})
    },
  }
}
