import type { Disconnect, Ending } from '../core/disconnect.ts'
import { ResilientError, unexpected } from '../core/resilient-error.ts'
import type { Answer } from '../core/rules.ts'
import { type Heartbeat, ping } from '../policies/heartbeat.ts'
import { decide, endsSession } from './close-codes.ts'
import { type Delivery, parcelOf, type Sender } from './delivery.ts'
import { CLAMPS, clamp, PROTOCOL, type ServerFrame, VERSION } from './frames.ts'
import { Identity } from './identity.ts'
import type { Greeting, RequestOptions, SessionFactory, SessionHost, SessionLayer } from './layer.ts'
import { Offer } from './offer.ts'
import { type SessionOptions, type SessionSettings, settingsOf } from './options.ts'
import { Outgoing } from './outgoing.ts'
import { Peer } from './peer.ts'
import { plainly, sendPlainly } from './plain.ts'
import { request } from './request.ts'
import { Rotation } from './rotation.ts'
import { Timers } from './timers.ts'
import { checkTopic, type Topic, type TopicSendOptions } from './topic.ts'
import { Topics } from './topics.ts'

/** An `err` about a topic that says "later": at the earliest after a second. */
const TOPIC_AGAIN_MS = 1_000

/** The session of one socket: what arrives is checked against its cursors, what is sent is kept until it is acknowledged. */
class Session implements SessionLayer, Sender {
  plain = false
  serving: Peer | null = null
  readonly host: SessionHost
  readonly timers: Timers
  readonly identity: Identity
  readonly #settings: SessionSettings
  readonly #outgoing: Outgoing
  readonly #topics: Topics
  readonly #rotation: Rotation
  readonly #offer: Offer
  /** The connections that speak the protocol, by number. */
  readonly peers = new Map<number, Peer>()
  #beat: Heartbeat = ping()

  constructor(host: SessionHost, settings: SessionSettings) {
    this.host = host
    this.#settings = settings
    this.timers = new Timers(
      () => host.epochMs,
      () => host.moved(),
    )
    this.identity = new Identity(settings.storage, settings.storageKey, cause =>
      this.host.report(new ResilientError('ERR_HANDLER', '`session.storage` failed: a reload begins anew.', cause)),
    )
    this.#outgoing = new Outgoing(this, host.outbox)
    this.#topics = new Topics(this)
    this.#rotation = new Rotation(host, this.timers)
    this.#offer = new Offer(settings.optional, error => host.report(error))
    if (settings.topic !== null) {
      this.#topics.subscribe(settings.topic, { handle: event => plainly(event, host), options: {} })
    }
  }

  // ── what the socket asks ──

  get dueAt(): number {
    return Math.min(this.timers.at, this.#outgoing.dueAt)
  }

  get queued(): { readonly messages: number; readonly bytes: number } {
    return this.#outgoing
  }

  get takesAuth(): boolean {
    return this.#rotation.authenticating
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
    return this.#offer.asks && !this.plain ? [...new Set([PROTOCOL, ...others])] : others
  }

  greet(greeting: Greeting): Promise<void> | undefined {
    const { number, protocol } = greeting
    const speaks = protocol === PROTOCOL
    const refusal = this.#offer.opened(speaks)
    if (speaks) {
      const peer = new Peer(greeting)
      this.peers.set(number, peer)
      return this.#hello(peer)
    }
    if (refusal) return Promise.reject(refusal)
    this.plain = true
    for (const parcel of this.#outgoing.handBack()) sendPlainly(parcel, this.host)
    return undefined
  }

  async #hello(peer: Peer): Promise<void> {
    await this.identity.restored
    const { id, token, signal } = peer.greeting
    if (signal.aborted) return
    const topics = this.#topics.requests()
    for (const { topic } of topics) peer.asked(topic)
    peer.said = true
    const { client } = this.identity
    const { schema } = this.#settings
    this.write(peer.number, { t: 'hello', v: VERSION, schema, client, conn: id, token, topics })
    await peer.greeted
  }

  receives(number: number, received: unknown): void {
    this.host.hear()
    // One that was replaced has said it all on the other one too.
    const peer = this.peers.get(number)
    const frame = peer?.read(received)
    if (frame instanceof ResilientError) this.host.report(frame)
    else if (peer && frame) this.#take(peer, frame)
  }

  serves(number: number): void {
    const before = this.serving
    const peer = this.peers.get(number)
    if (!peer) return
    this.serving = peer
    this.#rotation.replaced()
    if (before && before !== peer) {
      this.write(before.number, { t: 'bye' })
      this.peers.delete(before.number)
    }
    this.#outgoing.connected(peer.limits)
    this.#topics.served()
  }

  ended({ connection, code, origin }: Disconnect): void {
    const peer = this.peers.get(connection ?? 0)
    if (origin === 'dial-failed') this.#offer.refused()
    if (!peer) return
    this.peers.delete(peer.number)
    if (peer === this.serving) {
      this.serving = null
      this.#rotation.lost()
      this.#outgoing.lost()
    }
    if (endsSession(origin, code)) this.drop('identity')
  }

  decide(ending: Ending): Answer | undefined {
    return this.peers.has(ending.connection ?? 0) ? decide(ending) : undefined
  }

  renewed(token: string | undefined): void {
    const { serving } = this
    this.#rotation.renewed(!!serving && token !== undefined && (() => this.write(serving.number, { t: 'auth', token })))
  }

  send(value: unknown, options?: TopicSendOptions): Delivery {
    const { topic } = this.#settings
    if (topic !== null) return this.sendTo(topic, value, options)
    throw unexpected('ERR_OPTION', 'session.topic', 'a topic: without one, `socket.topic(name).send()`', null)
  }

  sendTo(topic: string, value: unknown, { volatile, ttlMs }: TopicSendOptions = {}): Delivery {
    const expiresAt = this.host.epochMs + (ttlMs ?? this.host.outbox.ttlMs)
    return this.#outgoing.send({ ...parcelOf(topic, value), volatile, expiresAt })
  }

  topic(name: string): Topic {
    return this.#topics.topic(name)
  }

  request(value: unknown, options: RequestOptions = {}): Promise<unknown> {
    const { topic = this.#settings.topic } = options
    if (topic === null)
      return Promise.reject(unexpected('ERR_OPTION', 'request() topic', 'given: the session has none of its own', null))
    checkTopic(topic)
    return request(this.#outgoing, { ...parcelOf(topic, value), request: true }, this.timers, options)
  }

  drained(): Promise<void> {
    return this.#outgoing.drained()
  }

  drop(why: 'closed' | 'identity'): void {
    this.#outgoing.end(why)
    if (why === 'identity') {
      this.identity.renew()
      this.#topics.forget()
      return
    }
    this.#topics.closed()
    this.timers.clear()
    this.#rotation.end()
    this.plain = false
    this.#offer.renew()
  }

  due(): void {
    this.timers.due()
    this.#outgoing.due()
  }

  // ── what arrives ──

  #take(peer: Peer, frame: ServerFrame): void {
    switch (frame.t) {
      case 'welcome':
        peer.welcome(frame)
        this.#beat = ping({ everyMs: clamp(frame.heartbeatMs, CLAMPS.heartbeatMs) })
        this.#rotation.expires(frame.authExpiresInMs)
        break
      case 'subbed':
        this.#topics.subscribed(frame)
        peer.answered(frame.topic)
        break
      case 'gap':
        this.#topics.missing(frame)
        break
      case 'event':
        this.#topics.arrived(frame)
        break
      case 'ok':
        this.#outgoing.stored(frame.id, frame.data)
        break
      case 'err':
        this.#refused(peer, frame)
        break
      case 'authok':
        this.#rotation.taken(frame.expiresInMs)
        this.#outgoing.authenticated()
        break
      case 'reauth':
        this.#rotation.wanted()
        break
      case 'goaway':
        if (peer === this.serving) this.#rotation.goaway(frame)
        break
      case 'ping':
        this.write(peer.number, { t: 'pong', n: frame.n })
        break
      case 'pong':
    }
  }

  #refused(
    peer: Peer,
    { id, topic, code, message, retry, afterMs }: Extract<ServerFrame, { readonly t: 'err' }>,
  ): void {
    if (id !== undefined) {
      this.#outgoing.refused(id, { code, message, retry, ...(afterMs !== undefined && { afterMs }) })
      return
    }
    const about = topic === undefined ? 'the connection' : `the topic ${JSON.stringify(topic)}`
    this.host.report(new ResilientError('ERR_REJECTED', `The server says about ${about}: ${code}. ${message}`))
    if (topic === undefined) return
    const wait = Math.max(clamp(afterMs, CLAMPS.afterMs), TOPIC_AGAIN_MS)
    if (retry === 'later') this.timers.in(wait, () => this.#topics.again(topic))
    else if (retry === 'auth') this.#rotation.wanted()
    peer.answered(topic)
  }

  // ── what the parts ask and tell ──

  nextId(): string {
    return this.identity.next()
  }

  /** Sends on that connection; `false` when it is gone, or closing. */
  write(number: number, frame: object): boolean {
    return this.host.write(number, JSON.stringify(frame))
  }

  /** Sends on the connection that serves. */
  put(frame: string | Uint8Array<ArrayBuffer>): boolean {
    return !!this.serving && this.host.write(this.serving.number, frame)
  }

  breach(fact: string): void {
    this.host.report(new ResilientError('ERR_PROTOCOL', `The server breaks the session protocol: ${fact}.`))
    for (const number of [...this.peers.keys()]) this.host.fail(number)
  }

  reauthenticate(): void {
    this.#rotation.wanted()
  }
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
