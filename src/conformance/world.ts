import { type TopicRequest, VERSION } from '../session/frames.ts'
import { type Client, newClient, newMark, random } from './client.ts'
import { type Connection, connect, type Frame, type Received } from './connection.ts'
import { Broken, NotOffered } from './outcome.ts'
import type { SocketFactory } from './socket.ts'
import { marked, type Visit, visitOf } from './visit.ts'

/** What a server author tells the script. */
export interface Settings {
  readonly url: string
  readonly socket: SocketFactory
  /** Events are caused here: messages to it must be allowed, and become events of it. */
  readonly topic: string
  /** A second topic of the same kind, for the credit over all topics. */
  readonly otherTopic: string
  readonly forbiddenTopic?: string | undefined
  readonly token?: string | undefined
  /** A token of another identity. */
  readonly otherToken?: string | undefined
  /** The Origin that the server allows; another one must be refused. */
  readonly origin?: string | undefined
  /** Where a POST of `{ topic, data }` causes an event, for topics to which clients may not send. */
  readonly publishUrl?: string | undefined
  /** How long a frame may take. */
  readonly patienceMs: number
  /** How long nothing must come, where nothing may come. */
  readonly quietMs: number
}

/** How a connection is greeted. */
export interface Greeting {
  readonly client?: Client
  readonly topics?: readonly TopicRequest[]
  readonly token?: string | undefined
  /** Further fields of the hello, or others in place of its own. */
  readonly fields?: object
}

/** What the checks act in. */
export interface World extends Settings {
  /** A raw connection, to which nothing was said. */
  dial(origin?: string): Promise<Connection>
  hello(greeting?: Greeting): object
  /** A connection that is greeted and welcomed. */
  visit(greeting?: Greeting): Promise<Visit>
  /** A visit with the topic subscribed, whose events are acknowledged: it sees what is caused. */
  witness(): Promise<Visit>
  /** Causes events of the topic, and resolves with their marks when they are stored. */
  cause(witness: Visit, count?: number): Promise<readonly [string, ...string[]]>
  /** Resolves when everything that was sent on it has been handled: a pong says no such thing, it may overtake. */
  handled(visit: Visit): Promise<void>
  /** Long enough that what must not come would have come. */
  quiet(): Promise<void>
  /** What came that is no frame of the protocol. */
  readonly malformed: readonly string[]
  /** Ends every connection that a check left open. */
  leave(): void
}

function isAnswerAbout(topic: string): (frame: Received) => frame is Frame<'subbed'> | Frame<'err'> {
  return (frame): frame is Frame<'subbed'> | Frame<'err'> =>
    (frame.t === 'subbed' || frame.t === 'err') && frame.topic === topic
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function post(url: string, topic: string, mark: string): Promise<void> {
  const body = JSON.stringify({ topic, data: marked(mark) })
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  if (!response.ok) throw new NotOffered(`the publish URL answers ${response.status}`)
}

/** `malformed` is added to. */
export function worldOf(settings: Settings, malformed: string[]): World {
  const open = new Set<Connection>()

  async function dial(origin = settings.origin): Promise<Connection> {
    const onMalformed = (what: string): void => {
      malformed.push(what)
    }
    const { socket, url, patienceMs } = settings
    const connection = await connect({ socket, url, origin, patienceMs, onMalformed })
    open.add(connection)
    return connection
  }
  function hello({ client = newClient(), topics = [], token = settings.token, fields }: Greeting = {}): object {
    const conn = random(6)
    return { t: 'hello', v: VERSION, client: client.id, conn, token, topics, ...fields }
  }
  async function visit({ client = newClient(), ...greeting }: Greeting = {}): Promise<Visit> {
    const connection = await dial()
    connection.send(hello({ client, ...greeting }))
    return visitOf(connection, client, await connection.take('welcome', 'welcome'))
  }
  return {
    ...settings,
    dial,
    hello,
    visit,
    async witness() {
      const witness = await visit()
      await witness.subscribe({ topic: settings.topic })
      witness.acknowledge()
      return witness
    },
    async cause(witness, count = 1) {
      const { publishUrl, topic } = settings
      if (publishUrl === undefined) {
        const [first, ...others] = await witness.say(topic, count)
        return [first.mark, ...others.map(({ mark }) => mark)]
      }
      const [first, ...others] = [newMark(), ...Array.from({ length: count - 1 }, newMark)]
      if (first === undefined) throw new Broken('a mark', 'none')
      for (const mark of [first, ...others]) await post(publishUrl, topic, mark)
      return [first, ...others]
    },
    async handled(visit) {
      const { otherTopic: topic } = settings
      visit.send({ t: 'sub', topic })
      await visit.takeAny('subbed or err for a sub', isAnswerAbout(topic))
      visit.send({ t: 'unsub', topic })
    },
    quiet: () => pause(settings.quietMs),
    malformed,
    leave() {
      for (const connection of open) connection.close()
      open.clear()
    },
  }
}
