import type { Cursor, TopicRequest } from '../session/frames.ts'
import { type Client, newMark } from './client.ts'
import { type Connection, type Frame, type Received, short } from './connection.ts'
import { Broken, NotOffered } from './outcome.ts'

/** A message, by what its event carries, and the answer to it. */
export interface Said {
  readonly id: string
  readonly mark: string
  readonly ok: Frame<'ok'>
}

/** A connection whose `hello` was answered with `welcome`. */
export interface Visit extends Connection {
  readonly client: Client
  readonly welcome: Frame<'welcome'>
  /** Sends `sub` and resolves with the answer. @throws NotOffered when the topic is refused. */
  subscribe(request: TopicRequest): Promise<Frame<'subbed'>>
  /** Sends messages, as many at a time as the server allows, and resolves when all are stored. @throws NotOffered when it takes none. */
  say(topic: string, count?: number, more?: object): Promise<readonly [Said, ...Said[]]>
  /** The event with that mark. */
  event(mark: string): Promise<Frame<'event'>>
  /** The events of a topic so far. */
  eventsOf(topic: string): readonly Frame<'event'>[]
  /** From now on every event is acknowledged at once. */
  acknowledge(): void
  /** Resolves when a message that is sent now came back: whatever was sent before it has been handled. */
  settle(topic: string): Promise<Frame<'event'>>
}

/** Nobody waits longer, whatever a server asks for. */
const MOST_LATER_MS = 5_000
/** Less than any server allows in flight by default. */
const MOST_IN_FLIGHT = 32

export function isMarked(frame: Received, mark: string): frame is Frame<'event'> {
  return frame.t === 'event' && typeof frame.data === 'object' && frame.data !== null && isNamed(frame.data, mark)
}

type Answer = Frame<'ok'> | Frame<'err'>

function isOneOf(frame: Received): frame is Answer {
  return frame.t === 'ok' || frame.t === 'err'
}

function isNamed(data: object, mark: string): boolean {
  return 'conformance' in data && data.conformance === mark
}

/** What is sent for a mark. */
export function marked(mark: string): object {
  return { conformance: mark }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export function visitOf(connection: Connection, client: Client, welcome: Frame<'welcome'>): Visit {
  const { take, send, frames } = connection

  /** Sends these, in order, and resolves with what is stored; what was refused with `later` is sent again. */
  async function sendAll(messages: readonly { id: string; mark: string; frame: object }[]): Promise<readonly Said[]> {
    const oks = new Map<string, Frame<'ok'>>()
    for (let left = messages; left.length; left = left.filter(({ id }) => !oks.has(id))) {
      for (const { frame } of left) send(frame)
      let waitMs = 0
      for (const { id } of left) {
        const answer = await answerTo(id)
        if (answer.t === 'ok') oks.set(id, answer)
        else if (answer.retry === 'later') waitMs = Math.max(waitMs, Math.min(answer.afterMs ?? 1_000, MOST_LATER_MS))
        else throw new NotOffered(`a message was refused: ${short(answer)}`)
      }
      if (waitMs) await pause(waitMs)
    }
    return messages.flatMap(({ id, mark }) => {
      const ok = oks.get(id)
      return ok ? [{ id, mark, ok }] : []
    })
  }

  function answerTo(id: string): Promise<Answer> {
    const isAnswer = (frame: Received): frame is Answer => isOneOf(frame) && frame.id === id
    return connection.takeAny(`ok or err for the message ${id.slice(-6)}`, isAnswer)
  }

  const visit: Visit = {
    ...connection,
    get ending() {
      return connection.ending
    },
    client,
    welcome,
    async subscribe(request) {
      send({ t: 'sub', ...request })
      return subbedTo(visit, request.topic)
    },
    async say(topic, count = 1, more = {}) {
      const messages = Array.from({ length: count }, () => {
        const [id, mark] = [client.nextMessageId(), newMark()]
        return { id, mark, frame: { t: 'msg', id, topic, data: marked(mark), ...more } }
      })
      const atOnce = Math.max(1, Math.min(welcome.limits?.inFlight ?? MOST_IN_FLIGHT, MOST_IN_FLIGHT))
      const said: Said[] = []
      while (said.length < count) said.push(...(await sendAll(messages.slice(said.length, said.length + atOnce))))
      const [first, ...others] = said
      if (!first) throw new RangeError('say() is for one message or more')
      return [first, ...others]
    },
    event: mark => take('event', 'the event of a message that was stored', frame => isMarked(frame, mark)),
    eventsOf: topic => frames.filter(frame => frame.t === 'event').filter(event => event.topic === topic),
    acknowledge() {
      void keepAcknowledging(connection)
    },
    async settle(topic) {
      const [{ mark }] = await visit.say(topic)
      return visit.event(mark)
    },
  }
  return visit
}

/** The answer to a `sub`, wherever that was sent. @throws NotOffered when the topic is refused. */
export async function subbedTo({ take, frames }: Connection, topic: string): Promise<Frame<'subbed'>> {
  try {
    return await take('subbed', `subbed for ${short(topic)}`, frame => frame.topic === topic)
  } catch (failure) {
    const refused = frames.find(frame => frame.t === 'err' && frame.topic === topic)
    throw refused ? new NotOffered(`the topic ${short(topic)} is refused: ${short(refused)}`) : failure
  }
}

async function keepAcknowledging(connection: Connection): Promise<void> {
  let seen = 0
  while (!connection.ending) {
    const positions = new Map<string, number>()
    for (const frame of connection.frames.slice(seen)) if (frame.t === 'event') positions.set(frame.topic, frame.seq)
    seen = connection.frames.length
    for (const [topic, seq] of positions) connection.send({ t: 'ack', topic, seq })
    await connection.somethingComes(1_000)
  }
}

/** That the events of a topic after a position come one by one, up to this one. @throws Broken where they do not. */
export function expectRun(events: readonly Frame<'event'>[], after: Cursor, last: Frame<'event'>): void {
  const upTo = events.slice(0, events.indexOf(last) + 1)
  for (const [index, { epoch, seq }] of upTo.entries()) {
    const due = after.seq + 1 + index
    if (seq !== due) throw new Broken(`the event ${due} next`, `the event ${seq}`)
    if (epoch !== after.epoch) throw new Broken(`events of the epoch ${after.epoch}`, `one of ${epoch}`)
  }
}
