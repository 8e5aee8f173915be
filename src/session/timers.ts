/** What is due at some time, in epoch ms: there is one real timer, that of the socket. */
export class Timers {
  /** When the next one is due; `Infinity` for never. */
  at: number = Infinity
  #all: readonly { readonly at: number; readonly fn: () => void }[] = []
  readonly #now: () => number
  readonly #moved: () => void

  constructor(now: () => number, moved: () => void) {
    this.#now = now
    this.#moved = moved
  }

  /** Calls `fn` in `ms`; the result stops it. */
  in(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now() + ms, fn }
    this.#all = [...this.#all, timer]
    this.#look()
    return () => {
      this.#all = this.#all.filter(each => each !== timer)
      this.#look()
    }
  }

  /** Calls what is due, in the order in which it became so. */
  due(): void {
    const now = this.#now()
    const due = this.#all.filter(({ at }) => at <= now)
    if (!due.length) return
    this.#all = this.#all.filter(({ at }) => at > now)
    this.#look()
    for (const { fn } of [...due].sort((a, b) => a.at - b.at)) fn()
  }

  /** Nothing is due any more. */
  clear(): void {
    this.#all = []
    this.#look()
  }

  #look(): void {
    const at = this.#all.reduce((least, timer) => Math.min(least, timer.at), Infinity)
    if (at === this.at) return
    this.at = at
    this.#moved()
  }
}
