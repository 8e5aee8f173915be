import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { type Server, serve } from './server.ts'
import type { Topic } from './topic.ts'

const t = initTRPC.create()

export function appRouter(topic: Topic) {
  return t.router({
    text: t.procedure.subscription(({ signal = new AbortController().signal }) => topic.iterate(signal)),
    hello: t.procedure.query(() => 'hello'),
  })
}

export type AppRouter = ReturnType<typeof appRouter>

export interface TrpcServer extends Server {
  /** Asks every client to move to another connection, as before a restart. */
  askToMove(): void
}

/** The router above, by tRPC's own adapter. */
export async function trpcServer(topic: Topic): Promise<TrpcServer> {
  let askToMove = (): void => {}
  const server = await serve(server => {
    askToMove = applyWSSHandler({ wss: server, router: appRouter(topic) }).broadcastReconnectNotification
  })
  return Object.assign(server, { askToMove })
}
