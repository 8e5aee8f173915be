import type { Stream } from './stream.ts'
import type { Timers } from './timers.ts'

/** An acknowledgement a second is enough… */
const EVERY_MS = 1_000
/** …or one every 32 events, or for half of what the server lets be under way, so that it need not wait. */
const EVERY_EVENTS = 32

/** Tells the server, lazily, what has been handled. It gives credit, and trims nothing. */
export class Acknowledgements {
  /** Up to where the server knows, by topic. */
  readonly #known = new Map<Stream, number>()
  readonly #owed = new Set<Stream>()
  #cancel: (() => void) | undefined
  readonly #timers: Timers
  readonly #say: (topic: string, seq: number) => boolean
  readonly #keep: () => void

  /**
   * @param say - Acknowledges; `false` when it cannot be said now.
   * @param keep - Cursors have moved, and may be stored.
   */
  constructor(timers: Timers, say: (topic: string, seq: number) => boolean, keep: () => void) {
    this.#timers = timers
    this.#say = say
    this.#keep = keep
  }

  /** A connection was asked to go on from where the stream stands. */
  begin(stream: Stream): void {
    this.#known.set(stream, stream.position?.seq ?? 0)
  }

  /** The cursor moved. `bound`: how many events may be under way. */
  handled(stream: Stream, bound: number): void {
    const { cursor } = stream
    if (!cursor) return
    const known = this.#known.get(stream) ?? 0
    this.#owed.add(stream)
    if (Math.abs(cursor.seq - known) >= Math.min(EVERY_EVENTS, bound / 2)) this.#tell(stream, cursor.seq)
    this.#cancel ??= this.#timers.in(EVERY_MS, () => this.flush())
  }

  /** Tells what is owed. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    for (const stream of [...this.#owed]) if (stream.cursor) this.#tell(stream, stream.cursor.seq)
    this.#keep()
  }

  #tell(stream: Stream, seq: number): void {
    this.#owed.delete(stream)
    // Without a connection nobody has to know: the next one is told the cursor.
    if (stream.handlers.length && this.#known.get(stream) !== seq && this.#say(stream.topic, seq))
      this.#known.set(stream, seq)
  }
}
