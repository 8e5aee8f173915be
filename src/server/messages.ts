import { type ClientFrame, DEFAULT_TOPIC } from '../session/frames.ts'
import type { Connection } from './connection.ts'
import { called } from './hooks.ts'
import type { Body } from './log.ts'
import type { Message } from './options.ts'
import { keyOf } from './outgoing.ts'
import { refusal } from './refusal.ts'
import { Refused } from './refused.ts'
import { bytesOf } from './retained.ts'
import type { Loose } from './schema.ts'
import { TokenBucket } from './token-bucket.ts'

type Msg = Loose<ClientFrame & { readonly t: 'msg' }>

interface Incoming {
  readonly id: string
  readonly topic: string
  readonly data: unknown
  readonly body: Body
}

/** A message that was refused for now holds those behind it, so that they stay in order; until it comes again, or this long after it should have: it may have expired at the client. */
const HOLD_MS = 30_000

/** An id is remembered for longer than clients are told: a resend that left in time is on its way, and waits for its turn. A connection on which nothing comes for so long is dead. */
const ON_ITS_WAY_MS = 60_000

/** A value as JSON text, bytes as they are. @throws TypeError or RangeError when it has no JSON text. */
export function bodyOf(data: unknown): Body {
  return data instanceof Uint8Array ? data : (JSON.stringify(data) ?? 'null')
}

/** The messages of one connection, one after the other. */
export class Messages {
  readonly #connection: Connection
  readonly #rate: TokenBucket | undefined
  readonly #types: ReadonlyMap<string, TokenBucket>
  #inFlight = 0
  #held: { readonly id: string; readonly until: number } | undefined

  constructor(connection: Connection) {
    const { rates, clock } = connection.context.settings
    this.#connection = connection
    this.#rate = rates.connection && new TokenBucket(rates.connection, clock.now())
    this.#types = new Map(
      Object.entries(rates.type ?? {}).map(([type, rate]) => [type, new TokenBucket(rate, clock.now())]),
    )
  }

  /** Counts it; the result handles it when its turn has come, and throws nothing. */
  arrived(frame: Msg, bytes: Uint8Array | undefined): () => Promise<void> {
    const { inFlight } = this.#connection.context.settings.limits
    this.#connection.context.metrics.add('messages_in_total')
    // Its turn comes in order, but its data is not kept for it.
    if (this.#inFlight >= inFlight) return async () => this.#overflow(frame.id)
    this.#inFlight++
    return async () => {
      try {
        await this.#handle(frame, bytes)
      } catch (error) {
        this.#refuse(frame.id, error)
      } finally {
        this.#inFlight--
      }
    }
  }

  #overflow(id: string): void {
    try {
      this.#checkHold(id)
      throw new Refused('in-flight', { retry: 'later', message: 'too many at once' })
    } catch (error) {
      this.#refuse(id, error)
    }
  }

  async #handle(frame: Msg, bytes: Uint8Array | undefined): Promise<void> {
    const { id, topic = DEFAULT_TOPIC, request } = frame
    const { client } = this.#connection
    if (!(id.startsWith(`${client}-`) && /^[1-9]\d{0,15}$/.test(id.slice(client.length + 1)))) {
      throw new Refused('bad-id', { message: 'an id is the client of hello, - and a counter' })
    }
    this.#checkHold(id)
    const data = bytes ?? frame.data
    const body = bodyOf(data)
    const most = this.#connection.context.settings.limits.messageBytes
    if (bytesOf(body) > most) throw new Refused('too-big', { message: `at most ${most} bytes` })
    const incoming = { id, topic, data, body }
    this.#checkRates(incoming)
    await this.#authorize(incoming, request ? 'request' : 'publish')
    if (this.#connection.over) return
    if (request) await this.#answer(incoming)
    else await this.#store(incoming)
  }

  /** Order is kept: behind one that waits, all wait. */
  #checkHold(id: string): void {
    const held = this.#held
    const now = this.#connection.context.settings.clock.now()
    this.#held = undefined
    if (!held || held.id === id || held.until <= now) return
    this.#held = held
    throw new Refused('held', { retry: 'later', message: `behind ${held.id}` })
  }

  #checkRates({ topic, data }: Incoming): void {
    const { context, identity } = this.#connection
    const { rates, clock } = context.settings
    const now = clock.now()
    const type = rates.type && (rates.typeOf ? rates.typeOf(data) : Object(data).type)
    const buckets = [
      this.#rate,
      identity === undefined ? undefined : context.identityRates.of(identity),
      context.topicRates.of(topic),
      typeof type === 'string' ? this.#types.get(type) : undefined,
    ]
    const afterMs = Math.max(...buckets.map(bucket => bucket?.wait(now) ?? 0))
    // A message that must wait takes nothing.
    if (afterMs > 0) throw new Refused('rate', { retry: 'later', afterMs, message: 'too fast' })
    for (const bucket of buckets) bucket?.take()
  }

  async #authorize({ topic, data }: Incoming, action: 'publish' | 'request'): Promise<void> {
    const { context, identity, conn = '', address } = this.#connection
    const { authorize, limits } = context.settings
    if (!authorize) return
    const wish = { action, topic, data, conn, address, ...(identity !== undefined && { identity }) }
    if ((await called(this.#connection, limits.handlerMs, () => authorize(wish))) !== true) {
      throw new Refused('forbidden')
    }
  }

  #message({ id, topic, data }: Incoming, signal: () => AbortSignal): Message {
    const { identity, conn = '', address } = this.#connection
    return {
      id,
      topic,
      data,
      conn,
      address,
      ...(identity !== undefined && { identity }),
      get signal() {
        return signal()
      },
    }
  }

  async #store(incoming: Incoming): Promise<void> {
    const { context, identity } = this.#connection
    const { limits, onMessage } = context.settings
    const { id, topic } = incoming
    const other =
      onMessage &&
      (await called(this.#connection, limits.handlerMs, signal => onMessage(this.#message(incoming, signal))))
    const body = other ? bodyOf(other.data) : incoming.body
    const { dup } = await context.log.append(topic, body, {
      key: keyOf(identity, id),
      dedupeMs: limits.dedupeMs + ON_ITS_WAY_MS,
    })
    context.metrics.add(dup ? 'messages_duplicate_total' : 'messages_stored_total')
    this.#connection.send({ t: 'ok', id, ...(dup && { dup }) })
  }

  async #answer(incoming: Incoming): Promise<void> {
    const { context, identity } = this.#connection
    const { onRequest, limits } = context.settings
    if (!onRequest) throw new Refused('no-requests', { message: 'this server answers no requests' })
    const key = keyOf(identity, incoming.id)
    const kept = await context.log.replyTo(key)
    const running = kept === null ? context.answering.get(key) : undefined
    const reply = kept ?? (await (running ?? this.#ask(key, incoming, onRequest)))
    const dup = kept !== null || running !== undefined
    context.metrics.add(dup ? 'messages_duplicate_total' : 'requests_answered_total')
    const data: unknown = reply === '' ? undefined : JSON.parse(reply)
    if (bytesOf(reply) > limits.messageBytes) throw new Refused('too-big', { message: 'the answer is too big' })
    this.#connection.send({ t: 'ok', id: incoming.id, ...(dup && { dup }), ...(data !== undefined && { data }) })
  }

  async #ask(key: string, incoming: Incoming, onRequest: (request: Message) => unknown): Promise<string> {
    const { answering, log, settings } = this.#connection.context
    const asked = (async () => {
      const answer = await called(this.#connection, settings.limits.handlerMs, signal =>
        onRequest(this.#message(incoming, signal)),
      )
      return log.keepReply(key, JSON.stringify(answer) ?? '', settings.limits.dedupeMs + ON_ITS_WAY_MS)
    })()
    answering.set(key, asked)
    try {
      return await asked
    } finally {
      answering.delete(key)
    }
  }

  #refuse(id: string, error: unknown): void {
    const { settings } = this.#connection.context
    const refused = refusal(error)
    this.#connection.failed('a hook', error)
    if (refused.retry !== 'never' && refused.code !== 'held') {
      this.#held = { id, until: settings.clock.now() + (refused.afterMs ?? 0) + HOLD_MS }
    }
    this.#connection.send({ t: 'err', id, ...refused })
  }
}
