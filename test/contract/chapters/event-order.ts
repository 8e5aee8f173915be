import { describe, expect, it } from 'vitest'
import { accepts, closes, counts, drops, echoes, refuses } from '../server.ts'
import type { Subject } from '../subject.ts'
import { journal, next } from '../waiting.ts'

/**
 * Events among tasks and microtasks. Microtasks between two listeners of the same event are left out: only an
 * event that the platform itself dispatches lets them run there.
 */
export function eventOrder({ dial, construct, opened }: Subject): void {
  describe('listeners are in time', () => {
    it('when they are added in the task of the constructor', async () => {
      const socket = dial(accepts())
      expect((await next(socket, 'open')).type).toBe('open')
    })

    it('when they are added in a microtask after the constructor', async () => {
      const socket = dial(accepts())
      await Promise.resolve()
      expect((await next(socket, 'open')).type).toBe('open')
    })

    it('when they are added after a chain of microtasks', async () => {
      const socket = dial(accepts())
      for (let turn = 0; turn < 100; turn++) await Promise.resolve()
      expect((await next(socket, 'open')).type).toBe('open')
    })

    it('when they are added after the page was busy', async () => {
      const socket = dial(accepts())
      const until = performance.now() + 30
      while (performance.now() < until);
      expect([socket.readyState, (await next(socket, 'open')).type]).toEqual([WebSocket.CONNECTING, 'open'])
    })

    it('when a message came in while the page was busy after the open event', async () => {
      const socket = await opened(counts(1))
      expect((await next(socket, 'message')).data).toBe('0')
    })
  })

  describe('microtasks', () => {
    it('of the error listener run before the close listener', async () => {
      const socket = dial(refuses(401))
      const order: string[] = []
      socket.addEventListener('error', () => {
        order.push('error')
        queueMicrotask(() => order.push('microtask'))
      })
      await new Promise<void>(resolve => {
        socket.addEventListener('close', () => {
          order.push('close')
          resolve()
        })
      })
      expect(order).toEqual(['error', 'microtask', 'close'])
    })

    it('of onerror run before onclose', async () => {
      const socket = dial(refuses(401))
      const order: string[] = []
      socket.onerror = async () => {
        order.push('error')
        await null
        order.push('after await')
      }
      await new Promise<void>(resolve => {
        socket.onclose = () => {
          order.push('close')
          resolve()
        }
      })
      expect(order).toEqual(['error', 'after await', 'close'])
    })

    it('of the error listener run before the close listener when close() ends the dial', async () => {
      const socket = dial(accepts())
      const order: string[] = []
      socket.addEventListener('error', () => queueMicrotask(() => order.push('microtask')))
      socket.addEventListener('close', () => order.push('close'))
      socket.close()
      await next(socket, 'close')
      expect(order).toEqual(['microtask', 'close'])
    })

    it('of the open listener run before the first message listener', async () => {
      const socket = dial(counts(1))
      const order: string[] = []
      socket.addEventListener('open', () => queueMicrotask(() => order.push('microtask')))
      socket.addEventListener('message', () => order.push('message'))
      await next(socket, 'message')
      expect(order).toEqual(['microtask', 'message'])
    })

    it('of a message listener run before the next message', async () => {
      const socket = dial(counts(3))
      const order: string[] = []
      await new Promise<void>(resolve => {
        socket.addEventListener('message', async ({ data }) => {
          order.push(`message ${data}`)
          await null
          order.push(`after ${data}`)
          if (data === '2') resolve()
        })
      })
      expect(order).toEqual(['message 0', 'after 0', 'message 1', 'after 1', 'message 2', 'after 2'])
    })

    it('of the last message run before the close listener', async () => {
      const place = counts(1)
      const socket = dial(place)
      const order: string[] = []
      socket.addEventListener('message', () => {
        void place.close(4000)
        queueMicrotask(() => order.push('microtask'))
      })
      socket.addEventListener('close', () => order.push('close'))
      await next(socket, 'close')
      expect(order).toEqual(['microtask', 'close'])
    })
  })

  describe('error and close', () => {
    it('come in one task when a handshake is refused', async () => {
      const socket = dial(refuses(401))
      const order: string[] = []
      const { port1, port2 } = new MessageChannel()
      const task = new Promise<void>(resolve => {
        port1.onmessage = () => {
          order.push('next task')
          resolve()
        }
      })
      socket.addEventListener('error', () => {
        order.push('error')
        port2.postMessage(null)
      })
      socket.addEventListener('close', () => order.push('close'))
      await task
      expect(order).toEqual(['error', 'close', 'next task'])
    })

    it('find readyState the same in both listeners', async () => {
      const socket = dial(refuses(401))
      const states: number[] = []
      socket.addEventListener('error', () => states.push(socket.readyState))
      socket.addEventListener('close', () => states.push(socket.readyState))
      await next(socket, 'close')
      expect(states[0]).toBe(states[1])
    })
  })

  describe('a whole life', () => {
    it('has its events in order when the app closes', async () => {
      const socket = dial(echoes())
      const events = journal(socket)
      await next(socket, 'open')
      socket.send('a')
      await next(socket, 'message')
      socket.close()
      await next(socket, 'close')
      expect(events).toEqual(['open', 'message', 'close'])
    })

    it('needs no listeners at all', async () => {
      const place = echoes()
      const socket = construct([place.url])
      await place.arrived()
      while (socket.readyState === WebSocket.CONNECTING) await new Promise(resolve => setTimeout(resolve))
      socket.send('unheard')
      socket.close(3000)
      expect((await place.ended())[0]?.messages).toEqual([{ text: 'unheard' }])
    })

    it('may begin in the close listener of another', async () => {
      const first = dial(closes(1008))
      const second = await new Promise<WebSocket>(resolve => {
        first.addEventListener('close', () => resolve(construct([accepts().url])))
      })
      expect((await next(second, 'open')).target).toBe(second)
    })

    it('may begin in the close listener of one that was dropped', async () => {
      const first = dial(drops())
      const second = await new Promise<WebSocket>(resolve => {
        first.addEventListener('close', () => resolve(construct([echoes().url])), { once: true })
      })
      await next(second, 'open')
      second.send('new')
      expect((await next(second, 'message')).data).toBe('new')
    })
  })
}
