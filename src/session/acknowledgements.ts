import type { Stream } from './stream.ts'
import type { Timers } from './timers.ts'

/** An acknowledgement a second is enough… */
const EVERY_MS = 1_000
/** …or one every 32 events, or for half of what the server lets be under way, so that it need not wait. */
const EVERY_EVENTS = 32

/** Tells the server, lazily, what has been handled. It gives credit, and trims nothing. */
export class Acknowledgements {
  /** Up to where the server knows, on the connection that serves. */
  readonly #known = new WeakMap<Stream, number>()
  /** From where the connection on its way up was asked to go on: that is all its server knows. */
  readonly #asked = new WeakMap<Stream, number>()
  readonly #owed = new Set<Stream>()
  /** Events handled since everything owed was told. */
  #unsaid = 0
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

  /** A connection that does not serve yet was asked to go on from where the stream stands. */
  asked(stream: Stream): void {
    this.#asked.set(stream, stream.position?.seq ?? 0)
  }

  /** Every connection was asked to: the server knows as much on all of them. */
  begin(stream: Stream): void {
    this.asked(stream)
    this.#known.set(stream, stream.position?.seq ?? 0)
  }

  /** Another connection serves. What was handled while it came up was acknowledged to the one before, or to nobody: it has to be told, or it waits for credit for ever. */
  served(streams: Iterable<Stream>): void {
    for (const stream of streams) {
      this.#known.set(stream, this.#asked.get(stream) ?? 0)
      this.#owed.add(stream)
    }
    this.flush()
  }

  /** The cursor moved. `bound`: how many events may be under way. */
  handled(stream: Stream, bound: number): void {
    const { cursor } = stream
    if (!cursor) return
    const known = this.#known.get(stream) ?? 0
    this.#owed.add(stream)
    if (Math.abs(cursor.seq - known) >= Math.min(EVERY_EVENTS, bound / 2)) this.#tell(stream, cursor.seq)
    // Many topics share what may be under way: a little of each is a lot.
    if (++this.#unsaid >= bound / 2) this.flush()
    this.#cancel ??= this.#timers.in(EVERY_MS, () => this.flush())
  }

  /** Tells what is owed. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#unsaid = 0
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
