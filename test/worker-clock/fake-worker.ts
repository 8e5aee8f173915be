import { runInNewContext } from 'node:vm'
import { workerSource } from '../../src/worker-clock/index.ts'

interface Message {
  readonly data: unknown
}

/** Timers that nobody throttles: the fake ones of the test. */
export interface Timers {
  readonly setTimeout: (fn: () => void, ms?: number) => ReturnType<typeof setTimeout>
  readonly clearTimeout: (timer: ReturnType<typeof setTimeout>) => void
}

/** A worker that runs the source it would run in a browser. */
export class FakeWorker {
  onmessage: ((message: Message) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  terminated = false
  /** What it was told. */
  readonly heard: (readonly [id: number, ms?: number])[] = []
  /** The timers that are set in it. */
  readonly set = new Set<unknown>()
  readonly #timers: Timers
  readonly #scope: object

  constructor(
    readonly url: string,
    timers: Timers,
    source: string = workerSource,
  ) {
    this.#timers = timers
    const scope = {
      setTimeout: (fn: () => void, ms?: number) => {
        const timer = timers.setTimeout(() => {
          this.set.delete(timer)
          if (!this.terminated) fn()
        }, ms)
        this.set.add(timer)
        return timer
      },
      clearTimeout: (timer: ReturnType<typeof setTimeout>) => {
        this.set.delete(timer)
        timers.clearTimeout(timer)
      },
      postMessage: (data: unknown) => this.#later(() => this.onmessage?.({ data })),
    }
    this.#scope = scope
    this.#later(() => runInNewContext(source, scope))
  }

  postMessage(data: readonly [id: number, ms?: number]): void {
    this.heard.push(data)
    this.#later(() => Reflect.get(this.#scope, 'onmessage')({ data }))
  }

  terminate(): void {
    this.terminated = true
  }

  /** As when a policy forbids it: an event, later. */
  fail(): void {
    this.onerror?.(new Event('error'))
  }

  /** Everything between a page and its worker is a task of its own. */
  #later(fn: () => void): void {
    this.#timers.setTimeout(() => {
      if (!this.terminated) fn()
    })
  }
}
