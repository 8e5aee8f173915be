import { describe, expect, it } from 'vitest'
import { bytes, hex, patterned, VIEW_CLASSES } from '../payloads.ts'
import { accepts, echoes } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next, thrownBy } from '../waiting.ts'

/** What send() makes of each kind of argument. [WHATWG WebSockets §3.1] */
export function sendValues({ opened }: Subject): void {
  const send = (socket: WebSocket, ...args: readonly unknown[]) => Reflect.apply(socket.send, socket, args)

  /** What the server receives when one value is sent. */
  async function received(value: unknown) {
    const place = accepts()
    const socket = await opened(place)
    send(socket, value)
    socket.close()
    return (await place.ended())[0]?.messages
  }

  /** The same for a value that takes its time: some engines do not wait for it when they are told to close. */
  async function arrived(value: unknown) {
    const place = accepts()
    send(await opened(place), value)
    return place.heard(1)
  }

  describe('texts', () => {
    const rows: readonly (readonly [what: string, value: unknown, text: string])[] = [
      ['a text', 'hello', 'hello'],
      ['the empty text', '', ''],
      ['letters of two, three and four bytes', 'é€😀', 'é€😀'],
      ['a null character', 'a\0b', 'a\0b'],
      ['line breaks as they are', '\r\n\u2028', '\r\n\u2028'],
      ['a byte order mark', '\ufeffa', '\ufeffa'],
      ['a lone high surrogate as the replacement character', 'a\ud83db', 'a\ufffdb'],
      ['a lone low surrogate as the replacement character', 'a\ude00b', 'a\ufffdb'],
      ['surrogates in the wrong order as two replacement characters', '\ude00\ud83d', '\ufffd\ufffd'],
      ['a number', 42, '42'],
      ['minus zero', -0, '0'],
      ['NaN', Number.NaN, 'NaN'],
      ['a BigInt', 12345678901234567890n, '12345678901234567890'],
      ['true', true, 'true'],
      ['null as "null"', null, 'null'],
      ['undefined as "undefined"', undefined, 'undefined'],
      ['an object', {}, '[object Object]'],
      ['an object with toString', { toString: () => 'mine' }, 'mine'],
      ['an object with toString and valueOf', { toString: () => 'text', valueOf: () => 1 }, 'text'],
      ['a String object', new String('boxed'), 'boxed'],
      ['a list', [1, [2, 3]], '1,2,3'],
      ['a function', Object.assign(() => {}, { toString: () => 'f' }), 'f'],
      ['a Date', Object.assign(new Date(0), { toString: () => 'then' }), 'then'],
      ['a URL', new URL('http://localhost/a'), 'http://localhost/a'],
      ['an object that only looks like a buffer', { byteLength: 4, toString: () => 'fake' }, 'fake'],
      ['an object that only looks like a Blob', { size: 4, type: '', toString: () => 'fake' }, 'fake'],
    ]
    for (const [what, value, text] of rows) {
      it(`sends ${what}`, async () => {
        expect(await received(value)).toEqual([{ text }])
      })
    }

    it('calls toString once', async () => {
      const socket = await opened(accepts())
      let calls = 0
      send(socket, { toString: () => `${++calls}` })
      expect(calls).toBe(1)
    })

    it('passes on what toString throws', async () => {
      const socket = await opened(accepts())
      const problem = new RangeError('no text today')
      const value = {
        toString() {
          throw problem
        },
      }
      expect(thrownBy(() => send(socket, value))).toBe(problem)
    })

    it('stays open after toString has thrown', async () => {
      const socket = await opened(echoes())
      const value = {
        toString() {
          throw new RangeError('no text today')
        },
      }
      expect(thrownBy(() => send(socket, value))).toBeInstanceOf(RangeError)
      socket.send('still here')
      expect((await next(socket, 'message')).data).toBe('still here')
    })

    it('throws a TypeError for a symbol', async () => {
      const socket = await opened(accepts())
      expect(thrownBy(() => send(socket, Symbol('text')))).toBeInstanceOf(TypeError)
    })

    it('throws a TypeError for an object that cannot become a string', async () => {
      const socket = await opened(accepts())
      expect(thrownBy(() => send(socket, Object.create(null)))).toBeInstanceOf(TypeError)
    })

    it('throws a TypeError without arguments', async () => {
      const socket = await opened(accepts())
      expect(thrownBy(() => send(socket))).toBeInstanceOf(TypeError)
    })

    it('ignores further arguments', async () => {
      const place = accepts()
      const socket = await opened(place)
      send(socket, 'first', 'second')
      socket.close()
      expect((await place.ended())[0]?.messages).toEqual([{ text: 'first' }])
    })

    it('returns undefined', async () => {
      const socket = await opened(accepts())
      expect(send(socket, 'hello')).toBeUndefined()
    })
  })

  describe('buffers', () => {
    it('sends an ArrayBuffer', async () => {
      expect(await received(bytes(1, 2, 255).buffer)).toEqual([{ hex: '0102ff' }])
    })

    it('sends an empty ArrayBuffer', async () => {
      expect(await received(new ArrayBuffer(0))).toEqual([{ hex: '' }])
    })

    it('sends a slice of an ArrayBuffer', async () => {
      expect(await received(patterned(8).buffer.slice(2, 5))).toEqual([{ hex: hex(patterned(8).subarray(2, 5)) }])
    })

    for (const [name, View, size] of VIEW_CLASSES) {
      it(`sends a whole ${name}`, async () => {
        const source = patterned(size * 3)
        expect(await received(new View(source.buffer, 0, 3))).toEqual([{ hex: hex(source) }])
      })

      it(`sends only the part that a ${name} with an offset covers`, async () => {
        const source = patterned(size * 4)
        const view = new View(source.buffer, size, 2)
        expect(await received(view)).toEqual([{ hex: hex(source.subarray(size, size * 3)) }])
      })

      it(`sends an empty ${name}`, async () => {
        expect(await received(new View(patterned(16).buffer, 8, 0))).toEqual([{ hex: '' }])
      })
    }

    it('sends a buffer that was detached as no bytes', async () => {
      const { buffer } = bytes(1, 2, 3)
      structuredClone(buffer, { transfer: [buffer] })
      expect(await received(buffer)).toEqual([{ hex: '' }])
    })

    it('sends a view of a buffer that was detached as no bytes', async () => {
      const view = bytes(1, 2, 3)
      structuredClone(view.buffer, { transfer: [view.buffer] })
      expect(await received(view)).toEqual([{ hex: '' }])
    })

    it('sends a buffer of another realm', async () => {
      const frame = document.createElement('iframe')
      document.body.append(frame)
      try {
        const { Uint8Array: Foreign } = frame.contentWindow as unknown as typeof globalThis
        expect(await received(Foreign.from([7, 8]))).toEqual([{ hex: '0708' }])
        expect(await received(Foreign.from([9]).buffer)).toEqual([{ hex: '09' }])
      } finally {
        frame.remove()
      }
    })
  })

  describe('blobs', () => {
    const rows: readonly (readonly [what: string, value: () => Blob, hex: string])[] = [
      ['a Blob', () => new Blob([bytes(1, 2, 3)]), '010203'],
      ['an empty Blob', () => new Blob([]), ''],
      ['a Blob of text as bytes', () => new Blob(['€'], { type: 'text/plain' }), 'e282ac'],
      ['a Blob of several parts', () => new Blob(['a', bytes(0), 'b']), '610062'],
      ['a slice of a Blob', () => new Blob([patterned(9)]).slice(3, 6), hex(patterned(9).subarray(3, 6))],
      ['a File', () => new File([bytes(9, 8)], 'name.bin'), '0908'],
    ]
    for (const [what, value, sent] of rows) {
      it(`sends ${what}`, async () => {
        expect(await arrived(value())).toEqual([{ hex: sent }])
      })
    }

    it('sends the bytes a Blob was made of, whatever becomes of its parts', async () => {
      const part = bytes(1, 2)
      const blob = new Blob([part])
      part.fill(0)
      expect(await arrived(blob)).toEqual([{ hex: '0102' }])
    })
  })
}
