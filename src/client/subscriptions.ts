import { ResilientError } from '../core/resilient-error.ts'
import type { HookConnection, Link } from '../runtime/link.ts'

/** What the server has to be told. */
export interface Subscription {
  /** Called once per connection, after `open` and before the outbox is flushed. It may be async and await the server's answer with `receive()`. One that throws or rejects is reported, and called again on the next connection. */
  readonly join: (connection: HookConnection) => void | PromiseLike<void>
  /** Called when the last user has left, on the connection that was joined. Not called while there is none: nothing stale is sent later. */
  readonly leave?: (connection: HookConnection) => void | PromiseLike<void>
}

interface Entry {
  latest: Subscription
  users: number
  /** The connection that has joined, or is joining. */
  joined: Link | null
  joining: boolean
}

/** What the app is subscribed to: registered once, restored on every connection. */
export class Subscriptions {
  readonly #entries = new Map<string, Entry>()
  readonly #serving: () => Link | null
  readonly #report: (error: unknown) => void

  constructor(serving: () => Link | null, report: (error: unknown) => void) {
    this.#serving = serving
    this.#report = report
  }

  add(key: string, subscription: Subscription): () => void {
    const entry = this.#entries.get(key) ?? { latest: subscription, users: 0, joined: null, joining: false }
    this.#entries.set(key, entry)
    entry.latest = subscription
    entry.users++
    const serving = this.#serving()
    if (serving) this.#join(key, entry, serving)
    let left = false
    return () => {
      if (left) return
      left = true
      entry.users--
      this.#leave(key, entry)
    }
  }

  /** Joins everything on a connection that has just begun to serve. */
  restore(link: Link): void {
    for (const [key, entry] of [...this.#entries]) if (this.#serving() === link) this.#join(key, entry, link)
  }

  #join(key: string, entry: Entry, link: Link): void {
    if (entry.joined === link || !entry.users) return
    entry.joined = link
    entry.joining = true
    this.#run(
      key,
      () => entry.latest.join(link.connection()),
      () => {
        if (entry.joined !== link) return
        entry.joining = false
        this.#leave(key, entry)
      },
    )
  }

  /** Leaves when nobody is left; what is still joining is left once it has joined. */
  #leave(key: string, entry: Entry): void {
    if (entry.users) return
    const { joined, latest } = entry
    const here = joined && joined === this.#serving()
    if (here && entry.joining) return
    entry.joined = null
    this.#entries.delete(key)
    if (here) this.#run(key, () => latest.leave?.(joined.connection()))
  }

  #run(key: string, call: () => void | PromiseLike<void>, settled?: () => void): void {
    const failed = (cause: unknown): void => {
      // Of a connection that has ended there is nothing to tell: it is joined again on the next one.
      const ended = cause instanceof ResilientError && cause.code === 'ERR_CLOSED'
      if (!ended)
        this.#report(new ResilientError('ERR_SUBSCRIPTION', `\`subscribe(${JSON.stringify(key)})\` failed.`, cause))
      settled?.()
    }
    try {
      const answer = call()
      if (answer) answer.then(() => settled?.(), failed)
      else settled?.()
    } catch (cause) {
      failed(cause)
    }
  }
}
