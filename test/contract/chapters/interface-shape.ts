import { describe, expect, it } from 'vitest'
import { accepts } from '../server.ts'
import type { Subject } from '../subject.ts'
import { next, outcome } from '../waiting.ts'

const CONSTANTS = [
  ['CONNECTING', 0],
  ['OPEN', 1],
  ['CLOSING', 2],
  ['CLOSED', 3],
] as const
const READ_ONLY = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'] as const
const WRITABLE = ['onopen', 'onerror', 'onclose', 'onmessage', 'binaryType'] as const
const METHODS = [
  ['close', 0],
  ['send', 1],
] as const
const MEMBERS = [...CONSTANTS.map(([name]) => name), ...READ_ONLY, ...WRITABLE, ...METHODS.map(([name]) => name)]

/** The class as WebIDL shapes it. [WHATWG WebSockets §3.1, WebIDL §3.7] */
export function interfaceShape({ Class, dial, opened }: Subject): void {
  const { prototype } = Class
  const fresh = () => dial(accepts())

  const strangers: readonly (readonly [what: string, stranger: () => unknown])[] = [
    ['a plain object', () => ({})],
    ['the prototype', () => prototype],
    ['an EventTarget', () => new EventTarget()],
    ['an object that inherits from a socket', () => Object.create(fresh())],
    ['null', () => null],
    ['a string', () => 'socket'],
  ]

  describe('the class', () => {
    it('is a function', () => {
      expect(typeof Class).toBe('function')
    })

    it('has one required argument', () => {
      expect(Class.length).toBe(1)
    })

    it('is called WebSocket', () => {
      expect(Object.getOwnPropertyDescriptor(Class, 'name')).toEqual({
        value: 'WebSocket',
        writable: false,
        enumerable: false,
        configurable: true,
      })
    })

    it('inherits from EventTarget', () => {
      expect(Object.getPrototypeOf(Class)).toBe(EventTarget)
    })

    it('has a prototype that inherits from the prototype of EventTarget', () => {
      expect(Object.getPrototypeOf(prototype)).toBe(EventTarget.prototype)
    })

    it('has a prototype that cannot be replaced', () => {
      const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(Class, 'prototype') ?? {}
      expect([writable, enumerable, configurable]).toEqual([false, false, false])
    })

    it('is the constructor of its prototype, hidden from for-in', () => {
      const { value, writable, enumerable, configurable } =
        Object.getOwnPropertyDescriptor(prototype, 'constructor') ?? {}
      expect(value).toBe(Class)
      expect([writable, enumerable, configurable]).toEqual([true, false, true])
    })

    it('tags its instances as WebSocket', () => {
      expect(Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)).toEqual({
        value: 'WebSocket',
        writable: false,
        enumerable: false,
        configurable: true,
      })
    })

    it('is not what instances of EventTarget are', () => {
      expect(new EventTarget() instanceof Class).toBe(false)
    })
  })

  describe('constants', () => {
    for (const [name, value] of CONSTANTS) {
      for (const [where, holder] of [
        ['the class', Class],
        ['the prototype', prototype],
      ] as const) {
        it(`${name} on ${where} is ${value}, enumerable and fixed`, () => {
          expect(Object.getOwnPropertyDescriptor(holder, name)).toEqual({
            value,
            writable: false,
            enumerable: true,
            configurable: false,
          })
        })

        it(`${name} on ${where} refuses assignment`, () => {
          expect(outcome(() => Object.assign(holder, { [name]: 9 }))).toBe('TypeError')
          expect(Reflect.get(holder, name)).toBe(value)
        })
      }

      it(`${name} can be read on a socket and not set there`, () => {
        const socket = fresh()
        expect(Reflect.get(socket, name)).toBe(value)
        expect(Reflect.set(socket, name, 9)).toBe(false)
      })
    }
  })

  describe('attributes', () => {
    for (const name of [...READ_ONLY, ...WRITABLE]) {
      it(`${name} is an enumerable, configurable accessor of the prototype`, () => {
        const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
        expect([typeof descriptor?.get, descriptor?.enumerable, descriptor?.configurable]).toEqual([
          'function',
          true,
          true,
        ])
      })

      it(`${name} has a getter with the name and length of a getter`, () => {
        const getter = Object.getOwnPropertyDescriptor(prototype, name)?.get
        expect([getter?.name, getter?.length]).toEqual([`get ${name}`, 0])
      })

      for (const [what, stranger] of strangers) {
        it(`${name} cannot be read from ${what}`, () => {
          const getter = Object.getOwnPropertyDescriptor(prototype, name)?.get ?? expect.unreachable()
          expect(outcome(() => Reflect.apply(getter, stranger(), []))).toBe('TypeError')
        })
      }

      it(`${name} is no own property of a socket`, () => {
        expect(Object.hasOwn(fresh(), name)).toBe(false)
      })
    }

    for (const name of READ_ONLY) {
      it(`${name} has no setter`, () => {
        expect(Object.getOwnPropertyDescriptor(prototype, name)).toHaveProperty('set', undefined)
      })

      it(`${name} refuses assignment and keeps its value`, () => {
        const socket = fresh()
        const before = socket[name]
        expect(outcome(() => Object.assign(socket, { [name]: 'changed' }))).toBe('TypeError')
        expect(socket[name]).toBe(before)
      })
    }

    for (const name of WRITABLE) {
      it(`${name} has a setter with the name and length of a setter`, () => {
        const setter = Object.getOwnPropertyDescriptor(prototype, name)?.set
        expect([setter?.name, setter?.length]).toEqual([`set ${name}`, 1])
      })

      for (const [what, stranger] of strangers) {
        it(`${name} cannot be set on ${what}`, () => {
          const setter = Object.getOwnPropertyDescriptor(prototype, name)?.set ?? expect.unreachable()
          expect(outcome(() => Reflect.apply(setter, stranger(), [null]))).toBe('TypeError')
        })
      }
    }
  })

  describe('methods', () => {
    for (const [name, length] of METHODS) {
      it(`${name} is an enumerable, writable, configurable function of the prototype`, () => {
        const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
        expect([typeof value, writable, enumerable, configurable]).toEqual(['function', true, true, true])
      })

      it(`${name} has its name and ${length} required arguments`, () => {
        expect([prototype[name].name, prototype[name].length]).toEqual([name, length])
      })

      it(`${name} is no constructor`, () => {
        expect(outcome(() => Reflect.construct(prototype[name] as unknown as typeof Event, ['x']))).toBe('TypeError')
        expect(Object.hasOwn(prototype[name], 'prototype')).toBe(false)
      })

      for (const [what, stranger] of strangers) {
        it(`${name} cannot be called on ${what}`, () => {
          expect(outcome(() => Reflect.apply(prototype[name], stranger(), ['1']))).toBe('TypeError')
        })
      }

      it(`${name} is the same function on every socket`, () => {
        expect(fresh()[name]).toBe(fresh()[name])
      })
    }
  })

  describe('instances', () => {
    it('are instances of the class and of EventTarget', () => {
      const socket = fresh()
      expect([socket instanceof Class, socket instanceof EventTarget]).toEqual([true, true])
    })

    it('have the prototype of the class', () => {
      expect(Object.getPrototypeOf(fresh())).toBe(prototype)
    })

    it('say [object WebSocket]', () => {
      expect(String(fresh())).toBe('[object WebSocket]')
    })

    it('have no own properties, not even hidden ones', () => {
      expect(Reflect.ownKeys(fresh())).toEqual([])
    })

    it('have no own properties after a whole life', async () => {
      const socket = await opened(accepts())
      socket.onmessage = () => {}
      socket.send('a')
      socket.close()
      await next(socket, 'close')
      expect(Reflect.ownKeys(socket)).toEqual([])
    })

    for (const name of MEMBERS) {
      it(`have ${name}`, () => {
        expect(name in fresh()).toBe(true)
      })
    }

    it('show every member in for-in, and the methods of EventTarget', () => {
      const seen: string[] = []
      for (const name in fresh()) seen.push(name)
      expect(seen).toEqual(
        expect.arrayContaining([...MEMBERS, 'addEventListener', 'removeEventListener', 'dispatchEvent']),
      )
    })

    it('have addEventListener and the like from EventTarget itself', () => {
      const socket = fresh()
      expect(socket.addEventListener).toBe(EventTarget.prototype.addEventListener)
      expect(socket.removeEventListener).toBe(EventTarget.prototype.removeEventListener)
      expect(socket.dispatchEvent).toBe(EventTarget.prototype.dispatchEvent)
    })

    it('can be extended by the app', () => {
      const socket = fresh()
      Object.assign(socket, { room: 'lobby' })
      expect(Reflect.get(socket, 'room')).toBe('lobby')
    })

    it('can be frozen and still work', async () => {
      const socket = Object.freeze(dial(accepts()))
      await next(socket, 'open')
      expect(socket.readyState).toBe(WebSocket.OPEN)
    })

    it('cannot be cloned', () => {
      const socket = fresh()
      expect(outcome(() => structuredClone(socket))).toBe('DataCloneError')
    })

    it('become {} in JSON', () => {
      expect(JSON.stringify(fresh())).toBe('{}')
    })

    it('are keys of a WeakMap', () => {
      const socket = fresh()
      expect(new WeakMap([[socket, 'found']]).get(socket)).toBe('found')
    })
  })
}
