import type { Disconnect } from '../core/disconnect.ts'
import type { Effect } from '../core/effect.ts'
import type { MachineEvent } from '../core/event.ts'
import type { MachineState } from '../core/state.ts'
import { systemClock } from '../runtime/clock.ts'
import { type App, Connections } from '../runtime/connections.ts'
import { Driver, type StepRecord, type World } from '../runtime/driver.ts'
import type { Link } from '../runtime/link.ts'
import { type Endpoints, type Protocols, type Provided, type Target, Targets } from '../runtime/targets.ts'
import type { SessionLayer } from '../session/layer.ts'
import { bufferedBy, type Carrier, OPEN, type Sendable } from '../transports/transport.ts'
import { dialWebSocket, globalClass } from '../transports/websocket.ts'
import { closeEvent, type LifecycleEvents, messageEvent, openEvent } from './events.ts'
import { Hearing } from './hearing.ts'
import { snapshot } from './messages.ts'
import { authOf, type Options } from './options.ts'
import { readyStateOf } from './readiness.ts'
import { SocketRules } from './rules.ts'
import { type Message, Sending, type SendOptions } from './sending.ts'
import { sessionOf } from './session-port.ts'
import type { Status } from './status.ts'
import { StatusBoard } from './status-board.ts'
import { type Subscription, Subscriptions } from './subscriptions.ts'
import { Ways } from './ways.ts'

const NOTHING_QUEUED = { messages: 0, bytes: 0 }
const { dispatchEvent } = EventTarget.prototype

/**
 * What stands behind a socket: the machine with its driver, its connections and its outbox; {@link ResilientWebSocket}
 * is the face. A class and not closures: methods are shared, and a page may hold thousands of idle sockets.
 */
export class Engine extends Hearing implements World, App {
  readonly options: Options
  readonly rules: SocketRules
  readonly connections: Connections
  started = false
  /** What the option `session` made, whether the server speaks it or not. */
  readonly layer: SessionLayer | undefined
  binaryType: BinaryType = 'blob'
  /** Where there are transports to choose from. */
  readonly ways: Ways | undefined
  readonly #socket: EventTarget
  readonly #driver: Driver
  #sending: Sending | undefined
  /** The state in which the connection was found to take messages as they are. */
  #takesIn: MachineState | undefined
  #subscriptions: Subscriptions | undefined
  /** Bytes given to send() after the end, which native sockets count too. */
  #discarded = 0
  #board: StatusBoard | undefined

  constructor(socket: EventTarget, url: Endpoints, protocols: Provided<Protocols>, options: Options) {
    const { clock = systemClock, startClosed, signal, transports } = options
    super(clock, options)
    this.#socket = socket
    this.options = options
    const targets = new Targets(url, protocols, authOf(options))
    this.layer = sessionOf(this)
    this.rules = new SocketRules(options, targets.fetches, this)
    this.#driver = new Driver(this)
    this.connections = new Connections(targets, this)
    if (transports) this.ways = new Ways(this, transports, url)
    const transport = this.ways?.ladder?.first
    if (!startClosed && !signal?.aborted) this.dispatch({ type: 'start', ...(transport && { transport }) })
    this.started = true
    this.attend(!this.ended && this.started)
  }

  get state(): MachineState {
    return this.#driver.state
  }

  get session(): SessionLayer | undefined {
    const { layer } = this
    return layer?.plain ? undefined : layer
  }

  get carrier(): Carrier | undefined {
    return this.link?.carrier
  }

  /** The connection whose attributes the socket shows. */
  get link(): Link | null {
    return this.connections.link
  }

  get keeps(): boolean {
    return this.options.outbox !== false
  }

  /** Nothing is tried any more. */
  get ended(): boolean {
    return this.state.intent !== 'run'
  }

  get drift(): number {
    return this.#driver.drift
  }

  /** When something is due beside the machine's own deadline. */
  get refreshAt(): number {
    const session = (this.session?.dueAt ?? Infinity) - this.drift
    const others = [this.#board?.countersAt, this.#sending?.dueAt, this.connections.replaced?.dueAt]
    return Math.min(session, this.ways?.dueAt ?? Infinity, ...others.map(at => at ?? Infinity))
  }

  get readyState(): number {
    return readyStateOf(this.state, this.link, this.options.reconnect !== false)
  }

  get bufferedAmount(): number {
    return bufferedBy(this.carrier) + this.queued.bytes + this.#discarded
  }

  /** The last measured round trip on the serving connection, in ms. */
  get roundTripMs(): number | null {
    return this.connections.serving?.signs?.roundTripMs ?? null
  }

  get status(): Status {
    return this.#shown.status
  }

  get #shown(): StatusBoard {
    this.#board ??= new StatusBoard(this)
    return this.#board
  }

  get since(): number {
    return this.#driver.since
  }

  get queued(): { readonly messages: number; readonly bytes: number } {
    return this.session?.queued ?? this.#sending ?? NOTHING_QUEUED
  }

  dispatch(event: MachineEvent): void {
    this.#driver.dispatch(event)
  }

  /** Sends a message that is looked at first. */
  sendAs(data: Sendable, options: SendOptions | undefined): Message {
    this.#driver.notice()
    return this.session?.send(data, options) ?? this.waiting.send(data, this.open, options)
  }

  /** The usual case, for the price of a look: as long as the state is the same, so is what takes the messages. */
  sendNow(data: Sendable): boolean {
    const driver = this.#driver
    // Looked at here: a call costs as much as all the rest.
    if (!driver.noticed) driver.notice()
    const { serving } = this.connections
    const takes = this.#takesIn === driver.state && serving?.carrier.readyState === OPEN
    if (takes) {
      serving.sent++
      serving.carrier.send(data)
    }
    return takes
  }

  send(data: Sendable): void {
    const { link } = this.connections
    const running = this.state.intent === 'run'
    const open = this.open
    if (open) {
      if (!this.measures) this.#takesIn = this.state
      open.sent++
      open.carrier.send(data)
    } else if (running && this.keeps) this.waiting.queue(...snapshot(data))
    else if (running && this.readyState !== link?.carrier.readyState) {
      throw new DOMException('Still in CONNECTING state.', 'InvalidStateError')
    } else if (link && (running || link.carrier.readyState > OPEN)) {
      // Connecting: the native socket throws. Closing or closed: it counts the bytes and discards them.
      link.carrier.send(data)
    } else this.#discarded += snapshot(data)[1]
  }

  /** The connection that takes a message now. One that slept does not until it is heard: nobody knows what would become of it. */
  get open(): Link | null {
    const { live } = this
    return live && !live.carrier.readOnly && !(this.state.serving?.heart?.sleptMs && this.keeps) ? live : null
  }

  /** The connection that serves and is open, whatever became of it in a sleep. */
  get live(): Link | null {
    const { serving } = this.connections
    const { intent, serving: meant } = this.state
    const opens = intent === 'run' && meant && serving?.number === meant.number && serving.carrier.readyState === OPEN
    return opens ? serving : null
  }

  /** Every message is looked at first. */
  get measures(): boolean {
    const { outbox } = this.options
    return !!this.session || (!!outbox && outbox.maxMessageBytes !== undefined)
  }

  /** What has to wait, or is looked at before it is sent. */
  get waiting(): Sending {
    this.#sending ??= new Sending(this, this.options.outbox || {})
    return this.#sending
  }

  subscribe(key: string, subscription: Subscription): () => void {
    // Not held back by doubt: what a dead connection was told is told to the next one.
    this.#subscriptions ??= new Subscriptions(
      () => this.live,
      error => this.report(error),
    )
    return this.#subscriptions.add(key, subscription)
  }

  // ── what the connections ask and tell ──

  dial({ url, protocols, confidential: { token } }: Target): Carrier {
    const { layer } = this
    const asked = layer?.protocols(protocols) ?? protocols
    const binaryType = this.session ? 'arraybuffer' : this.binaryType
    const WebSocket = this.options.WebSocket ?? globalClass(this.#socket)
    return (
      this.ways?.dial({ url, protocols: asked, binaryType, token, WebSocket }) ??
      dialWebSocket(url, asked, WebSocket, binaryType)
    )
  }

  opened({ number, reconnected, attempt, handover }: Extract<Effect, { readonly type: 'serve' }>): void {
    if (!handover) this.fire(openEvent(reconnected, attempt))
    this.#discarded = 0
    this.session?.serves(number)
    this.continuity?.opened()
    if (handover) this.emit('handover', { connection: number })
    const link = this.open
    link?.release(() => this.open === link)
    this.#subscriptions?.restore()
    this.#sending?.flush(() => this.open)
    this.#board?.count()
  }

  message(event: MessageEvent): void {
    this.hearMessage()
    if (!this.continuity?.repeats(event)) {
      this.fire(messageEvent(event))
      this.continuity?.handled(event)
    }
    if (this.#board?.count()) this.#driver.arm()
  }

  trusted(): void {
    this.#sending?.flush(() => this.open)
  }

  erred(): void {
    this.fire(new Event('error'))
  }

  disconnected(disconnect: Disconnect): void {
    this.fire(closeEvent(disconnect))
  }

  discard(why: 'closed' | 'identity'): void {
    if (why === 'identity') this.continuity?.forget()
    this.#sending?.drop(why)
    this.layer?.drop(why)
  }

  // ── what the driver asks and tells ──

  observe(step: StepRecord): void {
    const { received = 0, sent = 0 } = this.connections.link ?? {}
    this.tell({ ...step, received, sent, queued: this.queued.messages })
    this.ways?.ladder?.observe(step)
    this.refresh()
    this.attend(!this.ended && this.started)
  }

  override on<K extends keyof LifecycleEvents>(type: K, handler: (event: LifecycleEvents[K]) => void): () => void {
    if (type === 'status' && !this.heard(type)) this.#shown.begin()
    return super.on(type, handler)
  }

  /** Tells whoever listens that the status is another one. */
  refresh(): void {
    this.#sending?.due()
    this.session?.due()
    this.ways?.ladder?.due()
    this.connections.replaced?.end(this.clock.now())
    this.#board?.refresh()
  }

  /** The outbox changed: what is due in it may be sooner. */
  counted(): void {
    this.#board?.count()
    this.#driver.arm()
  }

  fire(event: Event): void {
    dispatchEvent.call(this.#socket, event)
  }
}
