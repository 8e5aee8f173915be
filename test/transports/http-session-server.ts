/** A server that speaks sessions over HTTP, as a `fetch`: logs in memory, no network, the time of a test. */
import type { DialRequest } from '../../src/transports/transport.ts'

type Fields = Readonly<Record<string, unknown>>

interface Log {
  epoch: string
  seq: number
  events: { readonly seq: number; readonly rest: object }[]
}

/** A request as it came. */
export interface Heard {
  readonly path: string
  readonly url: string
  readonly at: number
  readonly frames: readonly Fields[]
  readonly init: RequestInit
}

/** Somebody who is told what is published. */
interface Listener {
  readonly topics: Map<string, number>
  say(frame: object): void
  /** The network breaks. */
  reset?(): void
}

/** An open stream. */
interface Stream extends Listener {
  readonly hello: Fields
  /** Bytes as they are. */
  write(text: string): void
  /** The end of the body. */
  end(): void
  /** The network breaks. */
  reset(): void
  /** The client has gone. */
  gone: boolean
}

/** What a test may have it do otherwise. */
export interface HttpSessionServerOptions {
  readonly clock: DialRequest['clock']
  readonly welcome?: object
  /** Answers a request itself. */
  instead?: (heard: Heard) => Response | Promise<Response | undefined> | undefined
}

const encoder = new TextEncoder()

function fieldsOf(text: string): Fields {
  const value: unknown = JSON.parse(text)
  return Object.assign({}, value)
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(each => Object.assign({}, each)) : []
}

export class HttpSessionServer {
  readonly logs = new Map<string, Log>()
  readonly heard: Heard[] = []
  readonly streams: Stream[] = []
  readonly polls = new Set<Listener>()
  readonly stored: Fields[] = []
  readonly options: HttpSessionServerOptions
  readonly #ids = new Set<string>()

  constructor(options: HttpSessionServerOptions) {
    this.options = options
  }

  get stream(): Stream {
    const last = this.streams.at(-1)
    if (!last) throw new Error('Nobody has asked for a stream.')
    return last
  }

  asked(path: string): readonly Heard[] {
    return this.heard.filter(each => each.path === path)
  }

  log(topic: string): Log {
    const known = this.logs.get(topic) ?? { epoch: 'e1', seq: 0, events: [] }
    this.logs.set(topic, known)
    return known
  }

  publish(topic: string, data: unknown): void {
    this.append(topic, { data })
  }

  append(topic: string, rest: object): void {
    const log = this.log(topic)
    log.events.push({ seq: ++log.seq, rest })
    for (const listener of [...this.streams, ...this.polls]) this.#pump(listener)
  }

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const url = `${input}`
    const path = new URL(url).pathname.split('/').pop() ?? ''
    const frames = `${init.body ?? ''}`.split('\n').filter(Boolean).map(fieldsOf)
    const heard: Heard = { path, url, at: this.options.clock.now(), frames, init }
    this.heard.push(heard)
    const { signal } = init
    signal?.throwIfAborted()
    const aborted = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    aborted.catch(() => {})
    return Promise.race([aborted, this.#answer(heard, frames)])
  }

  async #answer(heard: Heard, [hello = {}, ...rest]: readonly Fields[]): Promise<Response> {
    const instead = await this.options.instead?.(heard)
    if (instead) return instead
    if (heard.path === 'stream') return this.#stream(hello, heard.init.signal)
    if (heard.path === 'send') return this.#take(rest)
    return heard.path === 'poll' ? this.#poll(hello, heard.init.signal) : new Response(null, { status: 404 })
  }

  #greet(hello: Fields, listener: Listener): void {
    const { clock, welcome = {} } = this.options
    listener.say({ t: 'welcome', conn: hello.conn, now: clock.now(), heartbeatMs: 15_000, ...welcome })
    for (const { topic, epoch, seq } of listOf(hello.topics)) {
      const name = `${topic}`
      const log = this.log(name)
      const recovered = epoch === undefined || epoch === log.epoch
      listener.topics.set(name, recovered && seq !== undefined ? Number(seq) : log.seq)
      listener.say({ t: 'subbed', topic, epoch: log.epoch, seq: log.seq, recovered })
      if (!recovered) listener.say({ t: 'gap', topic, to: log.seq, reason: 'epoch' })
    }
    this.#pump(listener)
  }

  #pump(listener: Listener): void {
    for (const [topic, sent] of listener.topics) {
      const { epoch, events } = this.log(topic)
      for (const { seq, rest } of events) {
        if (seq <= sent) continue
        listener.topics.set(topic, seq)
        listener.say({ t: 'event', topic, epoch, seq, ...rest })
      }
    }
  }

  #stream(hello: Fields, signal: AbortSignal | null | undefined): Response {
    let control: ReadableStreamDefaultController<Uint8Array> | undefined
    const close = (): void => {
      if (!stream.gone) control?.close()
      leave()
    }
    const leave = (): void => {
      stream.gone = true
      stream.topics.clear()
    }
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        control = controller
      },
      cancel: leave,
    })
    const stream: Stream = {
      hello,
      topics: new Map(),
      gone: false,
      say: frame => stream.write(`data: ${JSON.stringify(frame)}\n\n`),
      write: text => !stream.gone && control?.enqueue(encoder.encode(text)),
      end: close,
      reset: () => {
        control?.error(new TypeError('terminated'))
        leave()
      },
    }
    signal?.addEventListener('abort', () => {
      if (stream.gone) return
      control?.error(signal.reason)
      leave()
    })
    this.streams.push(stream)
    this.#greet(hello, stream)
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

  #take(lines: readonly Fields[]): Response {
    const answers = lines.flatMap(line => {
      if (line.t === 'ping') return [{ t: 'pong' }]
      if (line.t !== 'msg') return []
      const { id, topic = 'default', data, b64, request } = line
      const dup = this.#ids.has(`${id}`)
      if (!dup) this.stored.push(line)
      this.#ids.add(`${id}`)
      if (!dup && !request) this.append(`${topic}`, b64 === undefined ? { data } : { b64 })
      return [{ t: 'ok', id, ...(dup && { dup }), ...(request === true && { data: { answer: data } }) }]
    })
    return new Response(answers.map(answer => `${JSON.stringify(answer)}\n`).join(''))
  }

  async #poll(hello: Fields, signal: AbortSignal | null | undefined): Promise<Response> {
    const { clock } = this.options
    const lines: string[] = []
    const kinds = new Set<unknown>()
    let wake: (() => void) | undefined
    let broken = false
    const poll: Listener = {
      topics: new Map(),
      reset: () => {
        broken = true
        wake?.()
      },
      say: frame => {
        lines.push(JSON.stringify(frame))
        kinds.add(Object.assign({ t: '' }, frame).t)
        if (!['welcome', 'subbed'].includes(Object.assign({ t: '' }, frame).t)) wake?.()
      },
    }
    this.polls.add(poll)
    this.#greet(hello, poll)
    const waitMs = Number(hello.waitMs)
    if (waitMs && !kinds.has('event') && !kinds.has('gap')) {
      await new Promise<void>(resolve => {
        const cancel = clock.schedule(clock.now() + waitMs, resolve)
        wake = () => {
          cancel()
          clock.schedule(clock.now() + 20, resolve)
        }
        signal?.addEventListener('abort', () => cancel())
      })
    }
    this.polls.delete(poll)
    if (broken) throw new TypeError('terminated')
    const quiet = [...kinds].every(kind => kind === 'welcome' || kind === 'subbed')
    if (waitMs && quiet) return new Response(null, { status: 204 })
    return new Response(lines.map(line => `${line}\n`).join(''), {
      headers: { 'content-type': 'application/x-ndjson' },
    })
  }
}
