import { ResilientError } from '../core/resilient-error.ts'
import type { HookConnection, Link } from '../runtime/link.ts'

/** What the server has to be told. */
export interface Subscription {
  /** Called once per connection, after `open` and before the outbox is flushed. It may be async and await the server's answer with `receive()`. One that throws or rejects is reported, and called again on the next connection. */
  readonly join: (connection: HookConnection) => void | PromiseLike<void>
  /** Called when the last user has left, on the connection where `join` was called and after that has settled, even if it failed: only the server knows what became of it. Not called while there is none: nothing stale is sent later. */
  readonly leave?: (connection: HookConnection) => void | PromiseLike<void>
}

interface User {
  readonly subscription: Subscription
}

interface Entry {
  readonly key: string
  users: readonly User[]
  /** Of the newest user, else of the last one that left. */
  latest: Subscription
  /** The connection that was told of it last. */
  link: Link | null
  /** What that connection was told: to join, or to leave. */
  joined: boolean
  /** It has not settled: nothing else is said meanwhile, so that a join and a leave cannot overtake each other. */
  busy: boolean
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
    const fresh: Entry = { key, users: [], latest: subscription, link: null, joined: false, busy: false }
    const entry = this.#entries.get(key) ?? fresh
    const user = { subscription }
    this.#entries.set(key, entry)
    entry.users = [...entry.users, user]
    entry.latest = subscription
    this.#settle(entry)
    return () => {
      entry.users = entry.users.filter(each => each !== user)
      entry.latest = entry.users.at(-1)?.subscription ?? subscription
      this.#settle(entry)
    }
  }

  /** Joins everything on a connection that has just begun to serve. */
  restore(): void {
    for (const entry of [...this.#entries.values()]) this.#settle(entry)
  }

  /** Tells the serving connection what it does not know yet, one thing at a time. */
  #settle(entry: Entry): void {
    const { key, users, latest } = entry
    const link = this.#serving()
    const here = link && entry.link === link
    if (here && entry.busy) return
    const joined = here && entry.joined
    const wanted = users.length > 0
    if (link && wanted && !joined) this.#tell(entry, link, true, connection => latest.join(connection))
    else if (link && joined && !wanted) this.#tell(entry, link, false, connection => latest.leave?.(connection))
    else if (!wanted && this.#entries.get(key) === entry) this.#entries.delete(key)
  }

  #tell(entry: Entry, link: Link, joined: boolean, call: Subscription['join']): void {
    entry.link = link
    entry.joined = joined
    entry.busy = true
    const connection = link.connection()
    const settled = (): void => {
      if (entry.link !== link) return
      entry.busy = false
      this.#settle(entry)
    }
    const failed = (cause: unknown): void => {
      // Of a connection that has ended there is nothing to tell: it is joined again on the next one.
      if (!connection.signal.aborted) {
        const where = `subscribe(${JSON.stringify(entry.key)})`
        this.#report(new ResilientError('ERR_SUBSCRIPTION', `\`${where}\` failed.`, cause))
      }
      settled()
    }
    try {
      const answer = call(connection)
      // A thenable of the app's may call back twice, or be none: `() => list.push(key)` answers a number.
      if (answer) Promise.resolve(answer).then(settled, failed)
      else settled()
    } catch (cause) {
      failed(cause)
    }
  }
}
