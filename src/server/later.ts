import type { Clock } from './clock.ts'

/** What waits for the log is tried again this often, told or not that it is there again. */
const AGAIN_MS = 1_000

/** What is to be tried again. One timer, and none when nothing waits. */
export class Later {
  readonly #clock: Clock
  #waiting: Set<() => void> = new Set()
  #undo: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(again: () => void): void {
    this.#waiting.add(again)
    this.#undo ??= this.#clock.schedule(this.#clock.now() + AGAIN_MS, () => this.run())
  }

  run(): void {
    this.#undo?.()
    this.#undo = undefined
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const again of waiting) again()
  }

  clear(): void {
    this.#undo?.()
    this.#undo = undefined
    this.#waiting.clear()
  }
}
