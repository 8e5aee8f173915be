/** Values that are forgotten after a while. The oldest expire first, so looking at one costs no walk. */
export class Expiring<T> {
  readonly #records = new Map<string, { readonly value: T; readonly until: number }>()
  readonly #forgotten: (value: T) => void

  constructor(forgotten: (value: T) => void = () => {}) {
    this.#forgotten = forgotten
  }

  get size(): number {
    return this.#records.size
  }

  get(key: string, now: number): T | undefined {
    const record = this.#records.get(key)
    return record && record.until > now ? record.value : undefined
  }

  set(key: string, value: T, until: number): void {
    const before = this.#records.get(key)
    if (before) {
      this.#records.delete(key)
      this.#forgotten(before.value)
    }
    this.#records.set(key, { value, until })
  }

  /** Forgets what has expired, in the order in which it came: one that lives longer holds back those behind it. */
  expire(now: number): void {
    for (const [key, { value, until }] of this.#records) {
      if (until > now) return
      this.#records.delete(key)
      this.#forgotten(value)
    }
  }

  clear(): void {
    this.#records.clear()
  }
}
