import type { Behaviour, ScriptedConnection } from '../../src/testing/index.ts'

interface Stored {
  readonly seq: number
  readonly data: unknown
  readonly id?: string
}

interface Log {
  epoch: string
  seq: number
  events: Stored[]
}

interface Subscription {
  /** The last event that was sent, and the last that was acknowledged. */
  sent: number
  acked: number
}

interface Conversation {
  readonly connection: ScriptedConnection
  readonly client: string
  readonly token: string | undefined
  readonly topics: Map<string, Subscription>
}

interface Frame {
  readonly t: string
  readonly [field: string]: unknown
}

function isFrame(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && 't' in value
}

/** What a session server of a test may do otherwise. */
export interface SessionServerOptions {
  readonly welcome?: object
  readonly limits?: { readonly unacked?: number; readonly inFlight?: number; readonly dedupeMs?: number }
  /** Answers a frame itself: `true`, and nothing else is done about it. */
  readonly instead?: (frame: Frame, connection: ScriptedConnection) => boolean
}

/** A server that speaks the session protocol, for stories: logs in memory, one process, no network. */
export class SessionServer {
  readonly logs = new Map<string, Log>()
  readonly conversations = new Set<Conversation>()
  /** Every frame that any client sent, in order. */
  readonly heard: Frame[] = []
  readonly #ids = new Map<string, unknown>()
  readonly #options: SessionServerOptions

  constructor(options: SessionServerOptions = {}) {
    this.#options = options
  }

  get behaviour(): Behaviour {
    return connection => {
      connection.accept('holdfast.v1')
      connection.heard(message => {
        const frame: unknown = typeof message === 'string' ? JSON.parse(message) : undefined
        if (!isFrame(frame)) return
        this.heard.push(frame)
        if (!this.#options.instead?.(frame, connection)) this.#hear(connection, frame)
      })
    }
  }

  log(topic: string): Log {
    const known = this.logs.get(topic) ?? { epoch: 'e1', seq: 0, events: [] }
    this.logs.set(topic, known)
    return known
  }

  /** Frames of one type, in order. */
  said(type: string): readonly Frame[] {
    return this.heard.filter(({ t }) => t === type)
  }

  publish(topic: string, data: unknown, id?: string): void {
    const log = this.log(topic)
    log.seq++
    log.events.push({ seq: log.seq, data, ...(id !== undefined && { id }) })
    for (const each of this.conversations) this.#pump(each, topic)
  }

  /** Forgets all but the last events of a topic. */
  trim(topic: string, keep: number): void {
    const log = this.log(topic)
    log.events = keep ? log.events.slice(-keep) : []
  }

  /** The log is lost: another epoch begins. */
  lose(topic: string, epoch: string): void {
    this.logs.set(topic, { epoch, seq: 0, events: [] })
  }

  /** To everybody. */
  tell(frame: object): void {
    for (const { connection } of this.conversations) send(connection, frame)
  }

  #hear(connection: ScriptedConnection, frame: Frame): void {
    const conversation = [...this.conversations].find(each => each.connection === connection)
    if (frame.t === 'hello') {
      const { client, token, topics } = frame
      const fresh = {
        connection,
        client: `${client}`,
        token: token === undefined ? undefined : `${token}`,
        topics: new Map(),
      }
      for (const each of this.conversations) if (each.connection.state === 'ended') this.conversations.delete(each)
      this.conversations.add(fresh)
      const { limits = {}, welcome = {} } = this.#options
      send(connection, { t: 'welcome', conn: frame.conn, now: 0, heartbeatMs: 15_000, limits, ...welcome })
      if (Array.isArray(topics)) for (const topic of topics) this.#subscribe(fresh, topic)
    } else if (conversation) this.#converse(conversation, frame)
  }

  #converse(conversation: Conversation, frame: Frame): void {
    const { connection, client, topics } = conversation
    const { t, id, data } = frame
    const topic = `${frame.topic ?? 'default'}`
    if (t === 'sub') this.#subscribe(conversation, frame)
    else if (t === 'unsub') topics.delete(topic)
    else if (t === 'ping') send(connection, { t: 'pong', n: frame.n })
    else if (t === 'bye') connection.close(1000)
    else if (t === 'auth') send(connection, { t: 'authok' })
    else if (t === 'ack') {
      const subscription = topics.get(topic)
      if (subscription) subscription.acked = Math.max(subscription.acked, Number(frame.seq))
      for (const name of topics.keys()) this.#pump(conversation, name)
    } else if (t === 'msg') {
      const dup = this.#ids.has(`${id}`)
      if (!dup) this.#ids.set(`${id}`, data)
      if (frame.request) send(connection, { t: 'ok', id, data: { answer: data }, ...(dup && { dup }) })
      else {
        if (!dup) this.publish(topic, data, `${client}|${id}`)
        send(connection, { t: 'ok', id, ...(dup && { dup }) })
      }
    }
  }

  #subscribe(conversation: Conversation, asked: unknown): void {
    const { topic, epoch, seq }: Frame = isFrame(Object.assign({ t: '' }, asked))
      ? Object.assign({ t: '' }, asked)
      : { t: '' }
    const name = `${topic}`
    const log = this.log(name)
    const oldest = log.events[0]?.seq ?? log.seq + 1
    const from = Number(seq)
    const told = epoch !== undefined
    const reason = epoch !== log.epoch ? 'epoch' : from > log.seq ? 'unknown' : from + 1 < oldest ? 'expired' : null
    const to = reason === 'expired' ? oldest - 1 : log.seq
    const recovered = !told || reason === null
    const { connection, topics } = conversation
    send(connection, { t: 'subbed', topic: name, epoch: log.epoch, seq: log.seq, recovered })
    if (!recovered)
      send(connection, { t: 'gap', topic: name, to, reason, ...(reason === 'expired' && { from: from + 1 }) })
    const start = !told ? log.seq : recovered ? from : to
    topics.set(name, { sent: start, acked: start })
    this.#pump(conversation, name)
  }

  #pump(conversation: Conversation, topic: string): void {
    const { connection, client, topics } = conversation
    const subscription = topics.get(topic)
    const { unacked = 256 } = this.#options.limits ?? {}
    const log = this.log(topic)
    if (!subscription || connection.state !== 'open') return
    for (const { seq, data, id } of log.events) {
      const under = [...topics.values()].reduce((sum, { sent, acked }) => sum + Math.max(0, sent - acked), 0)
      if (seq <= subscription.sent || under >= unacked) continue
      subscription.sent = seq
      const [from, own] = id?.split('|') ?? []
      send(connection, { t: 'event', topic, epoch: log.epoch, seq, data, ...(from === client && { id: own }) })
    }
  }
}

export function send(connection: ScriptedConnection, frame: object): void {
  if (connection.state === 'open') connection.send(JSON.stringify(frame))
}
