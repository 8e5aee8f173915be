import { unexpected } from '../core/resilient-error.ts'
import { Acknowledgements } from './acknowledgements.ts'
import type { Delivery } from './delivery.ts'
import { CLAMPS, clamp, MAX_TOPICS, type ServerFrame, type TopicRequest } from './frames.ts'
import type { Identity } from './identity.ts'
import type { SessionHost } from './layer.ts'
import type { Peer } from './peer.ts'
import { type Gap, type Handler, Stream, type StreamHost, type TopicEvent, type TopicOptions } from './stream.ts'
import type { Timers } from './timers.ts'
import { checkTopic, type Topic, type TopicSendOptions } from './topic.ts'

type Of<T extends ServerFrame['t']> = Extract<ServerFrame, { readonly t: T }>

/** What topics need of the session. */
interface TopicsHost {
  readonly timers: Timers
  readonly identity: Identity
  /** The connections that speak the protocol. */
  readonly peers: ReadonlyMap<number, Peer>
  /** The one that serves. */
  readonly serving: Peer | null
  write(number: number, frame: object): boolean
  sendTo(topic: string, value: unknown, options?: TopicSendOptions): Delivery
  readonly host: Pick<SessionHost, 'gap' | 'report' | 'degraded'>
  /** The server breaks the protocol. */
  breach(fact: string): void
}

/** The topics of one socket: who listens, where each stands, and what the server is told of it. */
export class Topics implements StreamHost {
  readonly #streams = new Map<string, Stream>()
  readonly #topics = new Map<string, Topic>()
  readonly #acks: Acknowledgements
  readonly #host: TopicsHost

  constructor(host: TopicsHost) {
    this.#host = host
    const say = (topic: string, seq: number): boolean =>
      !!host.serving && host.write(host.serving.number, { t: 'ack', topic, seq })
    this.#acks = new Acknowledgements(host.timers, say, () => this.keep())
  }

  /** The topic of that name, as the app sees it. */
  topic(name: string): Topic {
    checkTopic(name)
    const known = this.#topics.get(name)
    if (known) return known
    const streams = this.#streams
    const topic: Topic = {
      name,
      get cursor() {
        return streams.get(name)?.cursor ?? null
      },
      on: (handle, options = {}) => this.subscribe(name, checkHandler(handle, options)),
      send: (value, options) => this.#host.sendTo(name, value, options),
    }
    // Who only sends leaves nothing behind, whatever the names are.
    if (this.#topics.size >= MAX_TOPICS)
      for (const each of this.#topics.keys()) if (!streams.has(each)) this.#topics.delete(each)
    this.#topics.set(name, topic)
    return topic
  }

  subscribe(topic: string, handler: Handler): () => void {
    const stream = this.#streams.get(topic) ?? this.#begin(topic, handler)
    const paused = stream.handlers.length > 0 && this.#paused(stream)
    stream.handlers = [...stream.handlers, handler]
    if (paused && !this.#paused(stream)) this.again(topic)
    return () => {
      stream.handlers = stream.handlers.filter(each => each !== handler)
      if (stream.handlers.length || this.#streams.get(topic) !== stream) return
      this.#streams.delete(topic)
      stream.forget()
      this.#tell({ t: 'unsub', topic })
    }
  }

  #begin(topic: string, { options }: Handler): Stream {
    if (this.#streams.size >= MAX_TOPICS) throw unexpected('ERR_OPTION', 'topic', `one of at most ${MAX_TOPICS}`, topic)
    const stream = new Stream(topic, options.from ?? null, this)
    this.#streams.set(topic, stream)
    const request = this.#requested(stream)
    this.#acks.begin(stream)
    if (!(options.whenDegraded && this.#host.host.degraded.serving)) this.#tell({ t: 'sub', ...request })
    return stream
  }

  /** Every connection that has said hello: a second one is on its way up during a handover. */
  #tell(frame: object): void {
    for (const { number, said } of this.#host.peers.values()) if (said) this.#host.write(number, frame)
  }

  #requested(stream: Stream): TopicRequest {
    const stored = this.#host.identity.restore(stream.topic)
    if (stored && !stream.position) stream.begin(stored)
    return { topic: stream.topic, ...stream.position }
  }

  /** What `hello` asks for. */
  requests(): readonly TopicRequest[] {
    const { dial } = this.#host.host.degraded
    const wanted = [...this.#streams.values()].filter(stream => !(dial && pauses(stream)))
    return wanted.map(stream => {
      const request = this.#requested(stream)
      this.#acks.asked(stream)
      return request
    })
  }

  subscribed(frame: Of<'subbed'>): void {
    this.#streams.get(frame.topic)?.subscribed(frame, frame.recovered)
  }

  missing({ topic, from, to, reason }: Of<'gap'>): void {
    const known = reason === 'expired' || reason === 'epoch' ? reason : 'unknown'
    this.#streams.get(topic)?.missing(from ?? null, to, known)
  }

  arrived(frame: Of<'event'>): void {
    this.#streams.get(frame.topic)?.arrived({ ...frame, data: frame.data })
  }

  /** Asks again for a topic that was refused. */
  again(topic: string): void {
    const stream = this.#streams.get(topic)
    const { serving } = this.#host
    if (!stream || !serving || this.#paused(stream)) return
    const request = this.#requested(stream)
    this.#acks.begin(stream)
    this.#host.write(serving.number, { t: 'sub', ...request })
  }

  #paused(stream: Stream): boolean {
    return pauses(stream) && this.#host.host.degraded.serving
  }

  /** Tells the server of a connection that serves now what has been handled. */
  served(): void {
    this.#acks.served(this.#streams.values())
    // Where it turned out to be a fallback.
    for (const stream of this.#streams.values())
      if (this.#paused(stream)) this.#tell({ t: 'unsub', topic: stream.topic })
  }

  /** Stores where the topics stand. */
  keep(): void {
    const all = [...this.#streams.values()].flatMap(({ topic, cursor }) => (cursor ? [[topic, cursor] as const] : []))
    this.#host.identity.keep(Object.fromEntries(all))
  }

  /** The socket is closed. */
  closed(): void {
    this.keep()
    for (const stream of this.#streams.values()) stream.closed()
  }

  /** Somebody else is signed in. */
  forget(): void {
    for (const stream of this.#streams.values()) stream.forget()
  }

  // ── what the streams ask and tell ──

  get bound(): number {
    return clamp(this.#host.serving?.limits.unacked, CLAMPS.unacked)
  }

  begun(stream: Stream): void {
    this.#acks.begin(stream)
  }

  handled(stream: Stream): void {
    this.#acks.handled(stream, this.bound)
  }

  gap(gap: Gap): void {
    this.#host.host.gap(gap)
  }

  later(ms: number, fn: () => void): void {
    this.#host.timers.in(ms, fn)
  }

  breach(fact: string): void {
    this.#host.breach(fact)
  }

  report(error: unknown): void {
    this.#host.host.report(error)
  }
}

/** Every handler can do without it on a fallback. */
function pauses({ handlers }: Stream): boolean {
  return handlers.every(({ options }) => options.whenDegraded === 'pause')
}

function checkHandler(handle: (event: TopicEvent) => unknown, options: TopicOptions): Handler {
  if (typeof handle !== 'function') throw unexpected('ERR_OPTION', 'handler', 'a function', handle)
  if (typeof options !== 'object' || !options) throw unexpected('ERR_OPTION', 'on() options', 'an object', options)
  for (const name of ['onGap', 'onHandlerError'] as const) {
    const value: unknown = options[name]
    if (value !== undefined && typeof value !== 'function') throw unexpected('ERR_OPTION', name, 'a function', value)
  }
  const { from, whenDegraded } = options
  if (whenDegraded !== undefined && whenDegraded !== 'pause') {
    throw unexpected('ERR_OPTION', 'whenDegraded', "'pause', or absent", whenDegraded)
  }
  if (from !== undefined && !(typeof from?.epoch === 'string' && Number.isSafeInteger(from.seq) && from.seq >= 0)) {
    throw unexpected('ERR_OPTION', 'from', 'a cursor, { epoch, seq }', from)
  }
  return { handle, options }
}
