import { describe, expect, it } from 'vitest'
import { reportedWhile } from '../reported.ts'
import { accepts, counts } from '../server.ts'
import type { Subject } from '../subject.ts'
import { synthetic } from '../synthetic.ts'
import { messages, next, outcome } from '../waiting.ts'

/** addEventListener, removeEventListener and dispatchEvent [DOM §2.7] on a socket. */
export function listeners({ dial }: Subject): void {
  const fresh = () => dial(accepts())
  const ping = (init?: EventInit) => new Event('ping', init)

  describe('addEventListener', () => {
    it('returns undefined', () => {
      expect(fresh().addEventListener('open', () => {})).toBeUndefined()
    })

    it('calls listeners in the order they were added', () => {
      const socket = fresh()
      const order: number[] = []
      for (const n of [1, 2, 3]) socket.addEventListener('ping', () => order.push(n))
      socket.dispatchEvent(ping())
      expect(order).toEqual([1, 2, 3])
    })

    it('calls a listener with the socket as this', () => {
      const socket = fresh()
      let receiver: unknown
      socket.addEventListener('ping', function (this: unknown) {
        receiver = this
      })
      socket.dispatchEvent(ping())
      expect(receiver).toBe(socket)
    })

    it('ignores a listener that is already there', () => {
      const socket = fresh()
      let calls = 0
      const listener = () => calls++
      socket.addEventListener('ping', listener)
      socket.addEventListener('ping', listener)
      socket.dispatchEvent(ping())
      expect(calls).toBe(1)
    })

    it('takes the same listener once more for the capture phase', () => {
      const socket = fresh()
      let calls = 0
      const listener = () => calls++
      socket.addEventListener('ping', listener)
      socket.addEventListener('ping', listener, { capture: true })
      socket.dispatchEvent(ping())
      expect(calls).toBe(2)
    })

    it('takes an object with handleEvent and calls it with the object as this', () => {
      const socket = fresh()
      const calls: unknown[] = []
      const listener: EventListenerObject = {
        handleEvent(this: unknown, event: Event) {
          calls.push(this, event.type)
        },
      }
      socket.addEventListener('ping', listener)
      socket.dispatchEvent(ping())
      expect(calls).toEqual([listener, 'ping'])
    })

    it('looks handleEvent up at every event', () => {
      const socket = fresh()
      const calls: string[] = []
      const listener: EventListenerObject = { handleEvent: () => void calls.push('first') }
      socket.addEventListener('ping', listener)
      socket.dispatchEvent(ping())
      listener.handleEvent = () => void calls.push('second')
      socket.dispatchEvent(ping())
      expect(calls).toEqual(['first', 'second'])
    })

    it('ignores null', () => {
      const socket = fresh()
      expect(outcome(() => Reflect.apply(socket.addEventListener, socket, ['ping', null]))).toBe('returns')
      expect(socket.dispatchEvent(ping())).toBe(true)
    })

    it('throws a TypeError for a listener that is no object', () => {
      const socket = fresh()
      expect(outcome(() => Reflect.apply(socket.addEventListener, socket, ['ping', 1]))).toBe('TypeError')
    })

    it('throws a TypeError without a listener', () => {
      const socket = fresh()
      expect(outcome(() => Reflect.apply(socket.addEventListener, socket, ['ping']))).toBe('TypeError')
    })

    it('calls a listener with once a single time', () => {
      const socket = fresh()
      let calls = 0
      socket.addEventListener('ping', () => calls++, { once: true })
      socket.dispatchEvent(ping())
      socket.dispatchEvent(ping())
      expect(calls).toBe(1)
    })

    it('calls a listener with once a single time for real messages', async () => {
      const socket = dial(counts(3))
      let calls = 0
      socket.addEventListener('message', () => calls++, { once: true })
      await messages(socket, 3)
      expect(calls).toBe(1)
    })

    it('removes a listener when its signal aborts', () => {
      const socket = fresh()
      const controller = new AbortController()
      let calls = 0
      socket.addEventListener('ping', () => calls++, { signal: controller.signal })
      socket.dispatchEvent(ping())
      controller.abort()
      socket.dispatchEvent(ping())
      expect(calls).toBe(1)
    })

    it('ignores a listener whose signal has aborted', () => {
      const socket = fresh()
      let calls = 0
      socket.addEventListener('ping', () => calls++, { signal: AbortSignal.abort() })
      socket.dispatchEvent(ping())
      expect(calls).toBe(0)
    })

    it('removes a listener of real messages when its signal aborts', async () => {
      const socket = dial(counts(3))
      const controller = new AbortController()
      const data: unknown[] = []
      const listener = (event: MessageEvent) => {
        data.push(event.data)
        controller.abort()
      }
      socket.addEventListener('message', listener, { signal: controller.signal })
      await messages(socket, 3)
      expect(data).toEqual(['0'])
    })

    it('lets a passive listener not cancel', () => {
      const socket = fresh()
      socket.addEventListener('ping', event => event.preventDefault(), { passive: true })
      expect(socket.dispatchEvent(ping({ cancelable: true }))).toBe(true)
    })

    it('does not call a listener that is added during the event', () => {
      const socket = fresh()
      const order: string[] = []
      socket.addEventListener('ping', () => socket.addEventListener('ping', () => order.push('late')), { once: true })
      socket.dispatchEvent(ping())
      expect(order).toEqual([])
      socket.dispatchEvent(ping())
      expect(order).toEqual(['late'])
    })

    it('reports what a listener throws to the window, and the others go on', async () => {
      const socket = fresh()
      const problem = new Error('a listener fails')
      let calls = 0
      socket.addEventListener('ping', () => {
        throw problem
      })
      socket.addEventListener('ping', () => calls++)
      expect(await reportedWhile(() => socket.dispatchEvent(ping()))).toEqual([problem])
      expect(calls).toBe(1)
    })

    it('reports what a listener of a real event throws, and the others go on', async () => {
      const socket = dial(counts(1))
      const problem = new Error('a listener fails')
      const order: string[] = []
      const reported = await reportedWhile(async () => {
        socket.addEventListener('open', () => {
          throw problem
        })
        socket.addEventListener('open', () => order.push('open'))
        socket.addEventListener('message', () => order.push('message'))
        await next(socket, 'message')
      })
      expect([reported, order]).toEqual([[problem], ['open', 'message']])
    })

    it('does not tell types apart by their on… names', () => {
      const socket = fresh()
      let calls = 0
      socket.addEventListener('onopen', () => calls++)
      socket.dispatchEvent(synthetic('open'))
      expect(calls).toBe(0)
    })
  })

  describe('removeEventListener', () => {
    it('removes a listener', () => {
      const socket = fresh()
      let calls = 0
      const listener = () => calls++
      socket.addEventListener('ping', listener)
      socket.removeEventListener('ping', listener)
      socket.dispatchEvent(ping())
      expect(calls).toBe(0)
    })

    it('removes a listener before the event under way reaches it', () => {
      const socket = fresh()
      let calls = 0
      const later = () => calls++
      socket.addEventListener('ping', () => socket.removeEventListener('ping', later))
      socket.addEventListener('ping', later)
      socket.dispatchEvent(ping())
      expect(calls).toBe(0)
    })

    it('lets a listener remove itself without losing the next one', () => {
      const socket = fresh()
      const order: string[] = []
      const first = () => {
        order.push('first')
        socket.removeEventListener('ping', first)
      }
      socket.addEventListener('ping', first)
      socket.addEventListener('ping', () => order.push('second'))
      socket.dispatchEvent(ping())
      socket.dispatchEvent(ping())
      expect(order).toEqual(['first', 'second', 'second'])
    })

    it('needs the same capture flag', () => {
      const socket = fresh()
      let calls = 0
      const listener = () => calls++
      socket.addEventListener('ping', listener, true)
      socket.removeEventListener('ping', listener)
      socket.dispatchEvent(ping())
      expect(calls).toBe(1)
    })

    it('ignores a listener it does not know', () => {
      const socket = fresh()
      expect(outcome(() => socket.removeEventListener('ping', () => {}))).toBe('returns')
    })

    it('removes an object with handleEvent', () => {
      const socket = fresh()
      let calls = 0
      const listener = { handleEvent: () => void calls++ }
      socket.addEventListener('ping', listener)
      socket.removeEventListener('ping', listener)
      socket.dispatchEvent(ping())
      expect(calls).toBe(0)
    })
  })
}
