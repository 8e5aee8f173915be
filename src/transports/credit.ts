/**
 * How much more a session can take. Over a WebSocket the server counts; over HTTP the client reads no more than it may
 * have unacknowledged, and the network holds back the rest.
 */
export class Credit {
  /** Events that may be under way. */
  limit = 0
  /** Sequence numbers that were passed up and not acknowledged, in order, by topic. */
  readonly #passed = new Map<string, number[]>()
  #count = 0
  #wake: (() => void) | undefined

  get left(): boolean {
    return this.#count < this.limit
  }

  passed(topic: string, seq: number): void {
    const list = this.#passed.get(topic) ?? []
    list.push(seq)
    this.#passed.set(topic, list)
    this.#count++
  }

  /** Everything up to that one was handled. Numbers of an epoch before stand in front, whatever they are. */
  acknowledged(topic: unknown, seq: unknown): void {
    const list = this.#passed.get(`${topic}`)
    if (!list || typeof seq !== 'number') return
    const same = list.lastIndexOf(seq)
    const later = list.findIndex(each => each > seq)
    this.#take(list, same >= 0 ? same + 1 : later < 0 ? list.length : later)
  }

  /** Nobody listens to the topic any more. */
  forget(topic: unknown): void {
    const list = this.#passed.get(`${topic}`)
    if (list) this.#take(list, list.length)
    this.#passed.delete(`${topic}`)
  }

  /** Resolves when there is some. */
  async more(): Promise<void> {
    while (!this.left) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  #take(list: number[], count: number): void {
    list.splice(0, count)
    this.#count -= count
    if (this.left) this.#wake?.()
  }
}
