import { isUtf8 } from 'node:buffer'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { ClientFrame } from '../session/frames.ts'
import type { Connection, Origin } from './connection.ts'
import type { Door } from './door.ts'
import { originOf, pathOf, type Refusal } from './handshake.ts'
import { Answer, headersOf } from './http-answer.ts'
import { bodyOf } from './http-body.ts'
import { MOST_WAIT_MS, PollWire } from './poll-wire.ts'
import { readFrame } from './reading.ts'
import type { Loose } from './schema.ts'
import { SendWire } from './send-wire.ts'
import type { Settings } from './settings.ts'
import { StreamWire } from './stream-wire.ts'
import type { Receiver, Transport, Wire } from './wire.ts'

type Hello = Loose<ClientFrame & { readonly t: 'hello' }>
type Asked = Exclude<Transport, 'websocket'>

/** A refusal that is not read by then is not waited for. */
const REFUSAL_MS = 5_000
/** How long a browser may remember that it may ask. */
const PREFLIGHT_S = 7_200

const WHY = { 408: 'the body took too long', 413: 'the body is too big' } as const

const ASKED = /^(.*)\/(stream|poll|send)$/

function asked(path: string): { readonly base: string; readonly transport: Asked } | undefined {
  const [, base = '', transport] = ASKED.exec(path) ?? []
  return transport === 'stream' || transport === 'poll' || transport === 'send' ? { base, transport } : undefined
}

/** The lines of a body, without empty ones. */
function linesOf(body: Buffer): readonly Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < body.length; ) {
    const end = body.indexOf(10, from)
    const to = end < 0 ? body.length : end
    if (to > from + 1 || (to > from && body[from] !== 13)) lines.push(body.subarray(from, to))
    from = to + 1
  }
  return lines
}

/** One request, with what carries its answer. */
interface Visit {
  readonly request: IncomingMessage
  readonly answer: Answer
  readonly origin: Origin
}

/** What can be attached to a request. */
interface HttpWire extends Wire {
  attach(receiver: Receiver, gone: () => void): void
}

/** A body that begins with a hello. */
interface Greeting {
  readonly connection: Connection
  readonly hello: Hello
  readonly first: Buffer
  readonly rest: readonly Buffer[]
}

/** The session protocol over HTTP: each request is a connection, and a stream is one that lasts. */
export class HttpEndpoint {
  readonly #settings: Settings
  readonly #door: Door
  readonly #mostBytes: number

  constructor(settings: Settings, door: Door, mostBytes: number) {
    this.#settings = settings
    this.#door = door
    this.#mostBytes = mostBytes
  }

  /** Answers a request for one of its paths; `false` when it is for another one. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { path } = this.#settings
    const found = asked(pathOf(request))
    if (!found || (path !== undefined && found.base !== path.replace(/\/$/, ''))) return false
    this.#take(request, response, found.transport)
    return true
  }

  /** Answers a request that nobody else will. */
  notFound(request: IncomingMessage, response: ServerResponse): void {
    const answer = new Answer(response, this.#settings.clock)
    this.#refuse(answer, { status: 404, why: 'not a path that is served' }, this.#originOf(request))
  }

  #originOf(request: IncomingMessage): Origin {
    return originOf(request, this.#settings.proxies)
  }

  #take(request: IncomingMessage, response: ServerResponse, transport: Asked): void {
    const origin = this.#originOf(request)
    const answer = new Answer(response, this.#settings.clock)
    const refusal = this.#refusal(request, response, transport)
    if (refusal) this.#refuse(answer, refusal, origin, transport)
    else if (request.method === 'OPTIONS') {
      answer.begin(204, {})
      answer.end(REFUSAL_MS)
    } else if (transport === 'stream') void this.#stream({ request, answer, origin })
    else if (transport === 'poll') void this.#poll({ request, answer, origin })
    else void this.#send({ request, answer, origin })
  }

  /** Also says to whom the answer may be shown [Fetch §3.3.3]. */
  #refusal(request: IncomingMessage, response: ServerResponse, transport: Asked): Refusal | undefined {
    const { origin } = request.headers
    response.setHeader('Vary', 'Origin')
    const foreign = this.#door.foreign(request)
    if (foreign) return foreign
    if (origin !== undefined) {
      response.setHeader('Access-Control-Allow-Origin', origin)
      response.setHeader('Access-Control-Allow-Credentials', 'true')
      response.setHeader('Access-Control-Expose-Headers', 'Retry-After')
    }
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'POST')
      response.setHeader('Access-Control-Max-Age', `${PREFLIGHT_S}`)
      const headers = request.headers['access-control-request-headers']
      if (headers !== undefined) response.setHeader('Access-Control-Allow-Headers', headers)
      return undefined
    }
    if (request.method !== 'POST') return { status: 405, why: `${JSON.stringify(request.method)} is not POST` }
    return this.#door.full(transport)
  }

  async #stream(visit: Visit): Promise<void> {
    const wire = new StreamWire(visit.answer)
    const greeting = await this.#greeting(visit, wire)
    if (!greeting) return
    wire.begin()
    greeting.connection.receive(greeting.first, false)
  }

  async #poll(visit: Visit): Promise<void> {
    const wire = new PollWire(visit.answer, this.#settings.clock)
    const greeting = await this.#greeting(visit, wire)
    if (!greeting) return
    const { connection, first, hello } = greeting
    const { waitMs: wish }: { readonly waitMs?: unknown } = JSON.parse(first.toString())
    const waitMs = typeof wish === 'number' ? Math.min(Math.max(wish, 0), MOST_WAIT_MS) : 0
    wire.begin({ waitMs, knows: hello.topics.every(({ epoch, seq }) => epoch !== undefined && seq !== undefined) })
    connection.receive(first, false)
    connection.afterwards(async () => {
      wire.greeted()
      if (waitMs > 0) return
      await connection.delivery.rested()
      if (!connection.over) wire.finish()
    })
  }

  async #send(visit: Visit): Promise<void> {
    const wire = new SendWire(visit.answer, this.#settings.limits.bufferedBytes)
    const greeting = await this.#greeting(visit, wire)
    if (!greeting) return
    const { connection, hello, rest } = greeting
    // Who sends does not listen.
    connection.receive(Buffer.from(JSON.stringify({ ...hello, topics: [] })), false)
    // The rates are those of the client: they are known when it is.
    connection.afterwards(() => {
      for (const line of rest) connection.receive(line, false)
      connection.afterwards(() => wire.finish())
    })
  }

  /** `undefined` when it is answered already, or nobody is there any more. */
  async #greeting({ request, answer, origin }: Visit, wire: HttpWire): Promise<Greeting | undefined> {
    const connection = this.#door.enter(wire, origin, (receiver, gone) => wire.attach(receiver, gone))
    if (connection.over) return undefined
    const body = await bodyOf(request, this.#mostBytes, this.#settings.clock)
    if (connection.over || body === undefined) return undefined
    const refuse = (refusal: Refusal): undefined => {
      this.#refuse(answer, refusal, origin, wire.transport)
    }
    if (typeof body === 'number') return refuse({ status: body, why: WHY[body] })
    const [first, ...rest] = wire.transport === 'send' ? linesOf(body) : [body]
    const read = first && isUtf8(body) ? readFrame(first, false) : undefined
    if (!first || read?.type !== 'frame' || read.frame.t !== 'hello') {
      return refuse({ status: 400, why: read?.type === 'bad' ? read.why : 'the body does not begin with a hello' })
    }
    return { connection, hello: read.frame, first, rest }
  }

  #refuse(answer: Answer, refusal: Refusal, { address }: Origin, transport?: Transport): void {
    const { status, why } = refusal
    this.#door.refused(refusal, address, transport)
    const text = status === 400 || status === 413 ? `${why}\n` : `${STATUS_CODES[status]}\n`
    answer.begin(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': `${Buffer.byteLength(text)}`,
      ...headersOf(status),
    })
    answer.end(REFUSAL_MS, text)
  }
}
