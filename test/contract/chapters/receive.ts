import { describe, expect, it } from 'vitest'
import { hex, patterned } from '../payloads.ts'
import { accepts, compresses, counts, echoes, roundTrip, sends } from '../server.ts'
import type { Subject } from '../subject.ts'
import { messages, next } from '../waiting.ts'

const framed = (...parts: readonly string[]) => sends(parts.join('').replaceAll(' ', ''))

/** Messages from the server, their data and their frames. [WHATWG WebSockets §4, RFC 6455 §5] */
export function receive({ dial, opened }: Subject): void {
  describe('texts', () => {
    for (const [what, text] of [
      ['ASCII', 'hello'],
      ['the empty text', ''],
      ['letters of two, three and four bytes', 'é€😀'],
      ['a byte order mark', '\ufeffhello'],
      ['a null character', 'a\0b'],
      ['the replacement character', '\ufffd'],
      ['code points that are no characters', '\uffff\ufdd0'],
      ['the last code point', '\u{10ffff}'],
      ['line breaks', '\r\n\r\n'],
    ] as const) {
      it(`arrive as a string: ${what}`, async () => {
        const socket = await opened(echoes())
        socket.send(text)
        expect((await next(socket, 'message')).data).toBe(text)
      })
    }

    it('arrive in the order they were sent', async () => {
      expect(await messages(dial(counts(500)), 500)).toEqual(Array.from({ length: 500 }, (_, n) => String(n)))
    })

    it('that are equal arrive as often as they were sent', async () => {
      const socket = await opened(echoes())
      const all = messages(socket, 3)
      for (let n = 0; n < 3; n++) socket.send('same')
      expect(await all).toEqual(['same', 'same', 'same'])
    })

    it('arrive as strings whatever binaryType is', async () => {
      const socket = await opened(echoes())
      socket.binaryType = 'arraybuffer'
      socket.send('text')
      expect((await next(socket, 'message')).data).toBe('text')
    })
  })

  describe('binary messages', () => {
    it('arrive as a Blob by default', async () => {
      const socket = dial(framed('8203 010203'))
      const { data } = await next(socket, 'message')
      expect(data).toBeInstanceOf(Blob)
      expect(hex(await data.arrayBuffer())).toBe('010203')
    })

    it('arrive as a Blob without a type', async () => {
      const { data } = await next(dial(framed('8201 00')), 'message')
      expect([data.size, data.type]).toEqual([1, ''])
    })

    it('arrive as a Blob that is no File', async () => {
      const { data } = await next(dial(framed('8201 00')), 'message')
      expect(data).not.toBeInstanceOf(File)
    })

    it('arrive as an ArrayBuffer when asked for', async () => {
      const socket = dial(framed('8203 010203'))
      socket.binaryType = 'arraybuffer'
      const { data } = await next(socket, 'message')
      expect(data).toBeInstanceOf(ArrayBuffer)
      expect(hex(data)).toBe('010203')
    })

    it('may be empty Blobs', async () => {
      const { data } = await next(dial(framed('8200')), 'message')
      expect(data.size).toBe(0)
    })

    it('may be empty ArrayBuffers', async () => {
      const socket = dial(framed('8200'))
      socket.binaryType = 'arraybuffer'
      expect((await next(socket, 'message')).data.byteLength).toBe(0)
    })

    it('need not be UTF-8', async () => {
      const socket = dial(framed('8202 c328'))
      socket.binaryType = 'arraybuffer'
      expect(hex((await next(socket, 'message')).data)).toBe('c328')
    })

    it('arrive as ArrayBuffers that belong to the page', async () => {
      const socket = dial(framed('8202 0102'))
      socket.binaryType = 'arraybuffer'
      const view = new Uint8Array((await next(socket, 'message')).data)
      view[0] = 9
      expect(hex(view)).toBe('0902')
    })

    it('arrive as a buffer of their own each', async () => {
      const socket = dial(framed('820101 820101'))
      socket.binaryType = 'arraybuffer'
      const [first, second] = await messages(socket, 2)
      expect(first).not.toBe(second)
    })

    it('arrive between texts in the order they were sent', async () => {
      const socket = dial(framed('810161 820162 810163'))
      socket.binaryType = 'arraybuffer'
      const all = await messages(socket, 3)
      expect(all.map(data => (data instanceof ArrayBuffer ? hex(data) : data))).toEqual(['a', '62', 'c'])
    })

    it('arrive as Blobs between texts in the order they were sent', async () => {
      const all = await messages(dial(framed('810161 820162 810163')), 3)
      expect(all.map(data => (data instanceof Blob ? 'blob' : data))).toEqual(['a', 'blob', 'c'])
    })
  })

  describe('frames', () => {
    it('of one text in fragments are one message', async () => {
      expect((await next(dial(framed('010161 000162 800163')), 'message')).data).toBe('abc')
    })

    it('of one binary message in fragments are one message', async () => {
      const socket = dial(framed('020101 000102 800103'))
      socket.binaryType = 'arraybuffer'
      expect(hex((await next(socket, 'message')).data)).toBe('010203')
    })

    it('may split a letter', async () => {
      expect((await next(dial(framed('0101e2 000182 8001ac')), 'message')).data).toBe('€')
    })

    it('may be empty fragments', async () => {
      expect((await next(dial(framed('0100 000161 0000 8000')), 'message')).data).toBe('a')
    })

    it('may have a ping between fragments', async () => {
      expect((await next(dial(framed('010161 8900 800162')), 'message')).data).toBe('ab')
    })

    it('of a ping are no message', async () => {
      expect(await messages(dial(framed('8900 810161 8904 70696e67 810162')), 2)).toEqual(['a', 'b'])
    })

    it('of a pong nobody asked for are no message', async () => {
      expect(await messages(dial(framed('8a00 810161 8a0130 810162')), 2)).toEqual(['a', 'b'])
    })

    it('may use longer lengths', async () => {
      const socket = dial(framed(`827e0100${hex(patterned(256))}`))
      socket.binaryType = 'arraybuffer'
      expect(hex((await next(socket, 'message')).data)).toBe(hex(patterned(256)))
    })

    it('may come in pieces over TCP', async () => {
      const place = accepts()
      const socket = await opened(place)
      const message = next(socket, 'message')
      for (const piece of ['81', '05', '6865', '6c6c', '6f']) await place.bytes(piece)
      expect((await message).data).toBe('hello')
    })

    it('may be compressed once that was agreed', async () => {
      const socket = await opened(compresses())
      const text = 'again and '.repeat(1000)
      socket.send(text)
      expect((await next(socket, 'message')).data).toBe(text)
    })

    it('may be compressed and binary', async () => {
      const socket = await opened(compresses())
      socket.binaryType = 'arraybuffer'
      socket.send(new Uint8Array(5000))
      expect((await next(socket, 'message')).data.byteLength).toBe(5000)
    })
  })

  describe('messages and the rest of the life of a socket', () => {
    it('arrive after the open event, also when they came with the handshake', async () => {
      const socket = dial(counts(1))
      const order: string[] = []
      socket.addEventListener('open', () => order.push('open'))
      socket.addEventListener('message', () => order.push('message'))
      await next(socket, 'message')
      expect(order).toEqual(['open', 'message'])
    })

    it('arrive while readyState is OPEN', async () => {
      const socket = dial(counts(1))
      await next(socket, 'message')
      expect(socket.readyState).toBe(WebSocket.OPEN)
    })

    it('are not kept for listeners that are added later', async () => {
      const socket = dial(counts(1))
      await next(socket, 'message')
      const late: unknown[] = []
      socket.addEventListener('message', event => late.push(event.data))
      await roundTrip()
      expect(late).toEqual([])
    })

    it('reach a listener that is added in the open listener', async () => {
      const socket = dial(counts(3))
      const data: unknown[] = []
      await new Promise<void>(resolve => {
        socket.addEventListener('open', () => {
          socket.addEventListener('message', event => {
            data.push(event.data)
            if (data.length === 3) resolve()
          })
        })
      })
      expect(data).toEqual(['0', '1', '2'])
    })

    it('each have a task of their own', async () => {
      const socket = dial(counts(2))
      const order: string[] = []
      const second = new Promise<void>(resolve => {
        socket.addEventListener('message', ({ data }) => {
          order.push(`message ${data}`)
          queueMicrotask(() => order.push(`microtask ${data}`))
          if (data === '1') resolve()
        })
      })
      await second
      expect(order.slice(0, 3)).toEqual(['message 0', 'microtask 0', 'message 1'])
    })

    it('survive a listener that closes the socket and stop there', async () => {
      const socket = dial(counts(5))
      const data: unknown[] = []
      socket.addEventListener('message', event => {
        data.push(event.data)
        socket.close()
      })
      await next(socket, 'close')
      expect(data).toEqual(['0'])
    })
  })
}
