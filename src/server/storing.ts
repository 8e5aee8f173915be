import type { Connection } from './connection.ts'
import type { Hold } from './hold.ts'
import type { Appended, Body } from './log.ts'
import { keyOf } from './outgoing.ts'
import { bytesOf } from './retained.ts'

/** An id is remembered for longer than clients are told: a resend that left in time is on its way, and waits for its turn. A connection on which nothing comes for so long is dead. */
export const ON_ITS_WAY_MS = 60_000

/** A message that was let in. */
export interface Admitted {
  readonly id: string
  readonly topic: string
  readonly body: Body
}

/** What becomes of them. */
export interface Outcome<Message> {
  stored(message: Message, dup: boolean): void
  refused(message: Message, error: unknown): void
}

/** Messages, and their bytes, in one step of the log: others wait for it meanwhile. */
const MOST = 64
const MOST_BYTES = 1_048_576

/**
 * Stores the messages of one connection, in the order in which they were let in. One step of the log at a time, which takes
 * all that came during the last one: two at a time could store a message whose predecessor is refused for now.
 */
export class Storing<Message extends Admitted> {
  readonly #connection: Connection
  readonly #hold: Hold
  readonly #outcome: Outcome<Message>
  #waiting: Message[] = []
  #running: Promise<void> | undefined

  constructor(connection: Connection, hold: Hold, outcome: Outcome<Message>) {
    this.#connection = connection
    this.#hold = hold
    this.#outcome = outcome
  }

  put(message: Message): void {
    if (this.#connection.over) return
    this.#waiting.push(message)
    this.#running ??= this.#run()
  }

  /** Until all that were put are answered; `undefined` when they are. */
  get busy(): Promise<void> | undefined {
    return this.#running
  }

  async #run(): Promise<void> {
    // What is not on its way when the connection ends is not stored any more: its identity may have been revoked.
    while (this.#waiting.length && !this.#connection.over) await this.#store(this.#batch())
    this.#waiting = []
    this.#running = undefined
  }

  /** The next ones of one topic. */
  #batch(): readonly Message[] {
    const batch: Message[] = []
    let bytes = 0
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      bytes += bytesOf(next.body)
      if (batch[0] && (batch[0].topic !== next.topic || batch.length >= this.#most || bytes > MOST_BYTES)) break
      this.#waiting.shift()
      // One before it may have been refused since it was let in.
      try {
        this.#hold.check(next.id)
        batch.push(next)
      } catch (error) {
        this.#outcome.refused(next, error)
      }
    }
    return batch
  }

  get #most(): number {
    return this.#connection.context.log.appendAll ? MOST : 1
  }

  async #store(batch: readonly Message[]): Promise<void> {
    const [first, ...others] = batch
    if (!first) return
    try {
      const appended = await this.#append(first, batch)
      if (!appended.length) throw new Error('The log appended nothing, and did not say why.')
      for (const [index, { dup }] of appended.entries()) {
        const message = batch[index]
        if (message) this.#outcome.stored(message, dup)
      }
      this.#waiting.unshift(...batch.slice(appended.length))
    } catch (error) {
      this.#outcome.refused(first, error)
      this.#waiting.unshift(...others)
    }
  }

  async #append(first: Message, batch: readonly Message[]): Promise<readonly Appended[]> {
    const { log } = this.#connection.context
    if (log.appendAll) {
      return log.appendAll(
        first.topic,
        batch.map(message => ({ body: message.body, dedupe: this.#dedupe(message) })),
      )
    }
    return [await log.append(first.topic, first.body, this.#dedupe(first))]
  }

  #dedupe({ id }: Message): { readonly key: string; readonly dedupeMs: number } {
    const { identity, context } = this.#connection
    return { key: keyOf(identity, id), dedupeMs: context.settings.limits.dedupeMs + ON_ITS_WAY_MS }
  }
}
