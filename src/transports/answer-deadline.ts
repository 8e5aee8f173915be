import type { DialRequest } from './transport.ts'

/** How long an answer may keep silent. */
export class AnswerDeadline {
  /** It was silent for too long. */
  late = false
  #cancel: (() => void) | undefined
  #heardAt: number
  readonly #clock: DialRequest['clock']
  readonly #ms: number
  readonly #over: () => void

  constructor(clock: DialRequest['clock'], ms: number, over: () => void) {
    this.#clock = clock
    this.#ms = ms
    this.#over = over
    this.#heardAt = clock.now()
    this.#look()
  }

  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  /** Nobody is waiting for the server until that has settled. */
  async except(other: Promise<void>): Promise<void> {
    this.end()
    await other
    this.heard()
    this.#look()
  }

  end(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #look(): void {
    const dueAt = this.#heardAt + this.#ms
    this.late = this.#clock.now() >= dueAt
    if (this.late) this.#over()
    else this.#cancel = this.#clock.schedule(dueAt, () => this.#look())
  }
}
