import { describe, expect, it } from 'vitest'
import { accepts, echoes } from '../server.ts'
import type { Subject } from '../subject.ts'
import { synthetic } from '../synthetic.ts'
import { next, outcome } from '../waiting.ts'

const TYPES = ['open', 'message', 'error', 'close'] as const

/** dispatchEvent: events an app makes reach its own listeners and change nothing else. [DOM §2.7] */
export function dispatching({ dial, opened }: Subject): void {
  describe('dispatchEvent', () => {
    for (const type of TYPES) {
      it(`brings a synthetic ${type} to listeners and on${type}, in order`, () => {
        const socket = dial(accepts())
        const order: string[] = []
        socket.addEventListener(type, () => order.push('listener'))
        Reflect.set(socket, `on${type}`, () => order.push('handler'))
        expect(socket.dispatchEvent(synthetic(type))).toBe(true)
        expect(order).toEqual(['listener', 'handler'])
      })

      it(`brings the same ${type} event object to all of them`, () => {
        const socket = dial(accepts())
        const seen: unknown[] = []
        socket.addEventListener(type, event => seen.push(event))
        Reflect.set(socket, `on${type}`, (event: Event) => seen.push(event))
        const event = synthetic(type)
        socket.dispatchEvent(event)
        expect(seen[0] === event && seen[1] === event).toBe(true)
      })

      it(`leaves readyState alone for a synthetic ${type}`, () => {
        const socket = dial(accepts())
        socket.dispatchEvent(synthetic(type))
        expect(socket.readyState).toBe(WebSocket.CONNECTING)
      })

      it(`leaves an open connection alone for a synthetic ${type}`, async () => {
        const socket = await opened(echoes())
        socket.dispatchEvent(synthetic(type))
        socket.send('still here')
        expect([(await next(socket, 'message')).data, socket.readyState]).toEqual(['still here', WebSocket.OPEN])
      })

      it(`sets the target of a synthetic ${type} to the socket`, () => {
        const socket = dial(accepts())
        const event = synthetic(type)
        socket.dispatchEvent(event)
        expect(event.target).toBe(socket)
      })
    }

    it('is synchronous', () => {
      const socket = dial(accepts())
      let heard = false
      socket.addEventListener('ping', () => {
        heard = true
      })
      socket.dispatchEvent(new Event('ping'))
      expect(heard).toBe(true)
    })

    it('returns false when a listener cancels', () => {
      const socket = dial(accepts())
      socket.addEventListener('ping', event => event.preventDefault())
      expect(socket.dispatchEvent(new Event('ping', { cancelable: true }))).toBe(false)
    })

    it('throws a TypeError for something that is no event', () => {
      const socket = dial(accepts())
      expect(outcome(() => Reflect.apply(socket.dispatchEvent, socket, [{ type: 'ping' }]))).toBe('TypeError')
    })

    it('throws a TypeError without an event', () => {
      const socket = dial(accepts())
      expect(outcome(() => Reflect.apply(socket.dispatchEvent, socket, []))).toBe('TypeError')
    })

    it('refuses an event that is being dispatched', () => {
      const socket = dial(accepts())
      let name = ''
      socket.addEventListener('ping', event => {
        name = outcome(() => socket.dispatchEvent(event))
      })
      socket.dispatchEvent(new Event('ping'))
      expect(name).toBe('InvalidStateError')
    })

    it('refuses a real event while it is being dispatched', async () => {
      const socket = dial(accepts())
      const other = new EventTarget()
      const name = await new Promise<string>(resolve => {
        socket.addEventListener('open', event => resolve(outcome(() => other.dispatchEvent(event))))
      })
      expect(name).toBe('InvalidStateError')
    })

    it('takes a real event again afterwards', async () => {
      const socket = dial(accepts())
      const event = await new Promise<Event>(resolve => {
        socket.addEventListener('open', event => setTimeout(resolve, 0, event), { once: true })
      })
      let calls = 0
      socket.addEventListener('open', () => calls++)
      expect(socket.dispatchEvent(event)).toBe(true)
      expect(calls).toBe(1)
    })

    it('stops at a listener that calls stopImmediatePropagation', () => {
      const socket = dial(accepts())
      let calls = 0
      socket.addEventListener('ping', event => event.stopImmediatePropagation())
      socket.addEventListener('ping', () => calls++)
      socket.dispatchEvent(new Event('ping'))
      expect(calls).toBe(0)
    })

    it('stops a real event at a listener that calls stopImmediatePropagation', async () => {
      const socket = dial(accepts())
      let calls = 0
      const stopped = new Promise<void>(resolve => {
        socket.addEventListener('open', event => {
          event.stopImmediatePropagation()
          setTimeout(resolve)
        })
      })
      socket.onopen = () => calls++
      await stopped
      expect(calls).toBe(0)
    })

    it('does not reach the window', () => {
      const socket = dial(accepts())
      let calls = 0
      const listener = () => calls++
      window.addEventListener('ping', listener)
      socket.dispatchEvent(new Event('ping', { bubbles: true }))
      window.removeEventListener('ping', listener)
      expect(calls).toBe(0)
    })
  })
}
