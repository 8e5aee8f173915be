import { afterEach, describe, expect, it, vi } from 'vitest'
import { accepts, closes, counts, drops, echoes } from '../server.ts'
import type { Subject } from '../subject.ts'
import { messages, next, outcome } from '../waiting.ts'

/** Several sockets at once, and many messages. */
export function sideBySide({ Class, platform, dial, opened }: Subject): void {
  const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n))

  describe('in the place of the global class', () => {
    afterEach(() => {
      vi.unstubAllGlobals()
    })

    it('talks to the server', async () => {
      vi.stubGlobal('WebSocket', Class)
      const socket = await opened(echoes())
      socket.send('hello')
      expect((await next(socket, 'message')).data).toBe('hello')
    })

    for (const code of [999.5, 1000.5, 1000.6, 4999.9]) {
      it(`makes of the close code ${code} what the platform does`, async () => {
        const native = await platform.opened(accepts())
        vi.stubGlobal('WebSocket', Class)
        const socket = await opened(accepts())
        expect(outcome(() => socket.close(code))).toBe(outcome(() => native.close(code)))
      })
    }
  })

  describe('several sockets', () => {
    it('open side by side', async () => {
      const sockets = await Promise.all(times(8, () => opened(accepts())))
      expect(sockets.map(socket => socket.readyState)).toEqual(times(8, () => WebSocket.OPEN))
    })

    it('to the same URL are connections of their own', async () => {
      const place = echoes()
      const [left, right] = await Promise.all([opened(place), opened(place)])
      const heard: string[] = []
      right.addEventListener('message', () => heard.push('right'))
      left.send('left')
      await next(left, 'message')
      expect(heard).toEqual([])
    })

    it('close one without the other', async () => {
      const [left, right] = await Promise.all([opened(accepts()), opened(echoes())])
      left.close()
      await next(left, 'close')
      right.send('still here')
      expect((await next(right, 'message')).data).toBe('still here')
    })

    it('open one after another', async () => {
      for (let n = 0; n < 20; n++) {
        const socket = await opened(echoes())
        socket.send(String(n))
        expect((await next(socket, 'message')).data).toBe(String(n))
        socket.close()
        await next(socket, 'close')
      }
    })

    it('end in different ways at the same time', async () => {
      const events = await Promise.all(
        [closes(4001), closes(4002), drops(), closes()].map(place => next(dial(place), 'close')),
      )
      expect(events.map(({ code }) => code)).toEqual([4001, 4002, 1006, 1005])
    })

    it('get their own messages', async () => {
      const sockets = await Promise.all(times(6, () => opened(echoes())))
      const answers = sockets.map(socket => next(socket, 'message'))
      for (const [n, socket] of sockets.entries()) socket.send(`for ${n}`)
      expect((await Promise.all(answers)).map(({ data }) => data)).toEqual(times(6, n => `for ${n}`))
    })
  })

  describe('many messages', () => {
    it('come in order from one server', async () => {
      expect(await messages(dial(counts(5000)), 5000)).toEqual(times(5000, String))
    })

    it('come in order from several servers', async () => {
      const all = await Promise.all(times(4, () => messages(dial(counts(1000)), 1000)))
      expect(all).toEqual(times(4, () => times(1000, String)))
    })

    it('go there and back in order', async () => {
      const socket = await opened(echoes())
      const back = messages(socket, 3000)
      for (let n = 0; n < 3000; n++) socket.send(String(n))
      expect(await back).toEqual(times(3000, String))
    })

    it('reach every listener in order', async () => {
      const socket = dial(counts(100))
      const [first, second] = [messages(socket, 100), messages(socket, 100)]
      expect(await first).toEqual(await second)
    })
  })
}
