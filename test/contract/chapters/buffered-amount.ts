import { describe, expect, it } from 'vitest'
import { bytes, patterned, VIEW_CLASSES } from '../payloads.ts'
import { accepts, echoes, holds } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next, thrownBy } from '../waiting.ts'

/** Bytes of application data that wait to be sent, without framing. [WHATWG WebSockets §3.1] */
export function bufferedAmount({ dial, opened, inThisEngine }: Subject): void {
  const frame = () =>
    Number(inThisEngine('what bufferedAmount counts for the frame of a short message after close()', 0))
  const send = (socket: WebSocket, value: unknown) => Reflect.apply(socket.send, socket, [value])

  async function closed(): Promise<WebSocket> {
    const socket = await opened(accepts())
    socket.close()
    await next(socket, 'close')
    return socket
  }

  /** Resolves once the server has answered, so nothing waits any more. */
  async function flushed(socket: WebSocket): Promise<void> {
    socket.send('last')
    while ((await next(socket, 'message')).data !== 'last');
  }

  const sizes: readonly (readonly [what: string, value: () => unknown, size: number])[] = [
    ['a text of ASCII by its letters', () => 'hello', 5],
    ['the empty text as nothing', () => '', 0],
    ['a text by its bytes in UTF-8', () => '€€', 6],
    ['letters of two and four bytes', () => 'é😀', 6],
    ['a lone surrogate as three bytes', () => '\ud800', 3],
    ['a number by its digits', () => 1234, 4],
    ['undefined by its name', () => undefined, 9],
    ['an ArrayBuffer by its bytes', () => new ArrayBuffer(7), 7],
    ['a Blob by its size', () => new Blob(['€', 'a']), 4],
    ['a File by its size, not its name', () => new File(['ab'], 'a-long-name.txt'), 2],
    ...VIEW_CLASSES.map(
      ([name, View, size]) =>
        [`a ${name} by the bytes it covers`, () => new View(new ArrayBuffer(size * 4), size, 2), size * 2] as const,
    ),
  ]

  describe('bufferedAmount', () => {
    it('is 0 while connecting', () => {
      expect(dial(holds()).bufferedAmount).toBe(0)
    })

    it('is 0 inside the open listener', async () => {
      const socket = dial(accepts())
      await next(socket, 'open')
      expect(socket.bufferedAmount).toBe(0)
    })

    for (const [what, value, size] of sizes) {
      it(`counts ${what} in the task of send()`, async () => {
        const socket = await opened(accepts())
        send(socket, value())
        expect(socket.bufferedAmount).toBe(size)
      })

      it(`counts ${what} after the connection closed`, async () => {
        const socket = await closed()
        send(socket, value())
        expect(socket.bufferedAmount).toBe(frame() + size)
      })
    }

    it('adds up everything sent in one task', async () => {
      const socket = await opened(accepts())
      socket.send('12345')
      socket.send(bytes(1, 2, 3))
      socket.send('€')
      expect(socket.bufferedAmount).toBe(11)
    })

    it('does not shrink in the microtasks after send()', async () => {
      const socket = await opened(accepts())
      socket.send('12345')
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      expect(socket.bufferedAmount).toBe(5)
    })

    it('returns to 0 when everything has been sent', async () => {
      const socket = await opened(echoes())
      socket.send(patterned(10_000))
      await flushed(socket)
      expect(socket.bufferedAmount).toBe(0)
    })

    it('returns to 0 after a Blob has been sent', async () => {
      const socket = await opened(echoes())
      socket.send(new Blob([patterned(10_000)]))
      await flushed(socket)
      expect(socket.bufferedAmount).toBe(0)
    })

    it('grows with what is sent after close()', async () => {
      const socket = await opened(accepts())
      socket.close()
      socket.send('late')
      expect(socket.bufferedAmount).toBe(frame() + 4)
    })

    it('is not reset by the close event', async () => {
      const socket = await opened(accepts())
      socket.close()
      socket.send('late')
      await next(socket, 'close')
      expect(socket.bufferedAmount).toBe(frame() + 4)
    })

    it('goes on growing after the connection closed', async () => {
      const socket = await closed()
      socket.send('12')
      socket.send('345')
      expect(socket.bufferedAmount).toBe(2 * frame() + 5)
    })

    it('grows with what is sent after close() on a connection that never opened', () => {
      const socket = dial(holds())
      socket.close()
      socket.send('late')
      expect(socket.bufferedAmount).toBe(frame() + 4)
    })

    it('does not count what send() refused to convert', async () => {
      const socket = await opened(accepts())
      expect(thrownBy(() => send(socket, Symbol('text')))).toBeInstanceOf(TypeError)
      expect(socket.bufferedAmount).toBe(0)
    })

    it('is untouched by close()', async () => {
      const socket = await opened(accepts())
      socket.send('12345')
      socket.close(3000, 'a reason')
      expect(socket.bufferedAmount).toBe(5)
    })

    it('is a number of its own for each socket', async () => {
      const [left, right] = await Promise.all([opened(accepts()), opened(accepts())])
      left.send('12345')
      expect([left.bufferedAmount, right.bufferedAmount]).toEqual([5, 0])
    })
  })
}
