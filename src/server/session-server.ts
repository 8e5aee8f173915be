import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { PROTOCOL } from '../session/frames.ts'
import type { Origin } from './connection.ts'
import { type Context, contextOf } from './context.ts'
import { Door } from './door.ts'
import { Drain, type DrainOptions } from './drain.ts'
import { originOf, pathOf, type Refusal } from './handshake.ts'
import { HttpEndpoint } from './http-endpoint.ts'
import { intercept } from './intercept.ts'
import { memoryLog } from './memory-log.ts'
import { bodyOf } from './messages.ts'
import type { SessionServerOptions } from './options.ts'
import { type Settings, settingsOf } from './settings.ts'
import { SocketWire } from './socket-wire.ts'

/** Where an event stands that the server published. */
export interface Published {
  readonly epoch: string
  readonly seq: number
}

/** The server's end of `holdfast.v1`. */
export interface SessionServer {
  /** Live connections that were welcomed. */
  readonly connections: number
  /** Takes an upgrade, for servers that route by themselves. It is answered in any case. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /**
   * Answers a request for one of the paths over HTTP, `{path}/stream`, `{path}/send` and `{path}/poll`, for servers that
   * route by themselves. `false`, and nothing is done, when it is for none of these.
   */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean
  /**
   * Appends an event, and with that sends it to whoever is subscribed, at any server with the same log. JSON, or bytes.
   * Rejects with `LogUnavailable` when it is not known to be stored.
   */
  publish(topic: string, value: unknown): Promise<Published>
  /** Closes the connections of an identity at this server with 4202, and says how many those were. A fleet needs it on each; `authenticate` must refuse them from now on. */
  revoke(identity: string): number
  /** Asks every client to move to another server, in a time that is spread; see {@link DrainOptions}. Resolves when nobody is left. */
  drain(options?: DrainOptions): Promise<void>
  /** Ends everything at once, with 1012, and takes no more upgrades or requests. Resolves when nobody is left. Leaves a `log` that was given, and the http server, alone. */
  close(): Promise<void>
  /** What happened so far [Prometheus exposition format 0.0.4]. */
  metrics(): string
}

/** A frame of more than twice a message, and a header, ends the connection: its message cannot be named. Nor is a greater body read. */
const FRAME_BYTES = 65_536

class Endpoint implements SessionServer {
  readonly #settings: Settings
  readonly #context: Context
  readonly #sockets: WebSocketServer
  readonly #drain: Drain
  readonly #door: Door
  readonly #http: HttpEndpoint
  readonly #stop: (() => void)[] = []
  #stopRequests: () => void = () => {}
  #available = true

  constructor(options: SessionServerOptions) {
    const settings = settingsOf(options)
    const { clock, limits, compressOverBytes } = settings
    this.#settings = settings
    const log = options.log ?? memoryLog({ clock })
    this.#drain = new Drain(clock)
    this.#context = contextOf(settings, log, () => this.#drain.goaway())
    this.#door = new Door(this.#context, this.#drain)
    const mostBytes = 2 * limits.messageBytes + FRAME_BYTES
    this.#http = new HttpEndpoint(settings, this.#door, mostBytes)
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      autoPong: false,
      maxPayload: mostBytes,
      perMessageDeflate: compressOverBytes === Infinity ? false : { threshold: compressOverBytes },
      handleProtocols: () => PROTOCOL,
    })
    this.#stop.push(log.onAvailable(available => this.#availability(available)))
    if (options.log === undefined) this.#stop.push(() => void log.close())
    if (options.server) this.#attach(options.server)
  }

  get connections(): number {
    return this.#context.roster.welcomed.size
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Before ws listens there is nobody for a reset, and it would end the program.
    socket.on('error', () => socket.destroy())
    const origin = originOf(request, this.#settings.proxies)
    const refusal = this.#refusal(request)
    if (refusal) this.#refuse(socket, refusal, origin.address)
    else this.#sockets.handleUpgrade(request, socket, head, webSocket => this.#accept(webSocket, socket, origin))
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#http.handle(request, response)
  }

  async publish(topic: string, value: unknown): Promise<Published> {
    const { epoch, seq } = await this.#context.log.append(topic, bodyOf(value))
    this.#context.metrics.add('published_total')
    return { epoch, seq }
  }

  revoke(identity: string): number {
    const { roster } = this.#context
    const { size } = roster.of(identity, 'down')
    for (const connection of [...roster.all]) connection.revoked(identity)
    return size
  }

  async drain(options: DrainOptions = {}): Promise<void> {
    const { roster } = this.#context
    const withinMs = this.#drain.begin(options, roster)
    this.#context.report({ type: 'drain', connections: roster.welcomed.size, withinMs })
    await this.#door.nobody()
  }

  async close(): Promise<void> {
    this.#door.close()
    this.#drain.end(this.#context.roster)
    for (const stop of this.#stop.splice(0)) stop()
    this.#context.later.clear()
    await this.#door.nobody()
    // Until then they are answered, with 503.
    this.#stopRequests()
  }

  metrics(): string {
    const { roster, feeds, metrics } = this.#context
    let bufferedBytes = 0
    for (const connection of roster.all) bufferedBytes += connection.buffered
    return metrics.text({
      connections: roster.welcomed.size,
      sockets: this.#door.open,
      topics: feeds.size,
      bufferedBytes,
      logAvailable: this.#available,
      draining: this.#drain.draining,
    })
  }

  #accept(webSocket: WebSocket, stream: Duplex, origin: Origin): void {
    const { clock, compressOverBytes } = this.#settings
    const wire = new SocketWire(webSocket, stream, clock, compressOverBytes)
    this.#door.enter(wire, origin, (connection, gone) => wire.attach(connection, gone))
  }

  #attach(server: NonNullable<SessionServerOptions['server']>): void {
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      const { path } = this.#settings
      const others = server.listenerCount('upgrade') > 1
      if (others && path !== undefined && pathOf(request) !== path) return
      this.handleUpgrade(request, socket, head)
    }
    server.on('upgrade', upgrade)
    this.#stop.push(() => server.off('upgrade', upgrade))
    this.#stopRequests = intercept(server, (request, response) => {
      const others = server.listenerCount('request') > 0
      // Which paths are an app's cannot be known where none is named.
      if (others && this.#settings.path === undefined) return false
      if (this.handleRequest(request, response)) return true
      if (!others) this.#http.notFound(request, response)
      return !others
    })
  }

  #refusal(request: IncomingMessage): Refusal | undefined {
    const { path } = this.#settings
    if (path !== undefined && pathOf(request) !== path) return { status: 404, why: `only ${path} is served` }
    const foreign = this.#door.foreign(request)
    if (foreign) return foreign
    const offered = request.headers['sec-websocket-protocol']?.split(',').map(name => name.trim()) ?? []
    if (!offered.includes(PROTOCOL)) return { status: 400, why: `the subprotocol ${PROTOCOL} was not offered` }
    return this.#door.full('websocket')
  }

  #refuse(socket: Duplex, refusal: Refusal, address: string): void {
    const { status } = refusal
    this.#door.refused(refusal, address, 'websocket')
    const body = `${STATUS_CODES[status]}\n`
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: text/plain',
      `Content-Length: ${body.length}`,
      ...(status === 503 ? ['Retry-After: 5'] : []),
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  }

  #availability(available: boolean): void {
    if (available === this.#available) return
    this.#available = available
    this.#context.report({ type: 'log', available })
    if (available) this.#context.later.run()
  }
}

/**
 * Serves `holdfast.v1` on an http server.
 *
 * ```ts
 * const live = sessionServer({ server, path: '/live', authenticate: ({ token }) => userOf(token) })
 * await live.publish('news', { title: 'It works' })
 * ```
 *
 * @throws TypeError or RangeError when an option is wrong.
 */
export function sessionServer(options: SessionServerOptions = {}): SessionServer {
  return new Endpoint(options)
}
