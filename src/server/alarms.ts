import type { Clock } from './clock.ts'

interface Alarm {
  readonly at: number
  readonly ring: () => void
}

/**
 * After a long task timers come before what the network has brought meanwhile [Node.js event loop: timers, then poll]: a
 * verdict about the other side is given at a second look, this much later, or a server that was busy would end everybody.
 */
export const SECOND_LOOK_MS = 250

/** Several deadlines on one timer. Setting one that is later than the next costs no timer, nor does undoing one. */
export class Alarms {
  readonly #clock: Clock
  readonly #alarms = new Set<Alarm>()
  #armedFor = Infinity
  #undo: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Rings once, `ms` from now; the result undoes it. */
  set(ms: number, ring: () => void): () => void {
    const alarm = { at: this.#clock.now() + ms, ring }
    this.#alarms.add(alarm)
    this.#arm(alarm.at)
    return () => this.#alarms.delete(alarm)
  }

  clear(): void {
    this.#alarms.clear()
    this.#undo?.()
    this.#undo = undefined
    this.#armedFor = Infinity
  }

  #arm(at: number): void {
    if (at >= this.#armedFor) return
    this.#undo?.()
    this.#armedFor = at
    this.#undo = this.#clock.schedule(at, () => this.#ring())
  }

  #ring(): void {
    this.#armedFor = Infinity
    this.#undo = undefined
    // A timer may be a millisecond early.
    const now = this.#clock.now() + 1
    for (const alarm of [...this.#alarms]) {
      if (alarm.at <= now && this.#alarms.delete(alarm)) alarm.ring()
    }
    let next = Infinity
    for (const { at } of this.#alarms) next = Math.min(next, at)
    this.#arm(next)
  }
}
