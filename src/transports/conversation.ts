import { CLAMPS, clamp, isServerFrame, type Limits, type ServerFrame } from '../session/frames.ts'
import { Credit } from './credit.ts'
import type { Near } from './http-carrier.ts'
import { broken, closeOf, type End } from './http-end.ts'
import { endpoint, type Http } from './http-request.ts'
import { type Frame, frameOf, inbound, outbound } from './session-frames.ts'
import { TopicPositions } from './topic-positions.ts'
import type { DialRequest, Sendable } from './transport.ts'
import { Upstream } from './upstream.ts'

/** Another identity than the one that was welcomed before (docs/protocol.md). */
const IDENTITY_CHANGED = 4110

/** How what the server says is asked for. */
export interface Downstream {
  /** `hello` was said: ask. */
  begin(): void
  /** What is asked for has changed: ask anew. */
  again(): void
  /** The session asks for a sign of life. */
  ping(): void
  /** It is over. */
  stop(): void
}

/** One session over HTTP, whichever way it listens: who speaks, what was passed up, what is sent. */
export class Conversation {
  readonly positions: TopicPositions = new TopicPositions()
  readonly credit: Credit = new Credit()
  readonly clock: DialRequest['clock']
  readonly upstream: Upstream
  heartbeatMs: number = clamp(undefined, CLAMPS.heartbeatMs)
  /** Frames of the downstream that were passed up. */
  passed = 0
  /** Something was passed up, monotonic ms. */
  passedAt: number
  over = false
  /** Frames wait for the app: nothing is read. */
  holding = false
  /** A `welcome` was passed up, and the app waits for nothing. */
  welcomed = false
  #hello: Frame | null = null
  #token: string | undefined
  #limits: Limits = {}
  #identity: string | undefined
  /** The session waits for `authok`: `asked` when the token is on its way. */
  #auth: 'none' | 'wanted' | 'asked' = 'none'
  /** The session waits for `pong`. */
  #pinging = false
  readonly #near: Near
  readonly #http: Http
  readonly #downstream: Downstream

  constructor(near: Near, http: Http, request: DialRequest, downstream: Downstream) {
    const { clock } = request
    this.clock = clock
    this.passedAt = clock.now()
    this.#near = near
    this.#http = http
    this.#downstream = downstream
    this.#token = request.token
    const conversation = this
    this.upstream = new Upstream({
      clock,
      get limits() {
        return conversation.#bounds
      },
      hello: () => JSON.stringify({ ...this.#hello, token: this.#token, topics: [] }),
      post: (body, signal) => this.post('send', body, signal),
      answered: (frame, fields, text) => this.#answered(frame, fields, text),
      ended: end => this.fail(end),
    })
  }

  get #bounds(): { readonly inFlight: number; readonly messageBytes: number } {
    const { inFlight, messageBytes } = this.#limits
    return { inFlight: clamp(inFlight, CLAMPS.inFlight), messageBytes: clamp(messageBytes, CLAMPS.messageBytes) }
  }

  /** What a stream, or a poll, is asked for with. `more`: fields beside those of the session. */
  question(more: object = {}): string {
    if (this.#auth === 'wanted') this.#auth = 'asked'
    return JSON.stringify({ ...this.#hello, token: this.#token, topics: this.positions.requests(), ...more })
  }

  post(name: 'stream' | 'send' | 'poll', body: string, signal: AbortSignal): Promise<Response> {
    return this.#http.ask(endpoint(this.#http.url, name), { method: 'POST', body, signal }, this.#token)
  }

  /** What the session sends. */
  send(data: Sendable): void {
    const { frame, text } = outbound(data)
    if (frame.t !== 'hello' && !this.#hello) return
    switch (frame.t) {
      case 'hello':
        if (this.#hello) return
        this.#hello = frame
        if (Array.isArray(frame.topics)) for (const topic of frame.topics) this.positions.ask(Object(topic))
        if (typeof frame.token === 'string') this.#token = frame.token
        this.#downstream.begin()
        break
      case 'sub':
        this.positions.ask(frame)
        this.#downstream.again()
        break
      case 'unsub':
        this.positions.leave(frame.topic)
        this.credit.forget(frame.topic)
        this.#downstream.again()
        break
      case 'auth':
        if (typeof frame.token === 'string') this.#token = frame.token
        this.#auth = 'wanted'
        this.positions.pardon()
        this.#downstream.again()
        break
      case 'msg':
        this.upstream.push(text, typeof frame.id === 'string' ? frame.id : null)
        break
      case 'ack':
        this.credit.acknowledged(frame.topic, frame.seq)
        break
      case 'ping':
        this.#pinging = true
        this.#downstream.ping()
        break
      case 'bye':
        // A server would close now, and its close takes a moment.
        this.clock.schedule(this.clock.now(), () =>
          this.fail({ code: 1000, reason: 'bye', wasClean: true, erred: false }),
        )
    }
  }

  /** One frame of the server's. The result is its type; `null`: it was none. */
  take(text: string): string | null {
    const fields = frameOf(text)
    const close = closeOf(fields)
    if (close) {
      this.fail(close)
      return 'close'
    }
    const frame: unknown = fields
    if (!fields || !isServerFrame(frame)) {
      // The session tells what it cannot read, and ignores what it does not know.
      if (this.welcomed) this.#pass(text)
      return null
    }
    if (frame.t === 'welcome') this.#welcome(frame, text)
    else if (this.positions.moves(frame)) {
      this.passed++
      if (frame.t === 'event') this.credit.passed(frame.topic, frame.seq)
      this.#pass(inbound(fields, text))
    }
    return frame.t
  }

  /** The app can take another event. */
  get room(): boolean {
    return !this.welcomed || this.credit.left
  }

  /** Resolves when it can. */
  async hold(): Promise<void> {
    this.holding = true
    await this.credit.more()
    this.holding = false
  }

  /** Asks the server for a sign of life, where what it says is not read or was asked for a moment ago. */
  probe(): void {
    this.upstream.push('{"t":"ping"}', null)
  }

  /** Tells the session that the server lives, where nothing else does. */
  alive(): void {
    this.#pinging = false
    this.#pass('{"t":"pong"}')
  }

  /** It is over. */
  fail(end: End): void {
    if (this.over) return
    this.over = true
    this.#downstream.stop()
    this.upstream.abort()
    this.#near.ended(end)
  }

  /** The app has closed: what was sent may still go out. */
  end(): Promise<void> | undefined {
    if (this.over) return undefined
    this.over = true
    this.#downstream.stop()
    return this.upstream.end()
  }

  #welcome(frame: Extract<ServerFrame, { readonly t: 'welcome' }>, text: string): void {
    const { limits = {}, identity, heartbeatMs, authExpiresInMs } = frame
    if (this.welcomed && identity !== this.#identity) {
      this.fail({ code: IDENTITY_CHANGED, reason: 'identity changed', wasClean: true, erred: false })
      return
    }
    this.#identity = identity
    this.#limits = limits
    this.heartbeatMs = clamp(heartbeatMs, CLAMPS.heartbeatMs)
    this.credit.limit = clamp(limits.unacked, CLAMPS.unacked)
    if (!this.welcomed) {
      this.welcomed = true
      this.passed++
      this.#pass(text)
    } else if (this.#auth === 'asked') {
      this.#auth = 'none'
      this.#pass(JSON.stringify({ t: 'authok', expiresInMs: authExpiresInMs }))
    } else if (this.#pinging) this.alive()
  }

  /** What `/send` may answer; it is no place for events. */
  #answered(frame: ServerFrame, fields: Frame, text: string): void {
    if (['ok', 'err', 'pong', 'reauth', 'goaway'].includes(frame.t)) this.#pass(inbound(fields, text))
  }

  #pass(data: string | ArrayBuffer): void {
    this.passedAt = this.clock.now()
    this.#near.message(data)
  }
}

/** How a request for frames failed, by what was thrown. A connection that had begun broke; one that had not is a failed dial. */
export function failureOf(cause: unknown, welcomed: boolean): End {
  return cause instanceof RangeError ? broken('a frame that is too big', true) : broken('a request failed', !welcomed)
}
