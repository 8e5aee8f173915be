/**
 * The smallest server that obeys docs/protocol.md: one file, in memory, raw `ws`. It shows that the protocol is little
 * work, and it is what the conformance script is tested on: against it as it is, and against it with one line broken.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'

type Fields = Readonly<Record<string, unknown>>
type Stored = {
  readonly seq: number
  readonly data: unknown
  readonly bytes?: Buffer
  readonly id?: string
  readonly by?: string
}
type Log = { head: number; events: Stored[]; readonly keys: Map<string, Fields> }
/** Where a subscription stands: the last seq sent, and those that wait for an `ack`. */
type Place = { sent: number; pending: readonly number[] }

/** Who is behind a token, and for how long. */
export interface Credential {
  readonly identity: string
  readonly expiresInMs?: number
}

/** What the tests choose. */
export interface ReferenceOptions {
  /** Whoever has one of these may come in; left out, everybody. */
  readonly tokens?: Readonly<Record<string, Credential>>
  /** The only Origin that is let in. */
  readonly origin?: string
  readonly epoch?: string
  readonly heartbeatMs?: number
  readonly helloWithinMs?: number
  /** Events kept per topic. */
  readonly retained?: number
  /** Refuses a message with `later` now and then: every so many. */
  readonly busyEvery?: number
}

/** It listens; `close` ends it and all its connections. */
export interface ReferenceServer {
  readonly url: string
  /** What it threw where a process would have died. */
  readonly defects: readonly unknown[]
  publish(topic: string, data: unknown): void
  close(): void
}

const LIMITS = { messageBytes: 4_096, inFlight: 64, unacked: 20, dedupeMs: 120_000 }

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= most
/** What was named, as far as it can be said back. */
const named = (value: unknown, most: number): string => (typeof value === 'string' ? value.slice(0, most) : '')
/** Of the data of a message, in bytes. */
const size = (data: unknown, bytes?: Buffer): number => bytes?.length ?? Buffer.byteLength(JSON.stringify(data) ?? '')
const isSeq = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

export function referenceServer(options: ReferenceOptions = {}): Promise<ReferenceServer> {
  const { tokens, origin, epoch = 'e1', heartbeatMs = 15_000, helloWithinMs = 10_000, retained = 100 } = options
  const logs = new Map<string, Log>()
  const connections = new Set<Connection>()
  const defects: unknown[] = []
  let counted = 0

  function logOf(topic: string): Log {
    const log = logs.get(topic) ?? { head: 0, events: [], keys: new Map() }
    logs.set(topic, log)
    return log
  }

  function append(topic: string, event: Omit<Stored, 'seq'>): void {
    const log = logOf(topic)
    log.events.push({ ...event, seq: ++log.head })
    if (log.events.length > retained) log.events.shift()
    for (const connection of connections) connection.pump()
  }

  class Connection {
    client: string | null = null
    identity = ''
    readonly #ws: WebSocket
    readonly #places = new Map<string, Place>()
    readonly #timers: NodeJS.Timeout[] = []
    readonly #expiry: NodeJS.Timeout[] = []
    #heardAt = Date.now()
    #busyWith: string | null = null

    constructor(ws: WebSocket) {
      this.#ws = ws
      this.#timers.push(setTimeout(() => this.client ?? this.end(4400, 'no hello'), helloWithinMs))
      ws.on('message', (raw, binary) => {
        this.#heardAt = Date.now()
        try {
          this.#read(raw, binary)
        } catch (defect) {
          defects.push(defect)
          ws.terminate()
        }
      })
      ws.on('error', () => {})
      ws.on('close', () => {
        for (const timer of [...this.#timers, ...this.#expiry]) clearTimeout(timer)
        connections.delete(this)
      })
    }

    send(frame: Fields, bytes?: Buffer): unknown {
      if (this.#ws.readyState !== this.#ws.OPEN) return
      const text = JSON.stringify(frame)
      if (!bytes) return this.#ws.send(text)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(Buffer.byteLength(text))
      this.#ws.send(Buffer.concat([length, Buffer.from(text), bytes]))
    }

    end(code: number, reason: string): void {
      connections.delete(this)
      this.#ws.close(code, reason)
    }

    /** Sends what the credit allows, each topic in order. */
    pump(): void {
      for (const [topic, place] of this.#places) {
        const { events, head } = logOf(topic)
        const oldest = head - events.length + 1
        if (place.sent + 1 < oldest && this.#unacked() < LIMITS.unacked) {
          this.send({ t: 'gap', topic, from: place.sent + 1, to: oldest - 1, reason: 'expired' })
          place.sent = oldest - 1
        }
        for (const { seq, data, bytes, id, by } of events.slice(Math.max(0, place.sent + 1 - oldest))) {
          if (this.#unacked() >= LIMITS.unacked) return
          const own = by === this.identity && id?.startsWith(`${this.client}-`) ? { id } : {}
          this.send({ t: 'event', topic, epoch, seq, ...own, data }, bytes)
          place.sent = seq
          place.pending = [...place.pending, seq]
        }
      }
    }

    #unacked(): number {
      return [...this.#places.values()].reduce((sum, { pending }) => sum + pending.length, 0)
    }

    #read(raw: RawData, binary: boolean): unknown {
      if (this.#ws.readyState !== this.#ws.OPEN || !(raw instanceof Buffer)) return
      const end = binary && raw.length >= 4 ? 4 + raw.readUInt32BE() : raw.length
      const frame = parsed(raw.subarray(binary ? 4 : 0, end).toString())
      if (this.client === null) return this.#hello(frame)
      if (!isFields(frame)) return this.send({ t: 'err', code: 'bad-frame', message: 'no frame', retry: 'never' })
      const bytes = binary ? Buffer.from(raw.subarray(end)) : undefined
      if (frame.t === 'sub') this.#sub(frame)
      else if (frame.t === 'unsub') this.#unsub(frame)
      else if (frame.t === 'msg') this.#msg(frame, bytes)
      else if (frame.t === 'ack') this.#ack(frame)
      else if (frame.t === 'auth') this.#auth(frame)
      else if (frame.t === 'ping') this.send({ t: 'pong', n: frame.n })
      else if (frame.t === 'bye') this.end(1000, 'bye')
    }

    #credential(token: unknown): Credential | null {
      if (!tokens) return { identity: '' }
      return (typeof token === 'string' && Object.hasOwn(tokens, token) && tokens[token]) || null
    }

    #hello(frame: unknown): unknown {
      if (!isFields(frame) || frame.t !== 'hello' || !isText(frame.client, 64) || !Array.isArray(frame.topics))
        return this.end(4400, 'the first frame must be a hello')
      if (frame.v !== 1) return this.end(4426, 'speaks version 1')
      const credential = this.#credential(frame.token)
      if (!credential) return this.end(4201, 'token not accepted')
      this.client = frame.client
      this.identity = credential.identity
      connections.add(this)
      const same = [...connections].filter(
        ({ client, identity }) => client === this.client && identity === this.identity,
      )
      if (same.length > 2) same[0]?.end(4409, 'replaced')
      const { expiresInMs } = credential
      const auth = { identity: credential.identity || undefined, authExpiresInMs: expiresInMs }
      this.send({ t: 'welcome', conn: frame.conn, now: Date.now(), heartbeatMs, ...auth, limits: LIMITS })
      this.#expire(expiresInMs)
      const watch = (): void => {
        if (Date.now() - this.#heardAt > 2.5 * heartbeatMs) this.end(4000, 'silent')
      }
      this.#timers.push(setInterval(() => this.send({ t: 'ping', n: ++counted }), heartbeatMs))
      this.#timers.push(setInterval(watch, heartbeatMs / 4))
      for (const topic of frame.topics.filter(isFields)) this.#sub(topic)
    }

    #expire(inMs: number | undefined): void {
      for (const timer of this.#expiry.splice(0)) clearTimeout(timer)
      if (inMs === undefined) return
      this.#expiry.push(setTimeout(() => this.send({ t: 'reauth' }), inMs * 0.9))
      this.#expiry.push(setTimeout(() => this.end(4201, 'token expired'), inMs))
    }

    #auth({ token }: Fields): unknown {
      const credential = this.#credential(token)
      if (!credential) return this.end(4201, 'token not accepted')
      if (credential.identity !== this.identity) return this.end(4110, 'another identity')
      this.#expire(credential.expiresInMs)
      this.send({ t: 'authok', expiresInMs: credential.expiresInMs })
    }

    #sub({ topic, epoch: theirs, seq }: Fields): unknown {
      const refuse = (code: string): unknown =>
        this.send({ t: 'err', topic: named(topic, 256), code, message: code, retry: 'never' })
      if (!isText(topic, 256)) return refuse('bad-topic')
      if (topic.startsWith('secret')) return refuse('forbidden')
      const { head } = logOf(topic)
      const subbed = { t: 'subbed', topic, epoch, seq: head }
      const known = this.#places.get(topic)
      if (known || theirs === undefined || seq === undefined) {
        if (!known) this.#places.set(topic, { sent: head, pending: [] })
        return this.send({ ...subbed, recovered: true })
      }
      const reason = theirs !== epoch ? 'epoch' : !isSeq(seq) || seq > head ? 'unknown' : null
      const oldest = head - logOf(topic).events.length + 1
      this.send({ ...subbed, recovered: reason === null && isSeq(seq) && seq + 1 >= oldest })
      if (reason) this.send({ t: 'gap', topic, to: head, reason })
      const from = reason || !isSeq(seq) ? head : seq
      this.#places.set(topic, { sent: from, pending: [] })
      this.pump()
    }

    #unsub({ topic }: Fields): void {
      this.#places.delete(named(topic, 256))
      this.pump()
    }

    #ack({ topic, seq }: Fields): void {
      const place = this.#places.get(named(topic, 256))
      if (!place || !isSeq(seq)) return
      place.pending = place.pending.filter(sent => sent > seq)
      this.pump()
    }

    #msg({ id, topic = 'default', data, request }: Fields, bytes?: Buffer): unknown {
      const refuse = (code: string, retry = 'never'): unknown =>
        this.send({ t: 'err', id: named(id, 128), code, message: code, retry, afterMs: 20 })
      const [, client] = /^(.+)-[1-9]\d*$/.exec(named(id, 129)) ?? []
      if (!isText(id, 128) || client !== this.client) return refuse('bad-id')
      if (size(data, bytes) > LIMITS.messageBytes) return refuse('too-large')
      if (!isText(topic, 256)) return refuse('bad-topic')
      if (topic.startsWith('secret')) return refuse('forbidden')
      if (this.#busyWith !== null && this.#busyWith !== id) return refuse('busy', 'later')
      if (options.busyEvery && this.#busyWith === null && ++counted % options.busyEvery === 0) {
        this.#busyWith = id
        return refuse('busy', 'later')
      }
      this.#busyWith = null
      const key = `${this.identity}|${id}`
      const { keys } = logOf(topic)
      const known = keys.get(key)
      if (known) return this.send({ t: 'ok', id, dup: true, ...known })
      const answer = request === true ? { data } : {}
      keys.set(key, answer)
      if (request !== true) append(topic, { data, id, by: this.identity, ...(bytes && { bytes }) })
      this.send({ t: 'ok', id, ...answer })
    }
  }

  const http = createServer()
  const server = new WebSocketServer({
    server: http,
    maxPayload: 65_536,
    handleProtocols: () => 'holdfast.v1',
  })
  server.on('connection', (ws: WebSocket, request: IncomingMessage) => {
    if (origin !== undefined && request.headers.origin !== origin) ws.close(4403, 'foreign origin')
    else new Connection(ws)
  })
  return new Promise(resolve => {
    http.listen(0, '127.0.0.1', () => {
      const address = http.address()
      const port = typeof address === 'object' ? address?.port : ''
      const close = (): void => {
        for (const client of server.clients) client.terminate()
        http.close()
      }
      const publish = (topic: string, data: unknown): void => append(topic, { data })
      resolve({ url: `ws://127.0.0.1:${port}/live`, defects, publish, close })
    })
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
