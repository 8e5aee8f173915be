import type { IncomingHttpHeaders } from 'node:http'
import type { ClientFrame, ServerFrame } from '../session/frames.ts'
import { Admission } from './admission.ts'
import { Alarms } from './alarms.ts'
import type { Context } from './context.ts'
import { Delivery } from './delivery.ts'
import { Heartbeat } from './heartbeat.ts'
import { LogUnavailable } from './log.ts'
import { Messages } from './messages.ts'
import { Outflow } from './outflow.ts'
import { Pace } from './pace.ts'
import { type Read, readFrame, readLine } from './reading.ts'
import type { EndedBy } from './records.ts'
import { Refused } from './refused.ts'
import type { Loose } from './schema.ts'
import { Topics } from './topics.ts'
import { Turns } from './turns.ts'
import { isBrief, type Receiver, type Transport, type Wire } from './wire.ts'

/** No valid hello by then, and it is closed with 4400. */
const HELLO_MS = 10_000
/** Frames that wait their turn, beyond the messages that are allowed and the topics. */
const MORE_FRAMES = 1_000

/** What opens another stream, or comes with the next poll. */
const NOT_IN_A_BODY: ReadonlySet<string> = new Set(['sub', 'unsub', 'auth'])

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
  readonly transport: Transport
  readonly context: Context
  readonly alarms: Alarms
  readonly delivery: Delivery
  /** Given by `hello`; empty before. */
  client = ''
  conn: string | undefined
  identity: string | undefined
  pace: Pace
  readonly #wire: Wire
  readonly #out: Outflow
  readonly #gone = new AbortController()
  readonly #turns: Turns
  readonly #admission: Admission
  readonly #topics: Topics
  readonly #messages: Messages
  readonly #heartbeat: Heartbeat
  readonly #since: number
  #phase: 'silent' | 'greeting' | 'open' | 'over' = 'silent'
  #framesIn = 0
  #waitingBytes = 0
  #paused = false

  constructor(context: Context, wire: Wire, { address, network, headers }: Origin) {
    const { settings } = context
    const { clock } = settings
    this.context = context
    this.address = address
    this.network = network
    this.transport = wire.transport
    this.#wire = wire
    this.#since = clock.now()
    this.pace = new Pace(settings.rates, this.#since)
    this.alarms = new Alarms(clock)
    this.#heartbeat = new Heartbeat(this, wire)
    this.#turns = new Turns(error => this.failed('a task', error))
    this.#out = new Outflow(this, wire)
    this.delivery = new Delivery(context.log, this.#out)
    this.#admission = new Admission(this, headers)
    this.#topics = new Topics(this)
    this.#messages = new Messages(this)
    // The body of a request has a time limit of its own.
    if (this.transport !== 'websocket') return
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

  /** Welcomed: from now on it lives by its heartbeat, or until its request is answered. */
  opened(topics: number): void {
    if (this.over) return
    this.#phase = 'open'
    const { metrics, roster } = this.context
    roster.joined(this)
    if (this.transport === 'send') this.pace = this.context.paces.of(this)
    if (isBrief(this.transport)) {
      metrics.addTo('http_requests_total', this.transport)
      return
    }
    metrics.addTo('connections_opened_total', this.transport)
    this.context.report({
      type: 'open',
      transport: this.transport,
      conn: this.conn ?? '',
      address: this.address,
      topics,
      ...(this.identity !== undefined && { identity: this.identity }),
    })
    this.#heartbeat.start()
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
    this.#heartbeat.lives()
    this.#framesIn++
    const { frames } = this.pace
    const wait = frames.wait(this.context.settings.clock.now())
    if (wait === 0) frames.take()
    else this.end(4300, 'too many frames; after=60')
    return wait === 0
  }

  receive(wire: Buffer, binary: boolean): void {
    if (!this.heard()) return
    const read = this.transport === 'websocket' ? readFrame(wire, binary) : readLine(wire)
    if (this.#phase === 'silent' && !(read.type === 'frame' && read.frame.t === 'hello')) {
      this.end(4400, 'expected hello first')
    } else if (read.type === 'frame') this.#dispatch(read.frame, read.bytes, wire.length)
    else if (read.type === 'bad') this.#refuse(read)
  }

  flushed(): void {
    if (this.transport === 'stream') this.#heartbeat.lives()
    this.#out.flushed()
  }

  /** Once everything that came so far was answered, unless it ends. */
  afterwards(task: () => Promise<void> | void): void {
    this.#turnAfterMessages(() => (this.over ? undefined : task()))
  }

  failed(where: string, error: unknown): void {
    // A refusal is an answer, and the log says by itself that it is away.
    if (error instanceof LogUnavailable || error instanceof Refused) return
    this.context.report({ type: 'failed', where, error, ...(this.conn !== undefined && { conn: this.conn }) })
  }

  #dispatch(frame: Loose<ClientFrame>, bytes: Uint8Array | undefined, size: number): void {
    if (this.transport !== 'websocket' && NOT_IN_A_BODY.has(frame.t)) {
      this.#refuse({ type: 'bad', why: `over HTTP \`${frame.t}\` is another hello` })
      return
    }
    switch (frame.t) {
      case 'ack':
        this.context.metrics.add('acks_total')
        this.delivery.acknowledge(frame.topic, frame.seq)
        break
      case 'ping':
        this.#inOrder(() => this.send({ t: 'pong', ...(frame.n !== undefined && { n: frame.n }) }))
        break
      case 'pong':
        break
      case 'bye':
        this.#inOrder(() => this.end(1000, 'bye'))
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
      return this.#messages.busy?.then(() => (this.over ? undefined : task())) ?? task()
    })
  }

  #turn(task: () => Promise<void> | void): void {
    const { topics, inFlight } = this.context.settings.limits
    if (this.#turns.size > topics + inFlight + MORE_FRAMES) this.end(4300, 'too many frames at once; after=60')
    else this.#turns.take(task)
  }

  /** The answers to one request stand in the order of what was asked; over a WebSocket nobody waits for what it knows at once. */
  #inOrder(task: () => void): void {
    if (this.transport === 'websocket') task()
    else this.#turnAfterMessages(task)
  }

  #refuse({ why, id, topic }: Read & { readonly type: 'bad' }): void {
    const about = id !== undefined ? { id } : topic !== undefined && { topic }
    this.#inOrder(() => this.send({ t: 'err', ...about, code: 'bad-frame', message: why, retry: 'never' }))
  }

  /** Messages that wait for a slow hook wait in the network, beyond one of the greatest. */
  #press(): void {
    const paused = !this.over && this.#waitingBytes > this.context.settings.limits.messageBytes
    if (paused === this.#paused) return
    this.#paused = paused
    this.#heartbeat.pause(paused)
    if (paused) this.#wire.pause()
    else this.#wire.resume()
  }

  #over(code: number, reason: string, by: EndedBy): void {
    if (this.over) return
    // A request that was answered, or given up by whoever made it, is nobody's news.
    const told =
      by === 'server' || !(isBrief(this.transport) || (this.#phase === 'silent' && this.transport === 'stream'))
    this.#phase = 'over'
    this.#gone.abort()
    this.alarms.clear()
    this.#turns.clear()
    this.#topics.end()
    const { roster, metrics, feeds, settings } = this.context
    for (const feed of this.delivery.end()) feeds.leave(feed)
    roster.left(this)
    const lifeMs = settings.clock.now() - this.#since
    if (!told) return
    metrics.addTo('closes_total', code)
    if (!isBrief(this.transport)) metrics.lived(lifeMs)
    this.context.report({
      type: 'close',
      transport: this.transport,
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
