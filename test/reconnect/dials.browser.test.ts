import { describe, expect, it, vi } from 'vitest'
import { accepts, echoes, holds, type Place, refuses, sequence } from '../contract/server.ts'
import { aWhile, cleanUp, follow } from './followed.ts'

/** Connections that the server believes in. */
async function alive(place: Place): Promise<number> {
  return (await place.seen()).filter(({ ended }) => !ended).length
}

describe('a socket in a real browser', () => {
  cleanUp()

  describe('whose dial hangs', () => {
    it('gives it up at the connect timeout, and the next one opens', async () => {
      // A browser holds a second handshake to the same host and port until the first one is done.
      const place = sequence(holds(), accepts())
      const { lines, closes, heard } = follow(place, { connectTimeoutMs: 500 })
      await heard('open')
      expect(lines).toEqual(['error', 'close 1006, retries', 'open'])
      expect(closes[0]?.disconnect.origin).toBe('dial-timeout')
      expect(await place.seen()).toHaveLength(2)
    })

    it('gives up one after the other, until one opens', async () => {
      const place = sequence(holds(), holds(), holds(), accepts())
      const { lines, heard } = follow(place, { connectTimeoutMs: 300 })
      await heard('open')
      expect(lines).toEqual([...Array.from({ length: 3 }, () => ['error', 'close 1006, retries']).flat(), 'open'])
      expect(await place.seen()).toHaveLength(4)
    })

    it('dials anew at once when reconnect() is called', async () => {
      const place = sequence(holds(), accepts())
      const { socket, heard } = follow(place, { connectTimeoutMs: 60_000 })
      await place.arrived()
      socket.reconnect()
      await heard('open')
      expect(await place.seen()).toHaveLength(2)
    })
  })

  describe('that is closed', () => {
    it('while connecting: error and one close, and the server hears nothing more', async () => {
      const place = sequence(holds(), accepts())
      const { socket, lines, heard } = follow(place)
      await place.arrived()
      socket.close()
      expect(socket.readyState).toBe(WebSocket.CLOSING)
      await heard('close 1006, ends')
      await aWhile()
      expect(lines).toEqual(['error', 'close 1006, ends'])
      expect(await place.seen()).toHaveLength(1)
    })

    it('while it waits: one close without an error, and no dial', async () => {
      const place = refuses(502)
      const { socket, lines, heard } = follow(place, { backoff: () => 200 })
      await heard('close 1006, retries')
      socket.close()
      await heard('close 1006, ends')
      await aWhile()
      expect(lines).toEqual(['error', 'close 1006, retries', 'close 1006, ends'])
      expect(await place.seen()).toHaveLength(1)
    })

    it('inside the close listener of a lost connection: no dial follows', async () => {
      const place = accepts()
      const { socket, lines, heard } = follow(place)
      await heard('open')
      socket.addEventListener('close', () => socket.close(), { once: true })
      await place.drop()
      await heard('close 1006, ends')
      await aWhile()
      expect(lines).toEqual(['open', 'close 1006, retries', 'close 1006, ends'])
      expect(await place.seen()).toHaveLength(1)
    })

    it('says once that it will not come back, whatever was before', async () => {
      const place = accepts()
      const { socket, closes, heard } = follow(place)
      await heard('open')
      await place.drop()
      await heard('open', 2)
      await place.close(1001)
      await heard('open', 3)
      socket.close(3000, 'done')
      await heard('close 3000, ends')
      socket.close()
      await aWhile()
      expect(closes.map(({ code, willReconnect }) => [code, willReconnect])).toEqual([
        [1006, true],
        [1001, true],
        [3000, false],
      ])
      expect(await alive(place)).toBe(0)
    })

    it('comes back when reconnect() is called', async () => {
      const place = echoes()
      const { socket, heard } = follow(place)
      await heard('open')
      socket.close()
      await heard('close 1005, ends')
      socket.reconnect()
      await heard('open', 2)
      socket.send('again')
      await heard('message again')
    })
  })

  describe('that is told to reconnect twice', () => {
    it('has one connection in the end, as the server sees it', async () => {
      const place = echoes()
      const { socket, heard } = follow(place)
      await heard('open')
      socket.reconnect()
      socket.reconnect()
      await heard('open', 2)
      socket.send('one')
      await heard('message one')
      await vi.waitFor(async () => expect(await alive(place)).toBe(1))
      await aWhile()
      expect(await alive(place)).toBe(1)
    })
  })
})
