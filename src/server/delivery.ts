import type { Cursor } from '../session/frames.ts'
import type { Feed } from './feed.ts'
import type { Head, Log } from './log.ts'
import { OutgoingEvent } from './outgoing.ts'
import { Subscription } from './subscription.ts'

/** Events that are read from the log at a time: what one connection holds in memory beyond its buffer. */
const BATCH = 64

/** What the delivery of one connection needs of it. */
export interface Recipient {
  /** Most events that are on their way; `Infinity`: they are not counted, and nobody acknowledges them. */
  readonly unacked: number
  /** Its buffer takes more. `flushed()` is called when it does again. */
  readonly writable: boolean
  deliver(event: OutgoingEvent): void
  /** `head`: where the log stands, when its epoch is another than before. */
  gap(topic: string, gap: Gap, head: Head | undefined): void
  /** Calls again later: the log is unavailable, or behind itself. */
  later(again: () => void): void
  failed(error: unknown): void
}

/** Events that are gone for good. */
export interface Gap {
  readonly from?: number
  readonly to: number
  readonly reason: 'expired' | 'epoch' | 'unknown'
}

/** What stands between a cursor and the first event that can be given; `null` when nothing does. */
export function gapAfter(cursor: Cursor, head: Head): Gap | null {
  if (cursor.epoch !== head.epoch) return { to: head.seq, reason: 'epoch' }
  if (cursor.seq > head.seq) return { to: head.seq, reason: 'unknown' }
  return cursor.seq + 1 < head.oldest ? { from: cursor.seq + 1, to: head.oldest - 1, reason: 'expired' } : null
}

/**
 * The events of one connection. A subscription is sent the next event and no other, whether the feed brings it or the
 * log: so replay and live join without a hole and without a double, by construction. Who has no credit, or whose buffer
 * is full, falls behind, and is read from the log again when there is room: nothing waits in memory.
 */
export class Delivery {
  readonly #log: Log
  readonly #recipient: Recipient
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #leaving = new Map<Subscription, () => void>()
  /** Those with more in the log. The first one is served next, and goes to the end. */
  readonly #behind = new Set<Subscription>()
  #unacked = 0
  #reading = false
  #rested: (() => void)[] = []
  #over = false

  constructor(log: Log, recipient: Recipient) {
    this.#log = log
    this.#recipient = recipient
  }

  get topics(): readonly string[] {
    return [...this.#subscriptions.keys()]
  }

  get size(): number {
    return this.#subscriptions.size
  }

  get(topic: string): Subscription | undefined {
    return this.#subscriptions.get(topic)
  }

  /** From now on, everything after the cursor. */
  add(feed: Feed, from: Cursor): void {
    const subscription = new Subscription(feed, from)
    const listener = {
      event: (event: OutgoingEvent) => this.#live(subscription, event),
      moved: () => this.#fallen(subscription),
    }
    feed.listeners.add(listener)
    this.#subscriptions.set(feed.topic, subscription)
    this.#leaving.set(subscription, () => feed.listeners.delete(listener))
    if (subscription.behind) this.#fallen(subscription)
  }

  /** The feed that it was of, to be left; `undefined` when there was none. */
  remove(topic: string): Feed | undefined {
    const subscription = this.#subscriptions.get(topic)
    if (!subscription) return undefined
    this.#subscriptions.delete(topic)
    this.#behind.delete(subscription)
    this.#leaving.get(subscription)?.()
    this.#leaving.delete(subscription)
    this.#unacked -= subscription.unacked
    void this.#catchUp()
    return subscription.feed
  }

  acknowledge(topic: string, seq: number): void {
    const subscription = this.#subscriptions.get(topic)
    if (!subscription) return
    const before = subscription.unacked
    subscription.acknowledge(seq)
    this.#unacked -= before - subscription.unacked
    void this.#catchUp()
  }

  /** The buffer takes more again. */
  flushed(): void {
    void this.#catchUp()
  }

  /** Resolves when nothing more is to be read for now, or there is no room for it. */
  rested(): Promise<void> {
    return new Promise(resolve => {
      if (this.#reading) this.#rested.push(resolve)
      else resolve()
    })
  }

  end(): readonly Feed[] {
    this.#over = true
    const feeds = this.topics.flatMap(topic => this.remove(topic) ?? [])
    return feeds
  }

  get #room(): number {
    return !this.#over && this.#recipient.writable ? this.#recipient.unacked - this.#unacked : 0
  }

  #live(subscription: Subscription, event: OutgoingEvent): void {
    if (!this.#offer(subscription, event) && subscription.behind) this.#fallen(subscription)
  }

  #fallen(subscription: Subscription): void {
    this.#behind.add(subscription)
    void this.#catchUp()
  }

  #offer(subscription: Subscription, event: OutgoingEvent): boolean {
    if (this.#room < 1 || !subscription.next(event.stored)) return false
    subscription.sent()
    if (this.#recipient.unacked === Infinity) subscription.acknowledge(event.stored.seq)
    else this.#unacked++
    this.#recipient.deliver(event)
    return true
  }

  /** One reader for each connection: a batch at most is in memory, and the topics take turns. */
  async #catchUp(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      for (const subscription of this.#behind) {
        if (this.#room < 1) return
        // A set is walked in the order of its members, those that are added on the way included.
        this.#behind.delete(subscription)
        const moved = await this.#read(subscription)
        if (!this.#current(subscription) || !subscription.behind) continue
        this.#behind.add(subscription)
        if (!moved && this.#room > 0) return this.#recipient.later(() => this.flushed())
      }
    } finally {
      this.#reading = false
      for (const rested of this.#rested.splice(0)) rested()
    }
  }

  #current(subscription: Subscription): boolean {
    return this.#subscriptions.get(subscription.topic) === subscription
  }

  /** Whether it came any further. */
  async #read(subscription: Subscription): Promise<boolean> {
    const { topic, at } = subscription
    try {
      const events = await this.#log.read(topic, at, Math.min(this.#room, BATCH))
      if (!this.#current(subscription)) return false
      if (events) for (const stored of events) this.#offer(subscription, new OutgoingEvent(topic, stored))
      else await this.#skip(subscription)
    } catch (error) {
      this.#recipient.failed(error)
    }
    return subscription.at.epoch !== at.epoch || subscription.at.seq > at.seq
  }

  /** The log cannot go on from there: says so, before any later event. */
  async #skip(subscription: Subscription): Promise<void> {
    const head = await this.#log.head(subscription.topic)
    const gap = this.#current(subscription) && gapAfter(subscription.at, head)
    if (!gap) return
    const before = subscription.unacked
    const { epoch } = subscription.at
    subscription.jump({ epoch: head.epoch, seq: gap.to })
    this.#unacked -= before - subscription.unacked
    this.#recipient.gap(subscription.topic, gap, head.epoch === epoch ? undefined : head)
  }
}
