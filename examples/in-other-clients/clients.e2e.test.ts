// Every client through the same story, over real sockets, against the server of its own library where there is one.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Follower, follow } from './follow.ts'
import { graphqlServer } from './servers/graphql.ts'
import { phoenixServer } from './servers/phoenix.ts'
import { plainServer } from './servers/plain.ts'
import type { Server } from './servers/server.ts'
import { type Topic, topic } from './servers/topic.ts'
import { trpcServer } from './servers/trpc.ts'
import { yjsServer } from './servers/yjs.ts'

describe.each([
  ['graphql-ws', graphqlServer],
  ['y-websocket', yjsServer],
  ['tRPC', trpcServer],
  ['Phoenix', phoenixServer],
  ['rxjs', plainServer],
] as const)('%s', (name, serve) => {
  let texts: Topic
  let server: Server
  let follower: Follower
  let heard: string[]

  beforeEach(async () => {
    texts = topic()
    server = await serve(texts)
    heard = []
    follower = follow[name](server.url, text => heard.push(text), {
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

it('hears everything once while a tRPC server has its clients move to other connections', async () => {
  const texts = topic()
  const server = await trpcServer(texts)
  const heard: string[] = []
  const { close } = follow.tRPC(server.url, text => heard.push(text), { WebSocket })
  await vi.waitFor(() => expect([server.open, texts.subscribers]).toEqual([1, 1]), OFTEN)
  server.askToMove()
  // There is no moment without a subscription.
  await vi.waitFor(() => {
    expect(texts.subscribers).toBeGreaterThan(0)
    expect([server.dials, server.open]).toEqual([2, 1])
  }, OFTEN)
  await vi.waitFor(() => expect(texts.subscribers).toBe(1), OFTEN)
  texts.publish('after the move')
  await vi.waitFor(() => expect(heard).toEqual(['after the move']), OFTEN)
  close()
  await server.stop()
})

const OFTEN = { interval: 5, timeout: 3_000 }
