// Each client, following what its server publishes: what the tests tell their stories with.
import { createTRPCClient, wsLink } from '@trpc/client'
import { Doc } from 'yjs'
import { graphqlClient } from './graphql-ws.ts'
import type { Lender, LendOptions } from './lend.ts'
import { phoenixSocket } from './phoenix.ts'
import { lasting, liveSubject } from './rxjs.ts'
import type { ClientName } from './servers/scripted.ts'
import type { AppRouter } from './servers/trpc.ts'
import { trpcSocket } from './trpc.ts'
import { sharedDocument } from './y-websocket.ts'

export interface Follower {
  readonly live: Lender
  close(): void
}

/** Calls `hear` with every text that the server at `url` publishes. */
type Follow = (url: string, hear: (text: string) => void, options: LendOptions) => Follower

export const follow: Readonly<Record<ClientName, Follow>> = {
  'graphql-ws'(url, hear, options) {
    const { client, live, close } = graphqlClient(url, options)
    client.subscribe<{ readonly text: string }>(
      { query: 'subscription { text }' },
      { next: ({ data }) => hear(data?.text ?? ''), error: () => {}, complete: () => {} },
    )
    return { live, close: () => void close() }
  },
  /** The document is the subscription: what is published is written into it, and heard where it changes. */
  'y-websocket'(url, hear, options) {
    const doc = new Doc()
    const { live, close } = sharedDocument(url, 'room', doc, options)
    doc.getArray<string>('texts').observe(({ changes }) => {
      for (const { insert = [] } of changes.delta) for (const text of insert) hear(`${text}`)
    })
    return {
      live,
      close() {
        close()
        doc.destroy()
      },
    }
  },
  tRPC(url, hear, options) {
    const { client, live, close } = trpcSocket(url, options)
    const api = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
    api.text.subscribe(undefined, { onData: hear })
    return { live, close: () => void close() }
  },
  Phoenix(url, hear, options) {
    const { socket, live, close } = phoenixSocket(url, options)
    socket.connect()
    const channel = socket.channel('room:42')
    channel.on('text', ({ text }) => hear(text))
    channel.join()
    return { live, close }
  },
  rxjs(url, hear, options) {
    const { subject, live } = liveSubject<Readonly<Record<string, string>>>(url, options)
    const texts = subject.multiplex(
      () => ({ subscribe: 'text' }),
      () => ({ unsubscribe: 'text' }),
      message => 'text' in message,
    )
    const subscription = texts.pipe(lasting()).subscribe(({ text = '' }) => hear(text))
    return { live, close: () => subscription.unsubscribe() }
  },
}
