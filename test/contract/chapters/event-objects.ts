import { describe, expect, it } from 'vitest'
import { accepts, closes, counts, drops, echoes, refuses, sends } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next } from '../waiting.ts'

type Type = 'open' | 'message' | 'error' | 'close'

interface Kind {
  readonly type: Type
  readonly Interface: typeof Event
  readonly fire: () => { readonly url: string }
}

const KINDS: readonly Kind[] = [
  { type: 'open', Interface: Event, fire: accepts },
  { type: 'message', Interface: MessageEvent as unknown as typeof Event, fire: () => counts(1) },
  { type: 'error', Interface: Event, fire: () => refuses(401) },
  { type: 'close', Interface: CloseEvent as unknown as typeof Event, fire: () => closes(1008, 'why') },
]

/** The events a socket fires, looked at as objects. `isTrusted` is left out: only the platform can set it. */
export function eventObjects({ dial, opened }: Subject): void {
  for (const { type, Interface, fire } of KINDS) {
    describe(`the ${type} event`, () => {
      /** What `read` sees inside a listener. */
      function inside<T>(read: (event: Event, socket: WebSocket) => T): Promise<T> {
        const socket = dial(fire())
        return new Promise(resolve => {
          socket.addEventListener(type, event => resolve(read(event, socket)), { once: true })
        })
      }

      it(`is a ${Interface.name}`, async () => {
        expect(await inside(event => event instanceof Interface)).toBe(true)
      })

      it(`has ${Interface.name} as its constructor`, async () => {
        expect(await inside(event => event.constructor === Interface)).toBe(true)
      })

      it(`has the prototype of ${Interface.name}`, async () => {
        expect(await inside(event => Object.getPrototypeOf(event) === Interface.prototype)).toBe(true)
      })

      it(`says [object ${Interface.name}]`, async () => {
        expect(await inside(event => Object.prototype.toString.call(event))).toBe(`[object ${Interface.name}]`)
      })

      it('has its type', async () => {
        expect(await inside(event => event.type)).toBe(type)
      })

      for (const name of ['target', 'currentTarget', 'srcElement'] as const) {
        it(`has the socket as its ${name}`, async () => {
          expect(await inside((event, socket) => event[name] === socket)).toBe(true)
        })
      }

      it('is at its target', async () => {
        expect(await inside(event => event.eventPhase)).toBe(Event.AT_TARGET)
      })

      it('has a path of the socket alone', async () => {
        expect(await inside((event, socket) => event.composedPath().every(node => node === socket))).toBe(true)
        expect(await inside(event => event.composedPath().length)).toBe(1)
      })

      it('neither bubbles, nor can be cancelled, nor leaves a shadow tree', async () => {
        expect(await inside(event => [event.bubbles, event.cancelable, event.composed])).toEqual([false, false, false])
      })

      it('takes no notice of preventDefault', async () => {
        const seen = await inside(event => {
          event.preventDefault()
          return [event.defaultPrevented, event.returnValue]
        })
        expect(seen).toEqual([false, true])
      })

      it('has a time stamp between the start of the page and now', async () => {
        const [stamp, now] = await inside(event => [event.timeStamp, performance.now()])
        expect(stamp).toBeGreaterThan(0)
        expect(stamp).toBeLessThanOrEqual(now ?? 0)
      })

      it('is the event that window.event names meanwhile', async () => {
        expect(await inside(event => window.event === event)).toBe(true)
      })

      it('is one object for all listeners and the handler', async () => {
        const socket = dial(fire())
        const seen: Event[] = []
        await new Promise<void>(resolve => {
          socket.addEventListener(type, event => seen.push(event), { once: true })
          Reflect.set(socket, `on${type}`, (event: Event) => seen.push(event))
          socket.addEventListener(type, () => resolve(), { once: true })
        })
        expect(seen[0] === seen[1]).toBe(true)
      })

      it('keeps its target and forgets where it was when it is over', async () => {
        const socket = dial(fire())
        const event = await new Promise<Event>(resolve => {
          socket.addEventListener(type, event => setTimeout(resolve, 0, event), { once: true })
        })
        expect(event.target === socket).toBe(true)
        expect([event.currentTarget, event.eventPhase, event.composedPath()]).toEqual([null, Event.NONE, []])
      })

      it('keeps what an app writes on it', async () => {
        const socket = dial(fire())
        const note = await new Promise<unknown>(resolve => {
          socket.addEventListener(type, event => Object.assign(event, { note: 'mine' }), { once: true })
          socket.addEventListener(type, event => resolve(Reflect.get(event, 'note')), { once: true })
        })
        expect(note).toBe('mine')
      })
    })
  }

  describe('the message event', () => {
    it('has the origin of the server', async () => {
      const place = counts(1)
      const event = await next(dial(place), 'message')
      expect(event.origin).toBe(new URL(place.url).origin)
    })

    it('has the origin of the server when the URL was given as http:', async () => {
      const place = counts(1)
      const event = await next(dial({ url: place.url.replace('ws:', 'http:') }), 'message')
      expect(event.origin).toBe(new URL(place.url).origin)
    })

    it('has no path and no user in its origin', async () => {
      const { url } = counts(1)
      const event = await next(dial({ url: url.replace('ws://', 'ws://user:secret@') }), 'message')
      expect(event.origin).toBe(new URL(url).origin)
    })

    it('has no source, no ports and no last event id', async () => {
      const event = await next(dial(counts(1)), 'message')
      expect([event.source, [...event.ports], event.lastEventId]).toEqual([null, [], ''])
    })

    it('has a frozen list of ports that stays the same', async () => {
      const event = await next(dial(counts(1)), 'message')
      expect(Object.isFrozen(event.ports)).toBe(true)
      expect(event.ports).toBe(event.ports)
    })

    it('gives the same data object each time', async () => {
      const event = await next(dial(sends('820101')), 'message')
      expect(event.data).toBe(event.data)
    })

    it('is a new object for each message', async () => {
      const socket = dial(counts(2))
      const seen: Event[] = []
      await new Promise<void>(resolve => {
        socket.addEventListener('message', event => seen.push(event) === 2 && resolve())
      })
      expect(seen[0]).not.toBe(seen[1])
    })

    it('keeps its data when the next one has come', async () => {
      const socket = await opened(echoes())
      socket.send('first')
      const first = await next(socket, 'message')
      socket.send('second')
      await next(socket, 'message')
      expect(first.data).toBe('first')
    })
  })

  describe('the close event', () => {
    it('has a number, a string and a boolean', async () => {
      const event = await next(dial(closes(4000, 'why')), 'close')
      expect([typeof event.code, typeof event.reason, typeof event.wasClean]).toEqual(['number', 'string', 'boolean'])
    })

    it('has the same types after a drop', async () => {
      const event = await next(dial(drops()), 'close')
      expect([typeof event.code, typeof event.reason, typeof event.wasClean]).toEqual(['number', 'string', 'boolean'])
    })

    for (const name of ['code', 'reason', 'wasClean'] as const) {
      it(`reads ${name} through the accessor of CloseEvent`, async () => {
        const event = await next(dial(closes(4000, 'why')), 'close')
        expect(Object.hasOwn(event, name)).toBe(false)
        const getter = Object.getOwnPropertyDescriptor(CloseEvent.prototype, name)?.get
        expect(getter && Reflect.apply(getter, event, [])).toBe(event[name])
      })
    }

    it('cannot be changed', async () => {
      const event = await next(dial(closes(4000, 'why')), 'close')
      expect(Reflect.set(event, 'code', 1000)).toBe(false)
      expect(event.code).toBe(4000)
    })
  })

  describe('the error event', () => {
    it('says nothing about the reason', async () => {
      const event = await next(dial(refuses(500)), 'error')
      expect(['message' in event, 'error' in event, 'code' in event]).toEqual([false, false, false])
    })

    it('is no ErrorEvent', async () => {
      expect(await next(dial(refuses(500)), 'error')).not.toBeInstanceOf(ErrorEvent)
    })
  })
}
