import type { Cursor, TopicRequest } from '../session/frames.ts'
import type { Connection } from './connection.ts'
import { gapAfter } from './delivery.ts'
import { called } from './hooks.ts'
import { refusal } from './refusal.ts'
import type { Loose } from './schema.ts'

type Request = Loose<TopicRequest>

/** When a topic is tried again that the log could not give. */
const AGAIN_MS = 1_000

function cursorOf({ epoch, seq }: Request): Cursor | undefined {
  return epoch === undefined || seq === undefined ? undefined : { epoch, seq }
}

/** What one connection is subscribed to, and may be. */
export class Topics {
  readonly #connection: Connection
  /** Those that wait for the log. */
  readonly #waiting = new Map<string, Request>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The topics of a hello, all at once. */
  async greet(requests: readonly Request[]): Promise<void> {
    const each = new Map(requests.map(request => [request.topic, request]))
    await Promise.all([...each.values()].map(request => this.subscribe(request)))
  }

  async subscribe(request: Request): Promise<void> {
    const { topic } = request
    const { delivery, context } = this.#connection
    const known = delivery.get(topic)
    if (known) return this.#connection.send({ t: 'subbed', topic, ...known.head, recovered: true })
    const { topics } = context.settings.limits
    if (delivery.size + this.#waiting.size >= topics && !this.#waiting.has(topic)) {
      return this.#refuse(topic, { code: 'too-many-topics', message: `at most ${topics} topics`, retry: 'never' })
    }
    // Takes its place before anything is waited for: topics of one hello are asked for together.
    this.#waiting.set(topic, request)
    try {
      if (await this.#allowed(topic)) await this.#join(request)
      // Unless it was asked for anew meanwhile: then that one is waited for.
      if (this.#waiting.get(topic) === request) this.#waiting.delete(topic)
    } catch (error) {
      this.#unavailable(request, error)
    }
  }

  unsubscribe(topic: string): void {
    this.#waiting.delete(topic)
    this.#leave(topic)
  }

  /** After `auth`: what may not be read any more is given up. */
  async reauthorize(): Promise<void> {
    await Promise.all(
      this.#connection.delivery.topics.map(async topic => {
        if (!(await this.#allowed(topic))) this.#leave(topic)
      }),
    )
  }

  end(): void {
    this.#waiting.clear()
  }

  #leave(topic: string): void {
    const feed = this.#connection.delivery.remove(topic)
    if (feed) this.#connection.context.feeds.leave(feed)
  }

  async #join(request: Request): Promise<void> {
    const { topic } = request
    const { context, delivery } = this.#connection
    const { feeds, log, metrics } = context
    const feed = await feeds.enter(topic)
    const head = await log.head(topic).catch(error => {
      feeds.leave(feed)
      throw error
    })
    if (this.#connection.over || this.#waiting.get(topic) !== request) return feeds.leave(feed)
    const cursor = cursorOf(request)
    const gap = cursor && gapAfter(cursor, head)
    this.#connection.send({ t: 'subbed', topic, epoch: head.epoch, seq: head.seq, recovered: !gap })
    if (gap) {
      metrics.addTo('gaps_total', gap.reason)
      this.#connection.send({ t: 'gap', topic, ...gap })
    } else metrics.add(cursor ? 'subscriptions_resumed_total' : 'subscriptions_fresh_total')
    if (this.#connection.over) return feeds.leave(feed)
    delivery.add(feed, { epoch: head.epoch, seq: gap?.to ?? cursor?.seq ?? head.seq })
  }

  /** Answers an `err` when not. */
  async #allowed(topic: string): Promise<boolean> {
    const { context, identity, conn = '', address } = this.#connection
    const { authorize, limits } = context.settings
    if (!authorize) return true
    try {
      const wish = { action: 'subscribe', topic, conn, address, ...(identity !== undefined && { identity }) } as const
      const allowed = await called(this.#connection, limits.handlerMs, () => authorize(wish))
      if (allowed !== true) this.#refuse(topic, { code: 'forbidden', message: 'forbidden', retry: 'never' })
      return allowed === true
    } catch (error) {
      this.#refuse(topic, refusal(error, 'later'))
      this.#connection.failed('authorize', error)
      return false
    }
  }

  #unavailable(request: Request, error: unknown): void {
    const { topic } = request
    if (this.#connection.over || this.#waiting.get(topic) !== request) return
    this.#connection.failed('log.follow', error)
    this.#refuse(topic, { code: 'unavailable', message: 'the log is unavailable', retry: 'later', afterMs: AGAIN_MS })
    // It is subscribed without being asked again, unless it was given up or asked for anew meanwhile.
    this.#connection.context.later.add(() => {
      if (this.#waiting.get(topic) !== request) return
      this.#waiting.delete(topic)
      void this.subscribe(request)
    })
  }

  #refuse(
    topic: string,
    err: { readonly code: string; readonly message: string; readonly retry: string; readonly afterMs?: number },
  ): void {
    this.#connection.send({ t: 'err', topic, ...err })
  }
}
