import { describe, expect, it } from 'vitest'
import { bytes } from '../payloads.ts'
import { accepts, echoes } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next, outcome } from '../waiting.ts'

/** The binaryType attribute: an enumeration, so other values are ignored without an error. [WebIDL §3.2.18] */
export function binaryType({ dial, opened }: Subject): void {
  const set = (socket: WebSocket, value: unknown) => Reflect.set(socket, 'binaryType', value)
  const kindOf = (data: unknown) => (data instanceof Blob ? 'blob' : data instanceof ArrayBuffer ? 'arraybuffer' : data)

  async function echoed(socket: WebSocket): Promise<unknown> {
    socket.send(bytes(1))
    return kindOf((await next(socket, 'message')).data)
  }

  describe('binaryType', () => {
    it('is "blob" at first', () => {
      expect(dial(accepts()).binaryType).toBe('blob')
    })

    it('can be set before the connection is open', async () => {
      const socket = dial(echoes())
      socket.binaryType = 'arraybuffer'
      await next(socket, 'open')
      expect([socket.binaryType, await echoed(socket)]).toEqual(['arraybuffer', 'arraybuffer'])
    })

    it('can be set while open', async () => {
      const socket = await opened(echoes())
      socket.binaryType = 'arraybuffer'
      expect(await echoed(socket)).toBe('arraybuffer')
    })

    it('can be set back', async () => {
      const socket = await opened(echoes())
      socket.binaryType = 'arraybuffer'
      socket.binaryType = 'blob'
      expect([socket.binaryType, await echoed(socket)]).toEqual(['blob', 'blob'])
    })

    it('can change between messages', async () => {
      const socket = await opened(echoes())
      const kinds: unknown[] = []
      for (const type of ['arraybuffer', 'blob', 'arraybuffer'] as const) {
        socket.binaryType = type
        kinds.push(await echoed(socket))
      }
      expect(kinds).toEqual(['arraybuffer', 'blob', 'arraybuffer'])
    })

    it('set inside the open listener holds for the first message', async () => {
      const socket = dial(echoes())
      socket.addEventListener('open', () => {
        socket.binaryType = 'arraybuffer'
        socket.send(bytes(1))
      })
      expect(kindOf((await next(socket, 'message')).data)).toBe('arraybuffer')
    })

    it('does not change messages that have been delivered', async () => {
      const socket = await opened(echoes())
      socket.send(bytes(1))
      const event = await next(socket, 'message')
      socket.binaryType = 'arraybuffer'
      expect(kindOf(event.data)).toBe('blob')
    })

    for (const value of [
      '',
      'Blob',
      'BLOB',
      'ArrayBuffer',
      'text',
      'uint8array',
      'blob ',
      null,
      undefined,
      1,
      {},
      [],
    ]) {
      it(`ignores ${JSON.stringify(value) ?? 'undefined'}`, () => {
        const socket = dial(accepts())
        socket.binaryType = 'arraybuffer'
        expect(outcome(() => set(socket, value))).toBe('returns')
        expect(socket.binaryType).toBe('arraybuffer')
      })
    }

    it('takes an object whose string is a valid value', () => {
      const socket = dial(accepts())
      set(socket, { toString: () => 'arraybuffer' })
      expect(socket.binaryType).toBe('arraybuffer')
    })

    it('takes a String object', () => {
      const socket = dial(accepts())
      set(socket, new String('arraybuffer'))
      expect(socket.binaryType).toBe('arraybuffer')
    })

    it('throws a TypeError for a symbol', () => {
      const socket = dial(accepts())
      expect(outcome(() => set(socket, Symbol('blob')))).toBe('TypeError')
    })

    it('passes on what toString throws and keeps its value', () => {
      const socket = dial(accepts())
      const value = {
        toString() {
          throw new RangeError('no type today')
        },
      }
      expect([outcome(() => set(socket, value)), socket.binaryType]).toEqual(['RangeError', 'blob'])
    })

    it('is kept after the connection closed', async () => {
      const socket = await opened(accepts())
      socket.binaryType = 'arraybuffer'
      socket.close()
      await next(socket, 'close')
      expect(socket.binaryType).toBe('arraybuffer')
    })

    it('can be set after the connection closed', async () => {
      const socket = await opened(accepts())
      socket.close()
      await next(socket, 'close')
      socket.binaryType = 'arraybuffer'
      expect(socket.binaryType).toBe('arraybuffer')
    })

    it('belongs to one socket', () => {
      const [left, right] = [dial(accepts()), dial(accepts())]
      left.binaryType = 'arraybuffer'
      expect(right.binaryType).toBe('blob')
    })
  })
}
