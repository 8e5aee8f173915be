import type { IncomingHttpHeaders } from 'node:http'
import type { ClientFrame, ServerFrame } from '../session/frames.ts'
import { Admission } from './admission.ts'
import { Alarms, SECOND_LOOK_MS } from './alarms.ts'
import type { Context } from './context.ts'
import { Delivery } from './delivery.ts'
import { LogUnavailable } from './log.ts'
import { Messages } from './messages.ts'
import { Outflow } from './outflow.ts'
import { type Read, readFrame } from './reading.ts'
import type { EndedBy } from './records.ts'
import { Refused } from './refused.ts'
import type { Loose } from './schema.ts'
import { TokenBucket } from './token-bucket.ts'
import { Topics } from './topics.ts'
import { Turns } from './turns.ts'
import type { Receiver, Wire } from './wire.ts'

/** No valid hello by then, and it is closed with 4400. */
const HELLO_MS = 10_000
/** Silence of so many heartbeats is the end. */
const SILENT_HEARTBEATS = 2.5
/** Frames that wait their turn, beyond the messages that are allowed and the topics. */
const MORE_FRAMES = 1_000

/** Where a handshake came from. */
export interface Origin {
  readonly address: string
  /** What connections are counted by: the address, or the network of an IPv6 address. */
  readonly network: string
  readonly headers: IncomingHttpHeaders
}

/** One connection, from the handshake to its end. */
export class Connection implements Receiver {
  readonly address: string
  readonly network: string
  readonly context: Context
  readonly alarms: Alarms
  readonly delivery: Delivery
  /** Given by `hello`; empty before. */
  client = ''
  conn: string | undefined
  identity: string | undefined
  readonly #wire: Wire
  readonly #out: Outflow
  readonly #gone = new AbortController()
  readonly #turns: Turns
  readonly #admission: Admission
  readonly #topics: Topics
  readonly #messages: Messages
  readonly #frames: TokenBucket
  readonly #since: number
  #phase: 'silent' | 'greeting' | 'open' | 'over' = 'silent'
  #heardAt: number
  #framesIn = 0
  #pings = 0
  /** It was silent at the last look. */
  #doubted = false
  #waitingBytes = 0
  #paused = false

  constructor(context: Context, wire: Wire, { address, network, headers }: Origin) {
    const { settings } = context
    const { clock } = settings
    this.context = context
    this.address = address
    this.network = network
    this.#wire = wire
    this.#since = clock.now()
    this.#heardAt = this.#since
    this.#frames = new TokenBucket(settings.rates.frames, this.#since)
    this.alarms = new Alarms(clock)
    this.#turns = new Turns(error => this.failed('a task', error))
    this.#out = new Outflow(this, wire)
    this.delivery = new Delivery(context.log, this.#out)
    this.#admission = new Admission(this, headers)
    this.#topics = new Topics(this)
    this.#messages = new Messages(this)
    this.alarms.set(HELLO_MS, () => {
      if (this.#phase === 'silent') this.end(4400, 'no hello')
    })
  }

  get over(): boolean {
    return this.#phase === 'over'
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  get buffered(): number {
    return this.#out.buffered
  }

  /** Welcomed: from now on it lives by its heartbeat. */
  opened(topics: number): void {
    if (this.over) return
    this.#phase = 'open'
    const { metrics, roster } = this.context
    roster.joined(this)
    metrics.add('connections_opened_total')
    this.context.report({
      type: 'open',
      conn: this.conn ?? '',
      address: this.address,
      topics,
      ...(this.identity !== undefined && { identity: this.identity }),
    })
    this.#heartbeat()
  }

  /** The identity was revoked, perhaps while it was being looked up. */
  revoked(identity: string): void {
    this.#admission.revoked(identity)
    if (this.#phase === 'open' && this.identity === identity) this.end(4202, 'revoked')
  }

  send(frame: ServerFrame): void {
    if (!this.over) this.#out.send(frame)
  }

  /** Ends it from this side. */
  end(code: number, reason: string): void {
    if (this.over) return
    this.#over(code, reason, 'server')
    this.#wire.end(code, reason)
  }

  lost(code: number, reason: string, by: EndedBy): void {
    this.#over(code, reason, by)
  }

  heard(): boolean {
    if (this.over) return false
    const now = this.context.settings.clock.now()
    this.#heardAt = now
    this.#framesIn++
    const wait = this.#frames.wait(now)
    if (wait === 0) this.#frames.take()
    else this.end(4300, 'too many frames; after=60')
    return wait === 0
  }

  receive(wire: Buffer, binary: boolean): void {
    if (!this.heard()) return
    const read = readFrame(wire, binary)
    if (this.#phase === 'silent' && !(read.type === 'frame' && read.frame.t === 'hello')) {
      this.end(4400, 'expected hello first')
    } else if (read.type === 'frame') this.#dispatch(read.frame, read.bytes, wire.length)
    else if (read.type === 'bad') this.#refuse(read)
  }

  flushed(): void {
    this.#out.flushed()
  }

  failed(where: string, error: unknown): void {
    // A refusal is an answer, and the log says by itself that it is away.
    if (error instanceof LogUnavailable || error instanceof Refused) return
    this.context.report({ type: 'failed', where, error, ...(this.conn !== undefined && { conn: this.conn }) })
  }

  #dispatch(frame: Loose<ClientFrame>, bytes: Uint8Array | undefined, size: number): void {
    switch (frame.t) {
      case 'ack':
        this.context.metrics.add('acks_total')
        this.delivery.acknowledge(frame.topic, frame.seq)
        break
      case 'ping':
        this.send({ t: 'pong', ...(frame.n !== undefined && { n: frame.n }) })
        break
      case 'pong':
        break
      case 'bye':
        this.end(1000, 'bye')
        break
      case 'hello':
        if (this.#phase === 'silent') this.#greet(frame)
        else this.#refuse({ type: 'bad', why: '`hello` came twice' })
        break
      case 'auth':
        this.#turnAfterMessages(async () => {
          if (await this.#admission.auth(frame.token)) await this.#topics.reauthorize()
        })
        break
      case 'sub':
        this.#turnAfterMessages(() => this.#topics.subscribe(frame))
        break
      case 'unsub':
        this.#turnAfterMessages(() => this.#topics.unsubscribe(frame.topic))
        break
      case 'msg':
        this.#message(frame, bytes, size)
    }
  }

  #greet(hello: Loose<ClientFrame & { readonly t: 'hello' }>): void {
    this.#phase = 'greeting'
    this.#turn(async () => {
      if (await this.#admission.hello(hello)) await this.#topics.greet(hello.topics)
    })
  }

  #message(frame: Loose<ClientFrame & { readonly t: 'msg' }>, bytes: Uint8Array | undefined, size: number): void {
    this.#waitingBytes += size
    this.#press()
    this.#turn(
      this.#messages.arrived(frame, bytes, () => {
        this.#waitingBytes -= size
        this.#press()
      }),
    )
  }

  #turnAfterMessages(task: () => Promise<void> | void): void {
    this.#turn(() => {
      const { busy } = this.#messages
      return busy ? busy.then(() => (this.over ? undefined : task())) : task()
    })
  }

  #turn(task: () => Promise<void> | void): void {
    const { topics, inFlight } = this.context.settings.limits
    if (this.#turns.size > topics + inFlight + MORE_FRAMES) this.end(4300, 'too many frames at once; after=60')
    else this.#turns.take(task)
  }

  #refuse({ why, id, topic }: Read & { readonly type: 'bad' }): void {
    this.send({
      t: 'err',
      ...(id !== undefined && { id }),
      ...(topic !== undefined && id === undefined && { topic }),
      code: 'bad-frame',
      message: why,
      retry: 'never',
    })
  }

  /** Messages that wait for a slow hook wait in the network, beyond one of the greatest. */
  #press(): void {
    const paused = !this.over && this.#waitingBytes > this.context.settings.limits.messageBytes
    if (paused === this.#paused) return
    this.#paused = paused
    this.#heardAt = this.context.settings.clock.now()
    if (paused) this.#wire.pause()
    else this.#wire.resume()
  }

  /** Silent for too long. Who is not read cannot be heard. */
  get #silent(): boolean {
    const { heartbeatMs, clock } = this.context.settings
    return !this.#paused && clock.now() - this.#heardAt > SILENT_HEARTBEATS * heartbeatMs
  }

  #heartbeat(): void {
    const { heartbeatMs, clock } = this.context.settings
    const looked = this.#doubted
    this.#doubted = this.#silent
    if (this.#silent && looked) {
      this.end(4000, 'nothing heard')
      return
    }
    if (this.#silent) {
      this.alarms.set(SECOND_LOOK_MS, () => this.#heartbeat())
      return
    }
    if (this.#pings++) this.send({ t: 'ping', n: this.#pings - 1 })
    const left = this.#heardAt + SILENT_HEARTBEATS * heartbeatMs + 1 - clock.now()
    this.alarms.set(left > 0 ? Math.min(heartbeatMs, left) : heartbeatMs, () => this.#heartbeat())
  }

  #over(code: number, reason: string, by: EndedBy): void {
    if (this.over) return
    this.#phase = 'over'
    this.#gone.abort()
    this.alarms.clear()
    this.#turns.clear()
    this.#topics.end()
    const { roster, metrics, feeds, settings } = this.context
    for (const feed of this.delivery.end()) feeds.leave(feed)
    roster.left(this)
    const lifeMs = settings.clock.now() - this.#since
    metrics.addTo('closes_total', code)
    metrics.lived(lifeMs)
    this.context.report({
      type: 'close',
      ...(this.conn !== undefined && { conn: this.conn }),
      address: this.address,
      ...(this.identity !== undefined && { identity: this.identity }),
      code,
      reason,
      by,
      lifeMs,
      framesIn: this.#framesIn,
      framesOut: this.#out.frames,
    })
  }
}
