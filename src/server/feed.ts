import type { Cursor } from '../session/frames.ts'
import type { Head, Log, Stored } from './log.ts'
import { OutgoingEvent } from './outgoing.ts'

/** Whoever is told what a topic gains. */
export interface Listener {
  event(event: OutgoingEvent): void
  /** The feed stands elsewhere now: history was lost. */
  moved(head: Head): void
}

/** One topic, followed once for all connections of this server. */
export class Feed {
  readonly topic: string
  readonly listeners: Set<Listener> = new Set()
  /** Resolves when it follows. */
  readonly following: Promise<void>
  /** Of those who use it, and those who wait for it. */
  users = 0
  #at: Cursor | undefined
  #stop: (() => void) | undefined
  #over = false

  constructor(topic: string, log: Log) {
    this.topic = topic
    this.following = log
      .follow(topic, { events: events => this.#events(events), lost: head => this.#moved(head) })
      .then(({ head, stop }) => {
        // Events may have been faster than this answer.
        this.#at ??= head
        if (this.#over) stop()
        else this.#stop = stop
      })
  }

  /** The position after which events come: whoever stands before it must read the log. */
  get at(): Cursor {
    return this.#at ?? { epoch: '', seq: 0 }
  }

  stop(): void {
    this.#over = true
    this.#stop?.()
  }

  #events(events: readonly Stored[]): void {
    for (const stored of events) {
      const { epoch, seq } = stored
      if (this.#at && this.#at.epoch !== epoch) this.#moved({ epoch, seq: seq - 1, oldest: seq })
      this.#at = { epoch, seq }
      const event = new OutgoingEvent(this.topic, stored)
      for (const listener of this.listeners) listener.event(event)
    }
  }

  #moved(head: Head): void {
    this.#at = { epoch: head.epoch, seq: head.seq }
    for (const listener of this.listeners) listener.moved(head)
  }
}

/** The feeds that somebody uses. */
export class Feeds {
  readonly #feeds = new Map<string, Feed>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  get size(): number {
    return this.#feeds.size
  }

  /** The feed of a topic, when it follows. Rejects when the log is unavailable. Each one is to be left again. */
  async enter(topic: string): Promise<Feed> {
    const feed = this.#feeds.get(topic) ?? new Feed(topic, this.#log)
    this.#feeds.set(topic, feed)
    feed.users++
    try {
      await feed.following
      return feed
    } catch (error) {
      // The next one tries anew, though others may wait for this one still.
      if (this.#feeds.get(topic) === feed) this.#feeds.delete(topic)
      this.leave(feed)
      throw error
    }
  }

  leave(feed: Feed): void {
    if (--feed.users > 0) return
    feed.stop()
    if (this.#feeds.get(feed.topic) === feed) this.#feeds.delete(feed.topic)
  }
}
