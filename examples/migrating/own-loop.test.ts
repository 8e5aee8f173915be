/** A reconnect loop of one's own around the constructor, and what becomes of it when the constructor is swapped. */
import { type ResilientCloseEvent, ResilientWebSocket } from 'holdfast'
import { accepts, closes, scriptedServer, sequence, virtualClock } from 'holdfast/testing'
import { expect, it } from 'vitest'
import { URL_OF_FEED } from './migrant.ts'

/** `again`: whether the loop makes another socket after this close. */
async function socketsAfterADrop(again: (event: ResilientCloseEvent) => boolean): Promise<number> {
  const clock = virtualClock()
  const server = scriptedServer(sequence(closes({ code: 1001, afterMs: 1_000 }), accepts()), { clock })
  const connect = (): void => {
    const socket = new ResilientWebSocket(URL_OF_FEED, [], { WebSocket: server.WebSocket, clock })
    socket.onclose = event => {
      if (again(event)) clock.schedule(clock.now() + 1_000, connect)
    }
  }
  connect()
  await clock.advance(60_000)
  return server.open.length
}

it('a loop that stays makes a second socket beside the one that reconnects by itself', async () => {
  expect(await socketsAfterADrop(() => true)).toBe(2)
})

it('a loop that asks `willReconnect` makes none', async () => {
  expect(await socketsAfterADrop(({ willReconnect }) => !willReconnect)).toBe(1)
})

it('a guard on CLOSED makes none either: between connections the socket is CONNECTING', async () => {
  expect(await socketsAfterADrop(({ target }) => target instanceof ResilientWebSocket && target.readyState === 3)).toBe(
    1,
  )
})
