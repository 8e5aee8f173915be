import { type ClientFrame, DEFAULT_TOPIC } from '../session/frames.ts'
import type { Connection } from './connection.ts'
import { Hold } from './hold.ts'
import { called } from './hooks.ts'
import type { Body } from './log.ts'
import type { Message } from './options.ts'
import { keyOf } from './outgoing.ts'
import { refusal } from './refusal.ts'
import { Refused } from './refused.ts'
import { bytesOf } from './retained.ts'
import type { Loose } from './schema.ts'
import { type Admitted, ON_ITS_WAY_MS, Storing } from './storing.ts'

type Msg = Loose<ClientFrame & { readonly t: 'msg' }>

interface Incoming {
  readonly id: string
  readonly topic: string
  readonly data: unknown
  readonly body: Body
}

/** A value as JSON text, bytes as they are. @throws TypeError or RangeError when it has no JSON text. */
export function bodyOf(data: unknown): Body {
  return data instanceof Uint8Array ? data : (JSON.stringify(data) ?? 'null')
}

/** The messages of one connection: let in one after the other, stored and answered in that order. */
export class Messages {
  readonly #connection: Connection
  #inFlight = 0
  readonly #hold: Hold
  readonly #storing: Storing<Admitted & { readonly answered: () => void }>

  constructor(connection: Connection) {
    this.#connection = connection
    this.#hold = new Hold(connection.context.settings.clock)
    this.#storing = new Storing(connection, this.#hold, {
      stored: ({ id, answered }, dup) => {
        connection.context.metrics.add(dup ? 'messages_duplicate_total' : 'messages_stored_total')
        connection.send({ t: 'ok', id, ...(dup && { dup }) })
        answered()
      },
      refused: ({ id, answered }, error) => {
        this.#refuse(id, error)
        answered()
      },
    })
  }

  /**
   * Counts it; the result lets it in when its turn has come, and throws nothing. It is stored later, while those behind it
   * are let in; `answered` is called once it has its answer.
   */
  arrived(frame: Msg, bytes: Uint8Array | undefined, answered: () => void): () => Promise<void> {
    const { inFlight } = this.#connection.context.settings.limits
    this.#connection.context.metrics.add('messages_in_total')
    if (this.#inFlight >= inFlight) return this.#overflow(frame.id, answered)
    this.#inFlight++
    const over = (): void => {
      this.#inFlight--
      answered()
    }
    return () => this.#handle(frame, bytes, over).catch(error => this.#refuseInTurn(frame.id, error, over))
  }

  /** Its turn comes in order, but its data is not kept for it. */
  #overflow(id: string, answered: () => void): () => Promise<void> {
    const refused = new Refused('in-flight', { retry: 'later', message: 'too many at once' })
    return () => this.#refuseInTurn(id, refused, answered)
  }

  /** Until all that were let in are answered; `undefined` when they are. */
  get busy(): Promise<void> | undefined {
    return this.#storing.busy
  }

  async #handle(frame: Msg, bytes: Uint8Array | undefined, answered: () => void): Promise<void> {
    const { id, topic = DEFAULT_TOPIC, request } = frame
    if (!this.#isOwn(id)) throw new Refused('bad-id', { message: 'an id is the client of hello, - and a counter' })
    // What it does outside the log comes after what was sent before it.
    if (request) await this.#storing.busy
    this.#hold.check(id)
    const data = bytes ?? frame.data
    const body = bodyOf(data)
    const most = this.#connection.context.settings.limits.messageBytes
    if (bytesOf(body) > most) throw new Refused('too-big', { message: `at most ${most} bytes` })
    const incoming = { id, topic, data, body }
    this.#checkRates(incoming)
    await this.#authorize(incoming, request ? 'request' : 'publish')
    if (this.#connection.over) return
    if (!request) return this.#storing.put({ id, topic, body: await this.#replaced(incoming), answered })
    await this.#answer(incoming)
    answered()
  }

  #isOwn(id: string): boolean {
    const { client } = this.#connection
    return id.startsWith(`${client}-`) && /^[1-9]\d{0,15}$/.test(id.slice(client.length + 1))
  }

  #checkRates({ topic, data }: Incoming): void {
    const { context, identity, pace } = this.#connection
    const { rates, clock } = context.settings
    const now = clock.now()
    const type = rates.type && (rates.typeOf ? rates.typeOf(data) : Object(data).type)
    const buckets = [
      pace.messages,
      identity === undefined ? undefined : context.identityRates.of(identity),
      context.topicRates.of(topic),
      typeof type === 'string' ? pace.types.get(type) : undefined,
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

  /** What is stored of it: what the hook says. */
  async #replaced(incoming: Incoming): Promise<Body> {
    const { limits, onMessage } = this.#connection.context.settings
    const other =
      onMessage &&
      (await called(this.#connection, limits.handlerMs, signal => onMessage(this.#message(incoming, signal))))
    return other ? bodyOf(other.data) : incoming.body
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

  /** What came before it is answered before it, and may hold it. */
  async #refuseInTurn(id: string, error: unknown, answered: () => void): Promise<void> {
    await this.#storing.busy
    try {
      if (this.#isOwn(id)) this.#hold.check(id)
      this.#refuse(id, error)
    } catch (held) {
      this.#refuse(id, held)
    }
    answered()
  }

  #refuse(id: string, error: unknown): void {
    const refused = refusal(error)
    this.#connection.failed('a hook', error)
    if (refused.retry !== 'never' && refused.code !== 'held') this.#hold.begin(id, refused.afterMs ?? 0)
    this.#connection.send({ t: 'err', id, ...refused })
  }
}
