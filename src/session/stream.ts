import { asOwn, ResilientError } from '../core/resilient-error.ts'
import type { Cursor } from './frames.ts'

/** Events that are lost for good: whoever shows what they were about fetches it anew. */
export interface Gap {
  readonly topic: string
  /** The first that is missing; `null` where that is not known. */
  readonly from: number | null
  /** The position that what is fetched anew must include. Events after it follow when the handlers have settled. */
  readonly to: number
  readonly epoch: string
  /** expired: they were kept no longer. epoch: the log was lost or rewritten. unknown: nobody knows why. */
  readonly reason: 'expired' | 'epoch' | 'unknown'
}

/** An event of a topic. */
export interface TopicEvent<T = unknown> {
  readonly topic: string
  readonly epoch: string
  /** Grows by exactly one per event within a topic and an epoch. */
  readonly seq: number
  /** Of this client's own message; absent for those of others. */
  readonly id?: string
  /** JSON as the server sent it; a `Uint8Array` for bytes. */
  readonly data: T
}

/** How a handler of a topic is called. */
export interface TopicOptions<T = unknown> {
  /** Begins after this position, of a snapshot for example; without one from now on. Only the first handler of a topic is asked. */
  readonly from?: Cursor
  /**
   * Called before any event behind the gap, and awaited. It may answer with the position (a number, or a promise of
   * one) that what it fetched includes, at least `gap.to`: events up to it are not given. One that throws or rejects
   * is reported, and events follow.
   */
  readonly onGap?: (gap: Gap) => unknown
  /** What to do when the handler throws or rejects. `retry` calls it again, after 1 s, 2 s, 4 s … at most 30 s, and nothing behind it is given meanwhile. @defaultValue reported, and skipped */
  readonly onHandlerError?: (error: unknown, event: TopicEvent<T>, attempt: number) => 'retry' | 'skip'
  /** The app can do without these events on a slow lane: while a fallback serves and every handler of the topic says so it is left, and resumed from where it was when the preferred transport serves again. @defaultValue they come whatever carries them */
  readonly whenDegraded?: 'pause'
}

/** A handler with its options. */
export interface Handler {
  readonly handle: (event: TopicEvent) => unknown
  readonly options: TopicOptions
}

/** What a stream needs of the session. */
export interface StreamHost {
  /** How many events may wait here. */
  readonly bound: number
  /** It stands somewhere now: at the head of the log. */
  begun(stream: Stream): void
  /** The cursor moved. */
  handled(stream: Stream): void
  /** A gap is told to whoever listens beside the handlers. */
  gap(gap: Gap): void
  report(error: unknown): void
  /** Calls `fn` in `ms`. */
  later(ms: number, fn: () => void): void
  /** The server breaks the protocol: more than was allowed arrived. */
  breach(fact: string): void
}

type Item = { readonly type: 'event'; readonly event: TopicEvent } | { readonly type: 'gap'; readonly gap: Gap }

const RETRY_FIRST_MS = 1_000
const RETRY_CAP_MS = 30_000

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** One topic of this client: checks that nothing is missing, doubled or out of order, and moves the cursor when the app has handled what arrived. */
export class Stream {
  readonly topic: string
  /** What has been handled; `null` before the first subscription was answered. */
  cursor: Cursor | null
  handlers: readonly Handler[] = []
  /** The last position that was accepted; `null` where a gap has to come first. */
  #reached: number | null
  #epoch: string | null
  #items: Item[] = []
  /** What the handlers have now. */
  #current: Item | null = null
  /** Handlers that wait to be called again. */
  #retries = 0
  /** What was handled was dropped, and nobody was told. */
  #forgot = false
  /** Another life of the stream: what is still being handled has nothing to say any more. */
  #life = 0
  readonly #host: StreamHost

  constructor(topic: string, from: Cursor | null, host: StreamHost) {
    this.topic = topic
    this.cursor = from
    this.#reached = from?.seq ?? null
    this.#epoch = from?.epoch ?? null
    this.#host = host
  }

  /** From where the next connection is asked to go on. A gap that was told and not handled yet is not asked for again. */
  get position(): Cursor | null {
    const told = (this.#current ? [this.#current, ...this.#items] : this.#items)
      .flatMap(item => (item.type === 'gap' ? [item.gap] : []))
      .at(-1)
    return told ? { epoch: told.epoch, seq: told.to } : this.cursor
  }

  /** Goes on from what was stored. */
  begin({ epoch, seq }: Cursor): void {
    this.cursor = { epoch, seq }
    this.#reached = seq
    this.#epoch = epoch
  }

  /** The subscription was answered. */
  subscribed({ epoch, seq }: Cursor, recovered: boolean): void {
    if (!recovered) {
      // The gap follows. What waits here of the same log is not missing.
      if (this.#epoch !== epoch) this.#reached = null
      this.#epoch = epoch
    } else if (this.#epoch === null && !this.#forgot) {
      this.#epoch = epoch
      this.#reached = seq
      this.cursor = { epoch, seq }
      this.#host.begun(this)
    } else if (this.#epoch !== epoch) {
      // Begun anew; or it says that nothing is missing, and means another log.
      this.#epoch = epoch
      this.#forgot = false
      this.missing(null, seq, 'epoch')
    }
  }

  /** The server, or a jump, says that events are lost. */
  missing(from: number | null, to: number, reason: Gap['reason']): void {
    const epoch = this.#epoch
    const here = this.#reached ?? -1
    // What waits here, or was handled, is not missing; of a log that is behind what was handled nothing can be said.
    if (epoch === null || (to <= here && reason === 'expired')) return
    const first = from !== null && reason === 'expired' ? Math.max(from, here + 1) : from
    this.#reached = to
    this.#items = [...this.#items, { type: 'gap', gap: { topic: this.topic, from: first, to, epoch, reason } }]
    this.#pump()
  }

  /** An event arrived; a double, and one of a log that is no more, is ignored. */
  arrived(event: TopicEvent): void {
    const { epoch, seq } = event
    if (this.#epoch !== epoch || (this.#reached !== null && seq <= this.#reached)) return
    if (this.#items.length > this.#host.bound) {
      this.#host.breach(`more than ${this.#host.bound} unacknowledged events of one topic`)
      return
    }
    if (this.#reached === null || seq > this.#reached + 1) {
      this.missing(this.#reached === null ? null : this.#reached + 1, seq - 1, 'unknown')
    }
    this.#reached = seq
    this.#items.push({ type: 'event', event })
    this.#pump()
  }

  /** The socket is closed, and with it the wait for another try: that event is asked for anew in the next life, from the cursor. */
  closed(): void {
    if (!this.#retries) return
    this.#empty()
    this.#reached = this.cursor?.seq ?? null
    this.#epoch = this.cursor?.epoch ?? null
  }

  /** Another session, or somebody else: nothing of before is handled, or asked for. Where the new one begins is told as a gap. */
  forget(): void {
    this.#forgot ||= this.cursor !== null
    this.#empty()
    this.cursor = this.#reached = this.#epoch = null
  }

  #empty(): void {
    this.#life++
    this.#retries = 0
    this.#items = []
    this.#current = null
  }

  #pump(): void {
    while (!this.#current) {
      const item = this.#items.shift()
      if (!item) return
      const life = this.#life
      this.#current = item
      const asked = item.type === 'gap' ? this.#tellGap(item.gap) : this.#give(item.event)
      if (asked === undefined) this.#settle(item)
      else {
        asked.then(reached => {
          if (life !== this.#life) return
          this.#settle(item, reached)
          this.#pump()
        })
      }
    }
  }

  /** Handled: the cursor moves. `included`: what was fetched anew reaches further than the gap. */
  #settle(item: Item, included?: number): void {
    this.#current = null
    const { epoch, seq } = item.type === 'gap' ? { epoch: item.gap.epoch, seq: item.gap.to } : item.event
    const reached = Math.max(seq, included ?? seq)
    this.cursor = { epoch, seq: reached }
    if (reached > seq) {
      this.#items = this.#items.filter(each => each.type === 'gap' || each.event.seq > reached)
      if (this.#epoch === epoch && (this.#reached ?? reached) < reached) this.#reached = reached
    }
    this.#host.handled(this)
  }

  /** Every handler of an event, one after the other where one has to be awaited. `undefined`: all are done. */
  #give(event: TopicEvent): Promise<undefined> | undefined {
    const asked = this.handlers.map(handler => this.#call(handler, event, 1)).filter(each => each !== undefined)
    return asked.length ? Promise.all(asked).then(() => undefined) : undefined
  }

  #call(handler: Handler, event: TopicEvent, attempt: number): Promise<void> | undefined {
    try {
      const answer = handler.handle(event)
      if (!isThenable(answer)) return undefined
      // A thenable of the app's may call back twice, or throw.
      return Promise.resolve(answer).then(
        () => {},
        cause => this.#failed(handler, event, attempt, cause),
      )
    } catch (cause) {
      return this.#failed(handler, event, attempt, cause)
    }
  }

  #failed(handler: Handler, event: TopicEvent, attempt: number, cause: unknown): Promise<void> | undefined {
    let decision: unknown = 'skip'
    try {
      decision = handler.options.onHandlerError?.(cause, event, attempt)
    } catch (thrown) {
      this.#host.report(asOwn(thrown, 'ERR_HANDLER', '`onHandlerError` threw.'))
    }
    if (decision !== 'retry') {
      const where = `topic(${JSON.stringify(this.topic)})`
      this.#host.report(
        new ResilientError('ERR_HANDLER', `A handler of \`${where}\` failed, and was not asked again.`, cause),
      )
      return undefined
    }
    this.#retries++
    const life = this.#life
    return new Promise(resolve => {
      const again = (): void => {
        if (life !== this.#life) return
        this.#retries--
        // It may have left meanwhile.
        if (!this.handlers.includes(handler)) resolve()
        else resolve(this.#call(handler, event, attempt + 1))
      }
      this.#host.later(Math.min(RETRY_FIRST_MS * 2 ** (attempt - 1), RETRY_CAP_MS), again)
    })
  }

  #tellGap(gap: Gap): Promise<number> | undefined {
    this.#host.gap(gap)
    const asked: PromiseLike<unknown>[] = []
    for (const { options } of this.handlers) {
      try {
        const answer = options.onGap?.(gap)
        if (isThenable(answer)) asked.push(answer)
        else if (typeof answer === 'number') asked.push(Promise.resolve(answer))
      } catch (cause) {
        this.#host.report(asOwn(cause, 'ERR_HANDLER', '`onGap` failed: events behind the gap follow.'))
      }
    }
    if (!asked.length) return undefined
    const settled = asked.map(each =>
      Promise.resolve(each).then(
        position => (Number.isSafeInteger(position) ? Number(position) : gap.to),
        cause => {
          this.#host.report(asOwn(cause, 'ERR_HANDLER', '`onGap` failed: events behind the gap follow.'))
          return gap.to
        },
      ),
    )
    // What all of them have: nobody misses what only another one fetched.
    return Promise.all(settled).then(positions => Math.min(...positions))
  }
}
