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

/** The router above, by tRPC's own adapter. */
export function trpcServer(topic: Topic): Promise<Server> {
  return serve(server => applyWSSHandler({ wss: server, router: appRouter(topic) }))
}
