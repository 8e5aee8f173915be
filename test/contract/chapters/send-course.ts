import { describe, expect, it } from 'vitest'
import { bytes, hex, patterned } from '../payloads.ts'
import { accepts, closes, counts, drops, echoes, holds, refuses } from '../server.ts'
import type { Subject } from '../subject.ts'
import { messages, next, outcome, thrownBy } from '../waiting.ts'

const MEBIBYTE = 1024 * 1024

/** When send() may be called, in which order things arrive, and what it takes a copy of. */
export function sendCourse({ dial, opened, expected, inThisEngine }: Subject): void {
  describe('before the connection is open', () => {
    const asTheStandardSays = 'InvalidStateError'
    const early = () => expected('send() while connecting', asTheStandardSays)
    const throws = () => early() === asTheStandardSays

    for (const [what, value] of [
      ['a text', 'early'],
      ['the empty text', ''],
      ['a buffer', bytes(1)],
      ['a Blob', new Blob(['a'])],
    ] as const) {
      it(`answers ${what} as decided for a connection that is not there yet`, () => {
        const socket = dial(holds())
        expect(outcome(() => socket.send(value))).toBe(throws() ? asTheStandardSays : 'returns')
      })
    }

    it('delivers what it took, and nothing it refused', async () => {
      const place = holds()
      const socket = dial(place)
      outcome(() => socket.send('early'))
      const open = next(socket, 'open')
      await place.release()
      await open
      socket.send('late')
      socket.close()
      expect((await place.ended())[0]?.messages).toEqual(
        throws() ? [{ text: 'late' }] : [{ text: 'early' }, { text: 'late' }],
      )
    })

    it('counts what it took, and nothing it refused', () => {
      const socket = dial(holds())
      outcome(() => socket.send('€€'))
      expect(socket.bufferedAmount).toBe(throws() ? 0 : 6)
    })

    it('throws a DOMException, if it throws', () => {
      const socket = dial(holds())
      const thrown = throws() ? thrownBy(() => socket.send('early')) : new DOMException('', 'InvalidStateError')
      expect(thrown).toBeInstanceOf(DOMException)
      expect((thrown as DOMException).code).toBe(DOMException.INVALID_STATE_ERR)
    })

    it('leaves readyState CONNECTING', () => {
      const socket = dial(holds())
      outcome(() => socket.send('early'))
      expect(socket.readyState).toBe(WebSocket.CONNECTING)
    })

    it('throws a TypeError without arguments', () => {
      const socket = dial(holds())
      expect(thrownBy(() => Reflect.apply(socket.send, socket, []))).toBeInstanceOf(TypeError)
    })

    it('throws a TypeError for a symbol', () => {
      const socket = dial(holds())
      expect(thrownBy(() => Reflect.apply(socket.send, socket, [Symbol('early')]))).toBeInstanceOf(TypeError)
    })

    it('converts the argument first, and passes on what toString throws', () => {
      const socket = dial(holds())
      const problem = new RangeError('no text today')
      const value = {
        toString() {
          throw problem
        },
      }
      expect(thrownBy(() => Reflect.apply(socket.send, socket, [value]))).toBe(problem)
    })

    it('works inside the open listener', async () => {
      const socket = dial(echoes())
      socket.addEventListener('open', () => socket.send('at once'))
      expect((await next(socket, 'message')).data).toBe('at once')
    })
  })

  describe('once the connection is closing', () => {
    it('throws nothing', async () => {
      const socket = await opened(accepts())
      socket.close()
      expect(outcome(() => socket.send('late'))).toBe('returns')
    })

    it('sends nothing', async () => {
      const place = accepts()
      const socket = await opened(place)
      socket.send('before')
      socket.close()
      socket.send('after')
      expect((await place.ended())[0]?.messages).toEqual([{ text: 'before' }])
    })

    it('throws nothing after close() on a connection that never opened', () => {
      const socket = dial(holds())
      socket.close()
      expect(outcome(() => socket.send('late'))).toBe('returns')
    })

    it('throws nothing after the connection closed', async () => {
      const socket = await opened(accepts())
      socket.close()
      await next(socket, 'close')
      expect(outcome(() => socket.send('late'))).toBe('returns')
    })

    it('still throws a TypeError without arguments', async () => {
      const socket = await opened(accepts())
      socket.close()
      await next(socket, 'close')
      expect(thrownBy(() => Reflect.apply(socket.send, socket, []))).toBeInstanceOf(TypeError)
    })

    it('still converts the argument', async () => {
      const socket = await opened(accepts())
      socket.close()
      let converted = false
      const stringify = () => {
        converted = true
        return 'late'
      }
      Reflect.apply(socket.send, socket, [{ toString: stringify }])
      expect(converted).toBe(true)
    })

    for (const [what, place] of [
      ['the server closed', () => closes(4000)],
      ['the TCP connection was dropped', drops],
      ['the handshake was refused', () => refuses(401)],
    ] as const) {
      it(`throws nothing inside the close listener when ${what}`, async () => {
        const socket = dial(place())
        const seen = new Promise<string>(resolve => {
          socket.addEventListener('close', () => resolve(outcome(() => socket.send('late'))), { once: true })
        })
        expect(await seen).toBe('returns')
      })
    }

    it('throws nothing inside the error listener of a refused handshake', async () => {
      const socket = dial(refuses(401))
      const seen = new Promise<string>(resolve => {
        socket.addEventListener('error', () => resolve(outcome(() => socket.send('late'))), { once: true })
      })
      expect(await seen).toBe('returns')
    })
  })

  describe('order', () => {
    it('keeps the order of a thousand texts', async () => {
      const socket = await opened(echoes())
      const all = messages(socket, 1000)
      for (let n = 0; n < 1000; n++) socket.send(String(n))
      expect(await all).toEqual(Array.from({ length: 1000 }, (_, n) => String(n)))
    })

    it('keeps the order of texts, buffers and Blobs', async () => {
      const place = accepts()
      const socket = await opened(place)
      socket.send('1')
      socket.send(new Blob([bytes(2)]))
      socket.send('3')
      socket.send(bytes(4))
      socket.send(new Blob([patterned(100_000)]))
      socket.send(bytes(6).buffer)
      socket.send('7')
      const kinds = (await place.heard(7)).map(m => ('text' in m ? m.text : `${m.hex.length / 2} bytes`))
      expect(kinds).toEqual(['1', '1 bytes', '3', '1 bytes', '100000 bytes', '1 bytes', '7'])
    })

    it('sends a Blob although close() follows at once', async () => {
      const place = accepts()
      const socket = await opened(place)
      socket.send(new Blob([bytes(1, 2)]))
      socket.close(3000)
      const [sighting] = await place.ended()
      const lost = inThisEngine('a Blob that close() follows at once', 'is sent') === 'is lost'
      expect([sighting?.messages, sighting?.close?.code]).toEqual([lost ? [] : [{ hex: '0102' }], 3000])
    })

    it('sends from inside a message listener', async () => {
      const socket = await opened(echoes())
      const all = messages(socket, 20)
      socket.addEventListener('message', ({ data }) => Number(data) < 20 && socket.send(String(Number(data) + 1)))
      socket.send('1')
      expect(await all).toEqual(Array.from({ length: 20 }, (_, n) => String(n + 1)))
    })

    it('keeps what different sockets send apart', async () => {
      const sockets = await Promise.all([opened(echoes()), opened(echoes()), opened(echoes())])
      const all = sockets.map(socket => messages(socket, 10))
      for (let n = 0; n < 10; n++) for (const [i, socket] of sockets.entries()) socket.send(`${i}:${n}`)
      for (const [i, seen] of all.entries()) {
        expect(await seen).toEqual(Array.from({ length: 10 }, (_, n) => `${i}:${n}`))
      }
    })

    it('sends while messages come in', async () => {
      const place = counts(200)
      const socket = dial(place)
      socket.addEventListener('message', ({ data }) => socket.send(data))
      await messages(socket, 200)
      socket.close()
      expect((await place.ended())[0]?.messages).toHaveLength(200)
    })
  })

  describe('copies', () => {
    it('does not notice when an ArrayBuffer changes afterwards', async () => {
      const place = accepts()
      const socket = await opened(place)
      const view = bytes(1, 2, 3)
      socket.send(view.buffer)
      view.fill(9)
      socket.close()
      expect((await place.ended())[0]?.messages).toEqual([{ hex: '010203' }])
    })

    it('does not notice when a view changes afterwards', async () => {
      const place = accepts()
      const socket = await opened(place)
      const view = bytes(1, 2, 3)
      socket.send(view)
      view.fill(9)
      socket.close()
      expect((await place.ended())[0]?.messages).toEqual([{ hex: '010203' }])
    })

    it('does not notice when a buffer is detached afterwards', async () => {
      const place = accepts()
      const socket = await opened(place)
      const { buffer } = bytes(1, 2, 3)
      socket.send(buffer)
      structuredClone(buffer, { transfer: [buffer] })
      socket.close()
      expect((await place.ended())[0]?.messages).toEqual([{ hex: '010203' }])
    })

    it('does not detach the buffer', async () => {
      const socket = await opened(accepts())
      const { buffer } = bytes(1, 2, 3)
      socket.send(buffer)
      expect(hex(buffer)).toBe('010203')
    })

    it('does not notice a change while a Blob before it is being read', async () => {
      const place = accepts()
      const socket = await opened(place)
      const view = bytes(1, 2, 3)
      socket.send(new Blob([patterned(100_000)]))
      socket.send(view)
      view.fill(9)
      expect((await place.heard(2))[1]).toEqual({ hex: '010203' })
    })
  })

  describe('large messages', () => {
    for (const length of [125, 126, 127, 65_535, 65_536, MEBIBYTE, 3 * MEBIBYTE]) {
      it(`carries a text of ${length} bytes there and back`, async () => {
        const socket = await opened(echoes())
        const text = 'abcdefghij'.repeat(length / 10 + 1).slice(0, length)
        socket.send(text)
        expect((await next(socket, 'message')).data === text).toBe(true)
      })

      it(`carries a buffer of ${length} bytes there and back`, async () => {
        const socket = await opened(echoes())
        socket.binaryType = 'arraybuffer'
        const source = patterned(length)
        socket.send(source)
        const back = new Uint8Array((await next(socket, 'message')).data)
        expect(back.length).toBe(length)
        expect(back.every((byte, n) => byte === source[n])).toBe(true)
      })
    }

    it('carries a Blob of a mebibyte there and back', async () => {
      const socket = await opened(echoes())
      socket.send(new Blob([patterned(MEBIBYTE)]))
      const back = new Uint8Array(await (await next(socket, 'message')).data.arrayBuffer())
      const source = patterned(MEBIBYTE)
      expect(back.every((byte, n) => byte === source[n])).toBe(true)
    })
  })
}
