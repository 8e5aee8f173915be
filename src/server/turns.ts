/** Tasks of one connection, one after the other, in the order in which they came. */
export class Turns {
  readonly #failed: (error: unknown) => void
  #waiting: (() => Promise<void> | void)[] = []
  #running = false

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  get size(): number {
    return this.#waiting.length
  }

  take(task: () => Promise<void> | void): void {
    this.#waiting.push(task)
    if (!this.#running) void this.#run()
  }

  clear(): void {
    this.#waiting = []
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let task = this.#waiting.shift(); task; task = this.#waiting.shift()) {
      try {
        await task()
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#running = false
  }
}
