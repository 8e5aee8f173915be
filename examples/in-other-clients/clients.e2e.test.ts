// Every client through the same story, over real sockets, against the server of its own library where there is one.
import { createTRPCClient, wsLink } from '@trpc/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Doc } from 'yjs'
import { graphqlClient } from './graphql-ws.ts'
import type { Lender, LendOptions } from './lend.ts'
import { phoenixSocket } from './phoenix.ts'
import { lasting, liveSubject } from './rxjs.ts'
import { graphqlServer } from './servers/graphql.ts'
import { phoenixServer } from './servers/phoenix.ts'
import { plainServer } from './servers/plain.ts'
import type { Server } from './servers/server.ts'
import { type Topic, topic } from './servers/topic.ts'
import { type AppRouter, trpcServer } from './servers/trpc.ts'
import { yjsServer } from './servers/yjs.ts'
import { trpcSocket } from './trpc.ts'
import { sharedDocument } from './y-websocket.ts'

/** A client that follows what its server publishes. */
interface Follower {
  readonly live: Lender
  /** Whatever the app ends a client with. */
  close(): void
}

interface Arrangement {
  serve(topic: Topic): Promise<Server>
  follow(url: string, hear: (text: string) => void, options: LendOptions): Follower
}

const graphql: Arrangement = {
  serve: graphqlServer,
  follow(url, hear, options) {
    const { client, live, close } = graphqlClient(url, options)
    client.subscribe<{ readonly text: string }>(
      { query: 'subscription { text }' },
      { next: ({ data }) => hear(data?.text ?? ''), error: () => {}, complete: () => {} },
    )
    return { live, close: () => void close() }
  },
}

const trpc: Arrangement = {
  serve: trpcServer,
  follow(url, hear, options) {
    const { client, live, close } = trpcSocket(url, options)
    const api = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
    api.text.subscribe(undefined, { onData: hear })
    return { live, close: () => void close() }
  },
}

const phoenix: Arrangement = {
  serve: phoenixServer,
  follow(url, hear, options) {
    const { socket, live, close } = phoenixSocket(url, options)
    socket.connect()
    const channel = socket.channel('room:42')
    channel.on('text', ({ text }) => hear(text))
    channel.join()
    return { live, close }
  },
}

const rxjs: Arrangement = {
  serve: plainServer,
  follow(url, hear, options) {
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

/** The document is the subscription: what is published is written into it, and heard where it changes. */
const yjs: Arrangement = {
  async serve(topic) {
    const server = await yjsServer()
    topic.hear(text => server.doc.getArray('texts').push([text]))
    return server
  },
  follow(url, hear, options) {
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
}

describe.each([
  ['graphql-ws', graphql],
  ['y-websocket', yjs],
  ['tRPC', trpc],
  ['Phoenix', phoenix],
  ['rxjs', rxjs],
] as const)('%s', (_, { serve, follow }) => {
  let texts: Topic
  let server: Server
  let follower: Follower
  let heard: string[]

  beforeEach(async () => {
    texts = topic()
    server = await serve(texts)
    heard = []
    follower = follow(server.url, text => heard.push(text), {
      WebSocket,
      backoff: () => 20,
      closePolicy: { 4003: 'stop' },
    })
    await vi.waitFor(() => expect([server.open, texts.subscribers]).toEqual([1, 1]), OFTEN)
  })

  afterEach(async () => {
    follower.close()
    await server.stop()
  })

  /** The client is back on its dial number `dials`, holds one subscription, and hears a text once. */
  async function hearsOn(dials: number, text: string): Promise<void> {
    await vi.waitFor(() => expect([server.dials, server.open, texts.subscribers]).toEqual([dials, 1, 1]), OFTEN)
    texts.publish(text)
    await vi.waitFor(() => expect(heard.at(-1)).toBe(text), OFTEN)
  }

  it('hears everything once, through a restart and a broken line', async () => {
    await hearsOn(1, 'at first')
    server.closeAll(1012, 'restart')
    await hearsOn(2, 'after the restart')
    server.resetAll()
    await hearsOn(3, 'after the reset')
    server.closeAll(1000)
    await hearsOn(4, 'after a close that says nothing')
    expect(heard).toEqual(['at first', 'after the restart', 'after the reset', 'after a close that says nothing'])
  })

  it('stays away after a terminal close, and is back when the app says so', async () => {
    server.closeAll(4003, 'banned')
    const { socket } = follower.live
    await vi.waitFor(() => expect(socket.status.state).toBe('closed'), OFTEN)
    await new Promise(resolve => setTimeout(resolve, 150))
    expect([server.dials, server.open, socket.status.cause?.code]).toEqual([1, 0, 4003])
    socket.reconnect()
    await hearsOn(2, 'pardoned')
  })

  it.each([
    ['while it is open', 'open', () => {}],
    ['while it is away', 'reconnecting', () => server.closeAll(1012, 'restart')],
    ['after a terminal close', 'closed', () => server.closeAll(4003, 'banned')],
  ] as const)('ends without a trace %s', async (_, state, first) => {
    const { socket } = follower.live
    first()
    await vi.waitFor(() => expect(socket.status.state).toBe(state), OFTEN)
    follower.close()
    await vi.waitFor(() => expect([server.open, socket.status.state]).toEqual([0, 'closed']), OFTEN)
    await new Promise(resolve => setTimeout(resolve, 60))
    expect(server.dials).toBe(1)
  })
})

const OFTEN = { interval: 5, timeout: 3_000 }
