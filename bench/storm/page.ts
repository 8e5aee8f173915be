import type { Clock } from '../../src/index.ts'
import type { Agenda } from './agenda.ts'
import { KIND } from './agenda.ts'
import type { Chance } from './chance.ts'
import { EPOCH } from './scenario.ts'
import { SimulatedSocket } from './socket.ts'

type Callback = (...args: readonly unknown[]) => unknown

interface Timer {
  readonly callback: Callback
  readonly args: readonly unknown[]
}

/**
 * What a page gives to a client, in simulated time and with seeded chance: `setTimeout`, `Date`, `performance.now()`,
 * `Math.random()`.
 */
export class Page {
  /** Whose code runs now: its are the timers that it sets and the numbers that it draws. */
  client = 0
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #timers = new Map<number, Timer>()
  #made = 0

  constructor(agenda: Agenda, chance: Chance) {
    this.#agenda = agenda
    this.#chance = chance
  }

  /** The same for a client that takes its clock as an option, and sets timers as the system's clock does. */
  get clock(): Clock {
    return {
      now: () => this.#agenda.now,
      wall: () => this.#wall,
      roll: () => this.#chance.roll(this.client),
      schedule: (at, fn) => {
        const timer = this.#set(fn, Math.ceil(at - this.#agenda.now), [])
        return () => this.#timers.delete(timer)
      },
    }
  }

  get #wall(): number {
    return EPOCH + Math.floor(this.#agenda.now)
  }

  /** Puts it in place of the real one, for good: in a process of its own, and before a library is loaded. */
  install(): void {
    const now = (): number => this.#wall
    Object.assign(globalThis, {
      WebSocket: SimulatedSocket,
      Date: new Proxy(Date, {
        construct: (real, given) => Reflect.construct(real, given.length ? given : [now()]),
        get: (real, name) => (name === 'now' ? now : Reflect.get(real, name)),
      }),
      setTimeout: (callback: Callback, ms?: number, ...args: readonly unknown[]) => this.#set(callback, ms, args),
      clearTimeout: (timer: number) => this.#timers.delete(timer),
    })
    Object.defineProperty(performance, 'now', { value: () => this.#agenda.now, configurable: true })
    Math.random = () => this.#chance.roll(this.client)
  }

  /** A timer is due, unless it was cleared. */
  fire(number: number): void {
    const timer = this.#timers.get(number)
    this.#timers.delete(number)
    timer?.callback(...timer.args)
  }

  #set(callback: Callback, ms = 0, args: readonly unknown[]): number {
    const number = ++this.#made
    this.#timers.set(number, { callback, args })
    this.#agenda.post(this.#agenda.now + Math.max(0, ms), KIND.timer, this.client, number)
    return number
  }
}
