import { describe, expect, it } from 'vitest'
import { accepts, counts, echoes, servers } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next } from '../waiting.ts'

/** Apps derive classes of their own; everything must go through them. */
export function subclassing({ Class, construct }: Subject): void {
  // A class whose constructor arguments are passed through as they are.
  const Base = Class as unknown as new (...args: unknown[]) => WebSocket
  const make = <T extends WebSocket>(Subclass: new (...args: unknown[]) => T, url: string) =>
    construct([url], Subclass as unknown as typeof Class) as T

  describe('a subclass', () => {
    it('has instances of both classes', () => {
      class Chat extends Base {}
      const socket = make(Chat, accepts().url)
      expect([socket instanceof Chat, socket instanceof Class]).toEqual([true, true])
    })

    it('has its own prototype between', () => {
      class Chat extends Base {}
      expect(Object.getPrototypeOf(make(Chat, accepts().url))).toBe(Chat.prototype)
      expect(Object.getPrototypeOf(Chat.prototype)).toBe(Class.prototype)
    })

    it('inherits the constants', () => {
      class Chat extends Base {}
      expect(Reflect.get(Chat, 'CLOSED')).toBe(3)
    })

    it('may have fields', () => {
      class Chat extends Base {
        readonly room = 'lobby'
      }
      expect(make(Chat, accepts().url).room).toBe('lobby')
    })

    it('may have private fields and use them in listeners', async () => {
      class Counter extends Base {
        #seen = 0
        constructor(...args: unknown[]) {
          super(...args)
          this.addEventListener('message', () => this.#seen++)
        }
        get seen() {
          return this.#seen
        }
      }
      const socket = make(Counter, counts(2).url)
      await next(socket, 'message')
      await next(socket, 'message')
      expect(socket.seen).toBe(2)
    })

    it('may set handlers in its constructor', async () => {
      class Chat extends Base {
        opened = false
        constructor(...args: unknown[]) {
          super(...args)
          this.onopen = () => {
            this.opened = true
          }
        }
      }
      const socket = make(Chat, accepts().url)
      await next(socket, 'open')
      expect(socket.opened).toBe(true)
    })

    it('may read attributes in its constructor', () => {
      class Chat extends Base {
        readonly seen: unknown[]
        constructor(...args: unknown[]) {
          super(...args)
          this.seen = [this.readyState, this.url]
        }
      }
      const { url } = accepts()
      expect(make(Chat, url).seen).toEqual([0, url])
    })

    it('may override send and call the inherited one', async () => {
      class Shouting extends Base {
        override send(text: string) {
          super.send(text.toUpperCase())
        }
      }
      const socket = make(Shouting, echoes().url)
      await next(socket, 'open')
      socket.send('hello')
      expect((await next(socket, 'message')).data).toBe('HELLO')
    })

    it('may override close and call the inherited one', async () => {
      class Polite extends Base {
        override close() {
          super.close(4000, 'good bye')
        }
      }
      const place = accepts()
      const socket = make(Polite, place.url)
      await next(socket, 'open')
      socket.close()
      expect((await place.ended())[0]?.close).toEqual({ code: 4000, reason: 'good bye' })
    })

    it('may override dispatchEvent without hearing of real events', async () => {
      const dispatched: string[] = []
      class Curious extends Base {
        override dispatchEvent(event: Event) {
          dispatched.push(event.type)
          return super.dispatchEvent(event)
        }
      }
      const socket = make(Curious, accepts().url)
      await next(socket, 'open')
      expect(dispatched).toEqual([])
    })

    it('may override addEventListener without hearing of handlers', async () => {
      const added: string[] = []
      class Curious extends Base {
        override addEventListener(type: string, listener: unknown, options?: unknown) {
          added.push(type)
          Reflect.apply(EventTarget.prototype.addEventListener, this, [type, listener, options])
        }
      }
      const socket = make(Curious, accepts().url)
      socket.onopen = () => {}
      expect(added).toEqual([])
    })

    it('may override an attribute', () => {
      class Masked extends Base {
        override get url() {
          return super.url.replace(/\?.*/, '')
        }
      }
      expect(make(Masked, accepts().url).url).toBe(`ws://${servers().main}/accepts`)
    })

    it('is the target of its events', async () => {
      class Chat extends Base {}
      const socket = make(Chat, accepts().url)
      expect((await next(socket, 'open')).target).toBe(socket)
    })

    it('may have a subclass', () => {
      class Chat extends Base {}
      class Room extends Chat {}
      const socket = make(Room, accepts().url)
      expect([socket instanceof Room, socket instanceof Chat, socket.readyState]).toEqual([true, true, 0])
    })

    it('keeps the tag', () => {
      class Chat extends Base {}
      expect(String(make(Chat, accepts().url))).toBe('[object WebSocket]')
    })
  })
}
