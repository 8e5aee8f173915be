import { describe, expect, it } from 'vitest'
import { reportedWhile } from '../reported.ts'
import { accepts, counts, refuses } from '../server.ts'
import type { Subject } from '../subject.ts'
import { synthetic } from '../synthetic.ts'
import { next } from '../waiting.ts'

const TYPES = ['open', 'message', 'error', 'close'] as const
type Type = (typeof TYPES)[number]
type Handler = ((this: WebSocket, event: Event) => unknown) | null

/** The on… attributes [HTML §8.1.8.1], tried with synthetic events on a socket that is still connecting. */
export function handlerAttributes({ dial }: Subject): void {
  const get = (socket: WebSocket, type: Type): unknown => Reflect.get(socket, `on${type}`)
  const set = (socket: WebSocket, type: Type, value: unknown) => Reflect.set(socket, `on${type}`, value)

  for (const type of TYPES) {
    describe(`on${type}`, () => {
      const fresh = () => dial(accepts())
      const fire = (socket: WebSocket, init?: EventInit) => socket.dispatchEvent(synthetic(type, init))

      it('is null at first', () => {
        expect(get(fresh(), type)).toBeNull()
      })

      it('gives back the function it was set to', () => {
        const socket = fresh()
        const handler = () => {}
        set(socket, type, handler)
        expect(get(socket, type)).toBe(handler)
      })

      it('is called with the event alone and the socket as this', () => {
        const socket = fresh()
        const calls: unknown[] = []
        set(socket, type, function (this: unknown, ...args: unknown[]) {
          calls.push(this, ...args)
        })
        const event = synthetic(type)
        socket.dispatchEvent(event)
        expect(calls).toEqual([socket, event])
      })

      for (const value of [undefined, null, 0, 1, Number.NaN, '', 'close()', true, false, 10n, Symbol('handler')]) {
        it(`becomes null when set to ${typeof value} ${String(value)}`, () => {
          const socket = fresh()
          set(socket, type, () => {})
          set(socket, type, value)
          expect(get(socket, type)).toBeNull()
        })
      }

      it('keeps an object that cannot be called, and does nothing with it', () => {
        const socket = fresh()
        const value = { handleEvent: () => expect.unreachable() }
        set(socket, type, value)
        fire(socket)
        expect(get(socket, type)).toBe(value)
      })

      it('runs in the place where it was first set', () => {
        const socket = fresh()
        const order: string[] = []
        socket.addEventListener(type, () => order.push('before'))
        set(socket, type, () => order.push('handler'))
        socket.addEventListener(type, () => order.push('after'))
        fire(socket)
        expect(order).toEqual(['before', 'handler', 'after'])
      })

      it('keeps its place when it is replaced', () => {
        const socket = fresh()
        const order: string[] = []
        set(socket, type, () => order.push('first handler'))
        socket.addEventListener(type, () => order.push('listener'))
        set(socket, type, () => order.push('second handler'))
        fire(socket)
        expect(order).toEqual(['second handler', 'listener'])
      })

      it('loses its place when it was null in between', () => {
        const socket = fresh()
        const order: string[] = []
        set(socket, type, () => order.push('first handler'))
        socket.addEventListener(type, () => order.push('listener'))
        set(socket, type, null)
        set(socket, type, () => order.push('second handler'))
        fire(socket)
        expect(order).toEqual(['listener', 'second handler'])
      })

      it('keeps its place when an object that cannot be called was there in between', () => {
        const socket = fresh()
        const order: string[] = []
        set(socket, type, {})
        socket.addEventListener(type, () => order.push('listener'))
        set(socket, type, () => order.push('handler'))
        fire(socket)
        expect(order).toEqual(['handler', 'listener'])
      })

      it('has no place until it is set to something', () => {
        const socket = fresh()
        const order: string[] = []
        set(socket, type, null)
        socket.addEventListener(type, () => order.push('listener'))
        set(socket, type, () => order.push('handler'))
        fire(socket)
        expect(order).toEqual(['listener', 'handler'])
      })

      it('is not called once it is null', () => {
        const socket = fresh()
        const order: string[] = []
        set(socket, type, () => order.push('handler'))
        set(socket, type, null)
        fire(socket)
        expect(order).toEqual([])
      })

      it('is replaced for the event under way', () => {
        const socket = fresh()
        const order: string[] = []
        socket.addEventListener(type, () => set(socket, type, () => order.push('new')))
        set(socket, type, () => order.push('old'))
        fire(socket)
        expect(order).toEqual(['new'])
      })

      it('is removed for the event under way', () => {
        const socket = fresh()
        const order: string[] = []
        socket.addEventListener(type, () => set(socket, type, null))
        set(socket, type, () => order.push('handler'))
        fire(socket)
        expect(order).toEqual([])
      })

      it('is not called for the event under way when it is set in a listener', () => {
        const socket = fresh()
        const order: string[] = []
        socket.addEventListener(type, () => set(socket, type, () => order.push('handler')), { once: true })
        fire(socket)
        expect(order).toEqual([])
        fire(socket)
        expect(order).toEqual(['handler'])
      })

      it('is called beside the same function as a listener', () => {
        const socket = fresh()
        let calls = 0
        const both = () => calls++
        set(socket, type, both)
        socket.addEventListener(type, both)
        fire(socket)
        expect(calls).toBe(2)
      })

      it('cannot be removed with removeEventListener', () => {
        const socket = fresh()
        let calls = 0
        const handler = () => {
          calls++
        }
        set(socket, type, handler)
        socket.removeEventListener(type, handler)
        fire(socket)
        expect(calls).toBe(1)
      })

      it('cancels a cancelable event by returning false', () => {
        const socket = fresh()
        set(socket, type, () => false)
        expect(fire(socket, { cancelable: true })).toBe(false)
      })

      it('cannot cancel another event', () => {
        const socket = fresh()
        set(socket, type, () => false)
        expect(fire(socket)).toBe(true)
      })

      for (const value of [undefined, null, true, 0, '']) {
        it(`does not cancel by returning ${JSON.stringify(value) ?? 'undefined'}`, () => {
          const socket = fresh()
          set(socket, type, () => value)
          expect(fire(socket, { cancelable: true })).toBe(true)
        })
      }

      it('reports what it throws to the window, and the others go on', async () => {
        const socket = fresh()
        const problem = new Error('the handler fails')
        const order: string[] = []
        socket.addEventListener(type, () => order.push('before'))
        set(socket, type, () => {
          throw problem
        })
        socket.addEventListener(type, () => order.push('after'))
        expect(await reportedWhile(() => fire(socket))).toEqual([problem])
        expect(order).toEqual(['before', 'after'])
        set(socket, type, null)
      })

      it('may set itself to null', () => {
        const socket = fresh()
        let calls = 0
        set(socket, type, () => {
          calls++
          set(socket, type, null)
        })
        fire(socket)
        fire(socket)
        expect(calls).toBe(1)
      })

      it('belongs to one socket', () => {
        const [left, right] = [fresh(), fresh()]
        set(left, type, () => {})
        expect(get(right, type)).toBeNull()
      })
    })
  }

  describe('all handlers together', () => {
    it('hear the life of a connection', async () => {
      const place = counts(1)
      const socket = dial(place)
      const order: string[] = []
      socket.onopen = () => order.push('open')
      socket.onmessage = ({ data }) => {
        order.push(`message ${data}`)
        socket.close(4000)
      }
      socket.onerror = () => order.push('error')
      const closed = new Promise<void>(resolve => {
        socket.onclose = ({ code }) => {
          order.push(`close ${code}`)
          resolve()
        }
      })
      await closed
      expect(order).toEqual(['open', 'message 0', 'close 4000'])
    })

    it('hear a refused handshake', async () => {
      const socket = dial(refuses(403))
      const order: string[] = []
      socket.onerror = ({ type }) => order.push(type)
      await new Promise<void>(resolve => {
        socket.onclose = ({ type }) => {
          order.push(type)
          resolve()
        }
      })
      expect(order).toEqual(['error', 'close'])
    })

    it('keep working after one of them has thrown', async () => {
      const socket = dial(counts(2))
      const problem = new Error('the first message is too much')
      const data: unknown[] = []
      const reported = await reportedWhile(async () => {
        const second = new Promise<void>(resolve => {
          socket.onmessage = (event: MessageEvent) => {
            data.push(event.data)
            if (event.data === '0') throw problem
            resolve()
          }
        })
        await second
      })
      expect([reported, data]).toEqual([[problem], ['0', '1']])
    })

    it('leave the connection alone when onopen throws', async () => {
      const socket = dial(counts(1))
      const reported = await reportedWhile(async () => {
        socket.onopen = () => {
          throw new Error('onopen fails')
        }
        await next(socket, 'message')
      })
      expect([reported.length, socket.readyState]).toEqual([1, WebSocket.OPEN])
    })

    it('are kept after the connection closed', async () => {
      const socket = dial(accepts())
      const handler: Handler = () => {}
      socket.onopen = handler
      await next(socket, 'open')
      socket.close()
      await next(socket, 'close')
      expect(socket.onopen).toBe(handler)
    })
  })
}
