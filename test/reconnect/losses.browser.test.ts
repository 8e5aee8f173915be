import { describe, expect, it } from 'vitest'
import { accepts, echoes, ignores, refuses, sequence, servers } from '../contract/server.ts'
import { aWhile, cleanUp, follow } from './followed.ts'

describe('a socket in a real browser', () => {
  cleanUp()

  describe('that was open', () => {
    it('comes back when the TCP connection drops, without an error', async () => {
      const place = accepts()
      const { lines, closes, heard } = follow(place)
      await heard('open')
      await place.drop()
      await heard('open', 2)
      expect(lines).toEqual(['open', 'close 1006, retries', 'open'])
      expect(closes.map(({ reason, wasClean, disconnect }) => [reason, wasClean, disconnect.origin])).toEqual([
        ['', false, 'network'],
      ])
    })

    for (const code of [1000, 1001, 1011, 3999, 4321]) {
      it(`comes back when the server closes with ${code}, and says the code and the reason`, async () => {
        const place = accepts()
        const { lines, closes, heard } = follow(place)
        await heard('open')
        await place.close(code, `because of ${code}`)
        await heard('open', 2)
        expect(lines).toEqual(['open', `close ${code}, retries`, 'open'])
        expect(closes.map(({ reason, wasClean, disconnect }) => [reason, wasClean, disconnect.origin])).toEqual([
          [`because of ${code}`, true, 'server'],
        ])
      })
    }

    it('comes back when the server closes without a code', async () => {
      const place = accepts()
      const { lines, heard } = follow(place)
      await heard('open')
      await place.close()
      await heard('open', 2)
      expect(lines).toEqual(['open', 'close 1005, retries', 'open'])
    })

    it('comes back when a frame is against the rules, with an error', async () => {
      const place = accepts()
      const { lines, closes, heard } = follow(place)
      await heard('open')
      await place.bytes('8300')
      await heard('open', 2)
      expect(lines).toEqual(['open', 'error', 'close 1006, retries', 'open'])
      expect(closes[0]?.disconnect.origin).toBe('browser-failed')
    })

    it('comes back again and again', async () => {
      const place = accepts()
      const { lines, heard } = follow(place)
      for (const times of [1, 2, 3]) {
        await heard('open', times)
        await place.drop()
      }
      await heard('open', 4)
      expect(lines.filter(line => line !== 'open')).toEqual(Array.from({ length: 3 }, () => 'close 1006, retries'))
    })

    it('stays away when the close policy says so', async () => {
      const place = accepts()
      const { lines, heard } = follow(place)
      await heard('open')
      await place.close(4403, 'banned')
      await heard('close 4403, ends')
      await aWhile()
      expect(lines).toEqual(['open', 'close 4403, ends'])
      expect(await place.seen()).toHaveLength(1)
    })

    it('does not wait for a connection that has gone silent: reconnect() dials at once', async () => {
      // The browser’s own close would come after 20 s in Firefox and 60 s in Chromium.
      const place = sequence(ignores(), accepts())
      const { socket, lines, closes, heard } = follow(place)
      await heard('open')
      socket.reconnect()
      await heard('open', 2)
      expect(lines).toEqual(['open', 'close 1006, retries', 'open'])
      expect(closes[0]?.disconnect.origin).toBe('client')
    })
  })

  describe('that is refused', () => {
    for (const status of [401, 502]) {
      it(`tries again after a ${status}, with error before close`, async () => {
        const { lines, closes, heard } = follow(sequence(refuses(status), refuses(status), accepts()))
        await heard('open')
        expect(lines).toEqual(['error', 'close 1006, retries', 'error', 'close 1006, retries', 'open'])
        expect(closes[0]?.disconnect.origin).toBe('dial-failed')
      })
    }

    it('tries again where nobody listens', async () => {
      const { lines, heard } = follow({ url: `ws://${servers().refused}/` })
      await heard('close 1006, retries', 3)
      expect(lines.slice(0, 6)).toEqual(Array.from({ length: 3 }, () => ['error', 'close 1006, retries']).flat())
    })

    it('ends after the attempts it was given', async () => {
      const { lines, heard } = follow({ url: `ws://${servers().refused}/` }, { maxAttempts: 2 })
      await heard('close 1006, ends')
      await aWhile()
      expect(lines.filter(line => line.startsWith('close')).at(-1)).toBe('close 1006, ends')
      expect(lines.filter(line => line === 'close 1006, ends')).toHaveLength(1)
    })
  })

  describe('that was told things before', () => {
    it('flushes what was sent before the first open, in order, behind the open event', async () => {
      const { socket, lines, heard } = follow(echoes())
      for (const text of ['a', 'b', 'c']) socket.send(text)
      await heard('message c')
      expect(lines).toEqual(['open', 'message a', 'message b', 'message c'])
    })

    it('flushes what was sent between two connections, in order, behind the open event', async () => {
      const place = echoes()
      const { socket, lines, heard } = follow(place)
      await heard('open')
      socket.addEventListener('close', () => {
        for (const text of ['a', 'b', 'c']) socket.send(text)
      })
      socket.addEventListener('open', () => socket.send('first'), { once: true })
      await place.drop()
      await heard('message c')
      expect(lines).toEqual([
        'open',
        'close 1006, retries',
        'open',
        'message first',
        'message a',
        'message b',
        'message c',
      ])
    })

    it('keeps its binaryType', async () => {
      const place = echoes()
      const { socket, heard } = follow(place)
      socket.binaryType = 'arraybuffer'
      await heard('open')
      await place.drop()
      await heard('open', 2)
      const data = new Promise<unknown>(resolve => socket.addEventListener('message', event => resolve(event.data)))
      socket.send(Uint8Array.of(1, 2))
      expect(await data).toEqual(Uint8Array.of(1, 2).buffer)
      expect(socket.binaryType).toBe('arraybuffer')
    })
  })
})
