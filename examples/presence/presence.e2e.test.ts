/** The same over real sockets. */
import { expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Presence, presence } from './client.ts'
import { presenceServer } from './server.ts'

const soon = { timeout: 10_000, interval: 10 }

it('a cut of every connection is not seen, and a goodbye is', async () => {
  const server = await presenceServer({ graceMs: 5_000 })
  const join = (name: string): Presence => presence(server.url, name, { WebSocket, backoff: () => 50 })
  const ada = join('Ada')
  const bob = join('Bob')
  await vi.waitFor(() => expect([ada.users.length, bob.users.length]).toEqual([2, 2]), soon)
  const changed = vi.fn()
  ada.onChange(changed)
  server.cut()
  // Both are back when one of them hears of a third.
  const cyd = join('Cyd')
  await vi.waitFor(() => expect([ada.users.length, bob.users.length]).toEqual([3, 3]), soon)
  expect(changed).toHaveBeenCalledTimes(1)
  cyd.leave()
  await vi.waitFor(() => expect([...ada.users].sort()).toEqual(['Ada', 'Bob']), soon)
  ada.leave()
  bob.leave()
  await server.close()
  expect(server.users).toEqual([])
})

it('a client that no longer answers is gone after the grace period', async () => {
  const server = await presenceServer({ graceMs: 50, pingEveryMs: 50 })
  const deaf = new WebSocket(server.url, { autoPong: false })
  deaf.on('open', () => deaf.send('{"type":"hello","user":"Dee"}'))
  await vi.waitFor(() => expect(server.users).toEqual(['Dee']), soon)
  await vi.waitFor(() => expect(server.users).toEqual([]), soon)
  await server.close()
})
