import type { Disconnect, Ending } from '../core/disconnect.ts'
import { asOwn, ResilientError, unexpected } from '../core/resilient-error.ts'
import type { Answer } from '../core/rules.ts'
import { type Heartbeat, ping } from '../policies/heartbeat.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { type Delivery, parcelOf } from './delivery.ts'
import { CLAMPS, clamp, GOAWAY_EVERY_MS, MAX_TOPICS, PROTOCOL, type ServerFrame, VERSION } from './frames.ts'
import { Identity } from './identity.ts'
import type { Greeting, RequestOptions, SessionFactory, SessionHost, SessionLayer } from './layer.ts'
import { type SessionOptions, type SessionSettings, settingsOf } from './options.ts'
import { Outgoing, type Sender } from './outgoing.ts'
import { Peer } from './peer.ts'
import { type Handler, Stream, type StreamHost, type TopicEvent, type TopicOptions } from './stream.ts'
import { Timers } from './timers.ts'
import { checkTopic, type Topic, type TopicSendOptions } from './topic.ts'

/** How long the answer to `auth` may take; then the credential is carried by a second connection. */
const AUTH_ANSWER_MS = 5_000
const REQUEST_MS = 30_000
/** An `err` about a topic that says "later": at the earliest after a second. */
const TOPIC_AGAIN_MS = 1_000

type Of<T extends ServerFrame['t']> = Extract<ServerFrame, { readonly t: T }>

/** The session of one socket: what arrives is checked against its cursors, what is sent is kept until it is acknowledged. */
class Session implements SessionLayer, Sender, StreamHost {
  plain = false
  readonly #host: SessionHost
  readonly #settings: SessionSettings
  readonly #identity: Identity
  readonly #outgoing: Outgoing
  readonly #streams = new Map<string, Stream>()
  readonly #topics = new Map<string, Topic>()
  /** The connections that speak the protocol, by number. */
  readonly #peers = new Map<number, Peer>()
  readonly #timers: Timers
  readonly #acks: Acknowledgements
  #serving: Peer | null = null
  #beat: Heartbeat = ping()
  /** No dial was made yet that could have opened. */
  #first = true
  /** The next dial does not ask for the protocol. */
  #omits = false
  /** The answer to `auth` is awaited. */
  #authenticating: (() => void) | undefined
  #refusesAuth = false
  #goawayAt = -Infinity
  #leaving: (() => void) | undefined

  constructor(host: SessionHost, settings: SessionSettings) {
    this.#host = host
    this.#settings = settings
    this.#timers = new Timers(
      () => host.epochMs,
      () => host.moved(),
    )
    this.#identity = new Identity(settings.storage, settings.storageKey, cause =>
      this.report(new ResilientError('ERR_HANDLER', '`session.storage` failed: a reload begins anew.', cause)),
    )
    this.#outgoing = new Outgoing(this, host.outbox)
    this.#acks = new Acknowledgements(
      this.#timers,
      (topic, seq) => this.#write({ t: 'ack', topic, seq }),
      () => this.#keep(),
    )
    if (settings.topic !== null) this.#subscribe(settings.topic, { handle: event => this.#plainly(event), options: {} })
  }

  // ── what the socket asks ──

  get dueAt(): number {
    return Math.min(this.#timers.at, this.#outgoing.dueAt)
  }

  get queued(): { readonly messages: number; readonly bytes: number } {
    return this.#outgoing
  }

  get takesAuth(): boolean {
    return this.#authenticating !== undefined
  }

  get heartbeat(): Heartbeat {
    return {
      message: () => '{"t":"ping"}',
      isPong: ({ data }) => typeof data === 'string' && data.length < 64 && /"t"\s*:\s*"pong"/.test(data),
      judge: pulse => this.#beat.judge(pulse),
    }
  }

  protocols(asked: string | readonly string[]): string | string[] {
    const others = [asked].flat()
    return this.#omits || this.plain ? others : [...new Set([PROTOCOL, ...others])]
  }

  greet(greeting: Greeting): Promise<void> | undefined {
    const { number, protocol } = greeting
    this.#first = false
    if (protocol === PROTOCOL) {
      const peer = new Peer(greeting)
      this.#peers.set(number, peer)
      return this.#hello(peer)
    }
    if (!this.#settings.optional) {
      const fact = `The server did not select the subprotocol \`${PROTOCOL}\`: it may not speak the session protocol.`
      return Promise.reject(new ResilientError('ERR_PROTOCOL', `${fact} \`session({ optional: true })\` does without.`))
    }
    this.plain = true
    for (const { body } of this.#outgoing.handBack()) {
      // What was a string is that string again.
      if (typeof body === 'string') this.#host.plainly(textOf(JSON.parse(body)))
      else Promise.resolve(body).then(bytes => this.#host.plainly(new Uint8Array(bytes)))
    }
    return undefined
  }

  async #hello(peer: Peer): Promise<void> {
    await this.#identity.restored
    const { id, token, signal } = peer.greeting
    if (signal.aborted) return
    const topics = [...this.#streams.values()].map(stream => {
      const stored = this.#identity.cursors[stream.topic]
      if (stored && !stream.position) stream.begin(stored)
      const { topic, position } = stream
      peer.asked(topic)
      this.#acks.begin(stream)
      return { topic, ...position }
    })
    const { client } = this.#identity
    const { schema } = this.#settings
    peer.said = true
    this.#host.write(peer.number, JSON.stringify({ t: 'hello', v: VERSION, schema, client, conn: id, token, topics }))
    await peer.greeted
  }

  receives(number: number, received: unknown): boolean {
    const peer = this.#peers.get(number)
    if (!peer) return false
    this.#host.hear()
    const frame = peer.read(received)
    if (frame instanceof ResilientError) this.report(frame)
    else if (frame) this.#take(peer, frame)
    return true
  }

  serves(number: number): void {
    const before = this.#serving
    const peer = this.#peers.get(number)
    if (!peer) return
    this.#serving = peer
    this.#leaving?.()
    this.#leaving = undefined
    if (before && before !== peer) this.#host.write(before.number, '{"t":"bye"}')
    this.#outgoing.connected(peer.limits)
    this.#acks.flush()
  }

  ended({ connection, code, origin }: Disconnect): void {
    const peer = this.#peers.get(connection ?? 0)
    // Asked for once: one that does not open either was not refused for its name.
    const refused = this.#first && origin === 'dial-failed' && this.#settings.optional
    this.#omits = refused && !this.#omits
    if (!refused) this.#first = false
    if (!peer) return
    this.#peers.delete(peer.number)
    if (peer === this.#serving) {
      this.#serving = null
      this.#authenticating?.()
      this.#authenticating = undefined
      this.#outgoing.lost()
    }
    if (origin === 'server' && code >= 4_100 && code < 4_200) this.drop('identity')
  }

  decide({ connection, code, origin }: Ending): Answer | undefined {
    if (origin !== 'server' || !this.#peers.has(connection ?? 0) || code < 4_000 || code > 4_499) return undefined
    if (code < 4_200) return 'retry'
    if (code < 4_300) return 'refresh-auth'
    return code < 4_400 ? 'retry-slowly' : 'stop'
  }

  renewed(token: string | undefined): void {
    this.#authenticating?.()
    this.#authenticating = undefined
    if (token === undefined || this.#refusesAuth || !this.#serving || !this.#write({ t: 'auth', token })) return
    this.#authenticating = this.#timers.in(AUTH_ANSWER_MS, () => {
      this.#authenticating = undefined
      this.#refusesAuth = true
      this.#host.dispatch({ type: 'handover', purpose: 'replace' })
    })
  }

  send(value: unknown, options: TopicSendOptions = {}): Delivery {
    const { topic } = this.#settings
    if (topic === null)
      throw new ResilientError('ERR_OPTION', '`session.topic` is null: send to a topic, `socket.topic(name).send()`.')
    return this.#send(topic, value, options)
  }

  topic(name: string): Topic {
    checkTopic(name)
    const known = this.#topics.get(name)
    if (known) return known
    const cursor = (): Topic['cursor'] => this.#streams.get(name)?.cursor ?? null
    const topic: Topic = {
      name,
      get cursor() {
        return cursor()
      },
      on: (handle, options = {}) => this.#subscribe(name, checkHandler(handle, options)),
      send: (value, options) => this.#send(name, value, options),
    }
    this.#topics.set(name, topic)
    return topic
  }

  async request(value: unknown, options: RequestOptions = {}): Promise<unknown> {
    const { topic = this.#settings.topic ?? '', signal, timeoutMs = REQUEST_MS } = options
    checkTopic(topic)
    if (!(typeof timeoutMs === 'number' && timeoutMs >= 0))
      throw unexpected('ERR_OPTION', 'timeoutMs', 'a number from 0', timeoutMs)
    signal?.throwIfAborted()
    const entry = this.#outgoing.send({ ...parcelOf(topic, value), request: true })
    return new Promise((resolve, reject) => {
      const leave = (cause: unknown): void => {
        reject(cause)
        this.#outgoing.abandon(entry)
      }
      const aborted = (): void => leave(signal?.reason)
      const late = new ResilientError(
        'ERR_TIMEOUT',
        `No answer within ${timeoutMs} ms; the request may still be carried out.`,
      )
      const cancel = timeoutMs < Infinity ? this.#timers.in(timeoutMs, () => leave(late)) : undefined
      signal?.addEventListener('abort', aborted)
      const over = (): void => {
        cancel?.()
        signal?.removeEventListener('abort', aborted)
      }
      entry.answer.then(resolve, reject).then(over)
    })
  }

  drained(): Promise<void> {
    return this.#outgoing.drained()
  }

  drop(why: 'closed' | 'identity'): void {
    this.#outgoing.end(why)
    if (why === 'closed') {
      this.#keep()
      this.#timers.clear()
      this.#leaving = this.#authenticating = undefined
      this.plain = this.#omits = this.#refusesAuth = false
      this.#first = true
      this.#goawayAt = -Infinity
    } else {
      this.#identity.renew()
      for (const stream of this.#streams.values()) stream.forget()
    }
  }

  due(): void {
    this.#timers.due()
    this.#outgoing.due()
  }

  // ── what arrives ──

  #take(peer: Peer, frame: ServerFrame): void {
    switch (frame.t) {
      case 'welcome':
        peer.welcome(frame)
        this.#beat = ping({ everyMs: clamp(frame.heartbeatMs, CLAMPS.heartbeatMs) })
        this.#expires(frame.authExpiresInMs)
        break
      case 'subbed':
        peer.answered(frame.topic)
        this.#streams.get(frame.topic)?.subscribed(frame, frame.recovered)
        break
      case 'gap': {
        const { topic, from = null, to, reason } = frame
        const known = reason === 'expired' || reason === 'epoch' ? reason : 'unknown'
        this.#streams.get(topic)?.missing(from, to, known)
        break
      }
      case 'event':
        this.#streams.get(frame.topic)?.arrived(frame)
        break
      case 'ok':
        this.#outgoing.stored(frame.id, frame.data)
        break
      case 'err':
        this.#refused(peer, frame)
        break
      case 'authok':
        this.#authenticating?.()
        this.#authenticating = undefined
        this.#expires(frame.expiresInMs)
        this.#outgoing.authenticated()
        break
      case 'reauth':
        this.reauthenticate()
        break
      case 'goaway':
        if (peer === this.#serving) this.#leave(frame)
        break
      case 'ping':
        this.#host.write(peer.number, JSON.stringify({ t: 'pong', n: frame.n }))
        break
      case 'pong':
    }
  }

  #refused(peer: Peer, { id, topic, code, message, retry, afterMs }: Of<'err'>): void {
    if (id !== undefined) {
      this.#outgoing.refused(id, { code, message, retry, ...(afterMs !== undefined && { afterMs }) })
      return
    }
    const about = topic === undefined ? 'about the connection' : `about the topic ${JSON.stringify(topic)}`
    this.report(new ResilientError('ERR_REJECTED', `The server says ${about}: ${code}. ${message}`))
    if (topic === undefined) return
    peer.answered(topic)
    const again = (): void => {
      const stream = this.#streams.get(topic)
      if (stream) this.#write({ t: 'sub', topic, ...stream.position })
    }
    if (retry === 'later') this.#timers.in(Math.max(clamp(afterMs, CLAMPS.afterMs), TOPIC_AGAIN_MS), again)
    else if (retry === 'auth') this.reauthenticate()
  }

  /** The server is about to go: another connection is made before, at a moment of this client's own. */
  #leave({ afterMs, spreadMs }: Of<'goaway'>): void {
    const { clock, epochMs } = this.#host
    if (epochMs - this.#goawayAt < GOAWAY_EVERY_MS) return
    this.#goawayAt = epochMs
    this.#leaving?.()
    const spread = clock.roll() * clamp(spreadMs, CLAMPS.goawaySpreadMs)
    this.#leaving = this.#timers.in(clamp(afterMs, CLAMPS.goawayAfterMs) + spread, () => {
      this.#leaving = undefined
      this.#host.dispatch({ type: 'handover', purpose: 'replace' })
    })
  }

  #expires(inMs: number | undefined): void {
    if (inMs === undefined || !this.#host.credentials) return
    const expiresAt = this.#host.epochMs + clamp(inMs, CLAMPS.authExpiresInMs)
    this.#host.dispatch({ type: 'renewed', expiresAt, same: true })
  }

  /** An event of the session's own topic, as a plain `message` event. */
  #plainly({ data, ...place }: TopicEvent): Promise<unknown> | undefined {
    const waits: unknown[] = []
    const waitUntil = (promise: unknown): void => {
      waits.push(promise)
    }
    this.#host.message(data instanceof Uint8Array ? this.#binary(data) : textOf(data), { ...place, waitUntil })
    return waits.length ? Promise.all(waits) : undefined
  }

  #binary(bytes: Uint8Array): Blob | ArrayBuffer {
    const copy = bytes.slice()
    return this.#host.binaryType === 'blob' ? new Blob([copy]) : copy.buffer
  }

  // ── topics ──

  #subscribe(topic: string, handler: Handler): () => void {
    let stream = this.#streams.get(topic)
    if (!stream) {
      if (this.#streams.size >= MAX_TOPICS)
        throw unexpected('ERR_OPTION', 'topic', `one of at most ${MAX_TOPICS}`, topic)
      stream = new Stream(topic, handler.options.from ?? null, this)
      this.#streams.set(topic, stream)
      const { position } = stream
      this.#acks.begin(stream)
      for (const { number, said } of this.#peers.values()) {
        if (said) this.#host.write(number, JSON.stringify({ t: 'sub', topic, ...position }))
      }
    }
    const subscribed = stream
    subscribed.handlers = [...subscribed.handlers, handler]
    return () => {
      subscribed.handlers = subscribed.handlers.filter(each => each !== handler)
      if (subscribed.handlers.length || this.#streams.get(topic) !== subscribed) return
      this.#streams.delete(topic)
      subscribed.forget()
      for (const { number, said } of this.#peers.values()) {
        if (said) this.#host.write(number, JSON.stringify({ t: 'unsub', topic }))
      }
    }
  }

  #send(topic: string, value: unknown, { volatile, ttlMs }: TopicSendOptions = {}): Delivery {
    const expiresAt = this.#host.epochMs + (ttlMs ?? this.#host.outbox.ttlMs)
    return this.#outgoing.send({ ...parcelOf(topic, value), volatile, expiresAt })
  }

  #keep(): void {
    if (!this.#settings.storage) return
    const all = [...this.#streams.values()].flatMap(({ topic, cursor }) => (cursor ? [[topic, cursor] as const] : []))
    this.#identity.keep(Object.fromEntries(all))
  }

  #write(frame: object): boolean {
    return !!this.#serving && this.#host.write(this.#serving.number, JSON.stringify(frame))
  }

  // ── what the parts ask ──

  get now(): number {
    return this.#host.epochMs
  }

  get bound(): number {
    return clamp(this.#serving?.limits.unacked, CLAMPS.unacked)
  }

  nextId(): string {
    return this.#identity.next()
  }

  write(frame: string | Uint8Array<ArrayBuffer>): boolean {
    return !!this.#serving && this.#host.write(this.#serving.number, frame)
  }

  handled(stream: Stream): void {
    this.#acks.handled(stream, this.bound)
  }

  gap(gap: Parameters<SessionHost['gap']>[0]): void {
    this.#host.gap(gap)
  }

  later(ms: number, fn: () => void): void {
    this.#timers.in(ms, fn)
  }

  breach(fact: string): void {
    this.report(new ResilientError('ERR_PROTOCOL', `The server breaks the session protocol: ${fact}.`))
    for (const { number } of this.#peers.values()) this.#host.fail(number)
  }

  reauthenticate(): void {
    if (this.#host.credentials) this.#host.dispatch({ type: 'renew' })
  }

  discarded(...facts: Parameters<SessionHost['discarded']>): void {
    this.#host.discarded(...facts)
  }

  report(error: unknown): void {
    this.#host.report(error)
  }

  moved(): void {
    this.#host.moved()
  }
}

/** The text of JSON that is one, else its JSON: what `JSON.parse(event.data)` expects. */
function textOf(data: unknown): string {
  return typeof data === 'string' ? data : JSON.stringify(data ?? null)
}

function checkHandler(handle: (event: TopicEvent) => unknown, options: TopicOptions): Handler {
  if (typeof handle !== 'function') throw unexpected('ERR_OPTION', 'handler', 'a function', handle)
  if (typeof options !== 'object' || !options) throw unexpected('ERR_OPTION', 'on() options', 'an object', options)
  for (const name of ['onGap', 'onHandlerError'] as const) {
    const value: unknown = options[name]
    if (value !== undefined && typeof value !== 'function') throw unexpected('ERR_OPTION', name, 'a function', value)
  }
  const { from } = options
  if (from !== undefined && !(typeof from?.epoch === 'string' && Number.isSafeInteger(from.seq) && from.seq >= 0)) {
    throw unexpected('ERR_OPTION', 'from', 'a cursor, { epoch, seq }', from)
  }
  return { handle, options }
}

/**
 * The session protocol, `holdfast.v1`, for the option `session`: nothing lost and nothing twice, with a server that
 * speaks it (`holdfast/server`, or docs/protocol.md). A drop-in app gains resume by this one option.
 *
 * @throws ResilientError `ERR_OPTION` for a wrong option.
 */
export function session(options: SessionOptions = {}): SessionFactory {
  const settings = settingsOf(options)
  return host => new Session(host, settings)
}
