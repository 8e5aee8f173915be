import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Feed, feed } from '../../../examples/dashboard/server/feed.ts'
import { market } from '../../../examples/dashboard/server/market.ts'

let server: Feed

beforeEach(async () => {
  const admit = (token: string | null) =>
    token === null ? { refusal: 'token missing' } : { account: 'Ada' as const, expiresAt: Date.now() + 60_000 }
  server = await feed({ port: 0, welcome: market({ seed: 1 }).welcome, admit })
})

afterEach(() => server.stop())

/** A client with its frames, told one after the other. */
function client(protocols = ['feed.v1', 'bearer.QWRh']) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/feed`, protocols)
  const frames: { readonly type: string }[] = []
  socket.on('message', data => frames.push(JSON.parse(String(data))))
  return { socket, frames, types: () => frames.map(({ type }) => type) }
}

async function hears(one: ReturnType<typeof client>, frames: number): Promise<void> {
  while (one.frames.length < frames) await once(one.socket, 'message')
}

describe('the feed', () => {
  it('answers a ping, so that a page can ask whether anybody is there', async () => {
    const one = client()
    await hears(one, 1)
    one.socket.send('{"type":"ping"}')
    one.socket.send('order')
    one.socket.send('{"type":"ping"}')
    await hears(one, 4)
    expect(one.types()).toEqual(['welcome', 'pong', 'placed', 'pong'])
    expect(one.frames[1]).toEqual({ type: 'pong' })
  })

  it('answers whoever asked, and nobody else', async () => {
    const [one, other] = [client(), client()]
    await Promise.all([hears(one, 1), hears(other, 1)])
    one.socket.send('{"type":"ping"}')
    await hears(one, 2)
    other.socket.send('order')
    await hears(other, 2)
    expect(other.types()).toEqual(['welcome', 'placed'])
  })

  it.each(['ping', '{"type":"pong"}', '{"type":', 'x'.repeat(1_000)])('says nothing to %j', async said => {
    const one = client()
    await hears(one, 1)
    one.socket.send(said)
    one.socket.send('order')
    await hears(one, 2)
    expect(one.types()).toEqual(['welcome', 'placed'])
  })

  it('does not answer somebody without a token', async () => {
    const one = client(['feed.v1'])
    await once(one.socket, 'open')
    one.socket.send('{"type":"ping"}')
    const [code] = await once(one.socket, 'close')
    expect(code).toBe(4401)
    expect(one.frames).toEqual([])
  })
})
