// One client of the soak: it subscribes to a few topics, sends its own numbered messages to them, and checks whatever comes.
import { setTimeout as after } from 'node:timers/promises'
import { type Message, type Options, ResilientWebSocket, type TransitionRecord } from '../../src/index.ts'
import { session } from '../../src/session/index.ts'
import type { WebSocketConstructor } from '../../src/transports/websocket.ts'
import { type Ledger, payloadOf, type Wrong } from './ledger.ts'
import type { Nodes } from './nodes.ts'
import { recorder } from './recorder.ts'
import { tokenOf } from './tokens.ts'

export interface SoakClientOptions {
  readonly number: number
  /** Where it dials: a proxy, or nginx. */
  readonly port: number
  readonly topics: readonly string[]
  readonly ledger: Ledger
  readonly nodes: Pick<Nodes, 'said'>
  readonly chance: () => number
  /** The state must never leave `open` again. @defaultValue false */
  readonly steady?: boolean
  /** The class to dial with. @defaultValue that of ws, recorded */
  readonly dialsWith?: WebSocketConstructor
  readonly options?: Options
}

/** What one client has received of a topic. */
interface Reading {
  last: number
  epoch: string | undefined
  readonly missing: Set<number>
  /** The last message of each client. */
  readonly heard: Map<number, number>
}

const TOKEN_MS = 3_600_000
/** Endings that are kept to tell of. */
const MOST_ENDINGS = 12
/** So often it speaks while something is to be under way. */
const TALK_MS = 20
const MOST_TALK_MS = 3_000
/** Events that it has not been sent yet, from which on it only keeps one message of its own under way: the machine is slower than the talk. */
const MOST_BEHIND = 300
const PADDING = 'x'.repeat(64)

export interface SoakClient {
  readonly number: number
  readonly topics: readonly string[]
  readonly socket: ResilientWebSocket
  /** The id of the connection that serves. */
  readonly connection: string | undefined
  readonly open: boolean
  /** A connection is on its way up. */
  readonly dials: boolean
  /** Messages on their way: sent and not answered; received by others and not here. */
  flying(): { readonly up: boolean; readonly down: boolean }
  /** Messages without an answer. */
  unanswered(): number
  /** How many of its messages went to each topic. */
  readonly sent: ReadonlyMap<string, number>
  /** The last message of that client that it has received from a topic. */
  heard(topic: string, by: number): number
  /** Up to where it has a topic. */
  reached(topic: string): number
  missing(topic: string): ReadonlySet<number>
  /** Sends its next message to one of its topics. */
  say(): void
  /** Likewise, unless so much is under way already that this machine cannot keep up. */
  chat(): void
  /** Chats every 20 ms while that holds, 3 s at most. */
  talk(goesOn: () => boolean): Promise<void>
  /** Called for every step of the socket. */
  onStep(listener: (record: TransitionRecord) => void): () => void
  /** The next credential lives for so long, and the one after it comes when the connection is lost. */
  credentialLives(ms: number): void
  wrong(wrong: Wrong, topic: string, seq: number | null, what: string): void
  /** Nothing comes any more, though something is missing: notes what there is to know. */
  stuck(): void
  close(): void
}

export function soakClient(setting: SoakClientOptions): SoakClient {
  const { number, port, topics, ledger, nodes, chance } = setting
  const [main = '', ...others] = topics
  const readings = new Map<string, Reading>(
    topics.map(topic => [topic, { last: 0, epoch: undefined, missing: new Set(), heard: new Map() }]),
  )
  const sent = new Map<string, number>(topics.map(topic => [topic, 0]))
  const listeners = new Set<(record: TransitionRecord) => void>()
  /** Ids of the last connections, by number. */
  const ids = new Map<number, string>()
  const endings: string[] = []
  const recorded = recorder()
  let pending: { readonly message: Message; readonly topic: string; readonly n: number }[] = []
  let lifeMs: number | null = null
  let turn = 0
  let held: Promise<void> | undefined
  let wasOpen = false
  let dialling = false

  function wrong(kind: Wrong, topic: string, seq: number | null, what: string, more: readonly string[] = []): void {
    const said = [...ids.values()].slice(-4).flatMap(id => nodes.said(id))
    ledger.wrong({ wrong: kind, client: number, topic, seq, what, connections: [...endings, ...said, ...more] })
  }

  function stuck(): void {
    const { state, connectionId, attempt } = socket.status
    const at = [...readings].map(([topic, { last, epoch }]) => `${topic} ${last} of ${ledger.head(topic)} in ${epoch}`)
    const what = `${state}, ${connectionId}, attempt ${attempt}, ${settle().length} without an answer; ${at.join('; ')}`
    wrong('stuck', '', null, what, recorded.frames())
  }

  function take(topic: string, epoch: string, seq: number, received: unknown): void {
    const reading = readings.get(topic)
    const payload = payloadOf(received)
    if (!reading || !payload) {
      wrong('another event', topic, seq, JSON.stringify(received) ?? '')
      return
    }
    const other = ledger.saw(topic, seq, payload)
    if (other) wrong('another event', topic, seq, `${JSON.stringify(payload)}, and others got ${other}`)
    if (reading.epoch !== undefined && reading.epoch !== epoch) {
      wrong('gap', topic, seq, `the epoch ${reading.epoch} is ${epoch} now, after ${reading.last}`)
      // Said once: what follows is counted from here.
      reading.last = seq - 1
      reading.missing.clear()
    }
    reading.epoch = epoch
    reading.heard.set(payload.by, payload.n)
    if (seq > reading.last) {
      for (let each = reading.last + 1; each < seq; each++) reading.missing.add(each)
      reading.last = seq
    } else if (reading.missing.delete(seq)) wrong('out of order', topic, seq, `after ${reading.last}`)
    else wrong('doubled', topic, seq, `again after ${reading.last}`)
  }

  /** Follows the state, and what became of each connection. */
  function watch(record: TransitionRecord): void {
    const { state, to, effects } = record
    dialling = state.dial !== null
    for (const connection of [state.serving, state.dial]) {
      if (!connection || ids.get(connection.number) === connection.id) continue
      ids.set(connection.number, connection.id)
      if (ids.size > MOST_ENDINGS) ids.delete(Math.min(...ids.keys()))
    }
    for (const effect of effects) {
      if (effect.type !== 'disconnected') continue
      const { connection, code, reason, origin } = effect.disconnect
      const id = ids.get(connection ?? 0) ?? 'a dial'
      endings.push(`${id}: ${code} ${reason} ${origin}${effect.silent ? ', another one serves' : ''}`)
      if (endings.length > MOST_ENDINGS) endings.shift()
    }
    if (to === 'open') wasOpen = true
    else if (setting.steady && wasOpen && to !== 'closed') wrong('not open', '', null, to)
    for (const listener of listeners) listener(record)
  }

  async function provide(): Promise<{ readonly token: string; readonly expiresAt: number }> {
    await held
    const ms = lifeMs ?? TOKEN_MS
    if (lifeMs !== null) {
      lifeMs = null
      // Whoever asks again is answered when it is too late.
      held = new Promise(resolve => {
        const over = (): void => {
          held = undefined
          clearTimeout(timer)
          socket.removeEventListener('close', over)
          resolve()
        }
        const timer = setTimeout(over, ms + 5_000)
        socket.addEventListener('close', over)
      })
    }
    const expiresAt = Date.now() + ms
    return { token: tokenOf(`user-${number}`, expiresAt), expiresAt }
  }

  const socket = new ResilientWebSocket(`ws://127.0.0.1:${port}/live?client=${number}`, [], {
    WebSocket: setting.dialsWith ?? recorded.WebSocket,
    session: session({ topic: main }),
    auth: provide,
    watch,
    // Faults come much faster here than in life.
    backoff: ({ attempt, roll }) => 20 + roll * Math.min(1_000, 100 * attempt),
    connectTimeoutMs: 4_000,
    // So do expired credentials: three within one stable window would be three refused ones, and the end.
    stableMs: 500,
    ...setting.options,
  })
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', event => {
    if (!('topic' in event && 'seq' in event && 'epoch' in event)) return wrong('another event', main, null, 'plain')
    const { topic, epoch, seq, data } = event
    take(`${topic}`, `${epoch}`, Number(seq), data instanceof ArrayBuffer ? new Uint8Array(data) : data)
  })
  others.forEach((topic, index) => {
    socket.topic(topic).on(async ({ epoch, seq, data }) => {
      // Some handlers take their time, and the cursor waits for them.
      if (index % 2 && chance() < 0.2) await after(chance() * 10)
      take(topic, epoch, seq, data)
    })
  })
  socket.on('gap', gap => wrong('gap', gap.topic, gap.to, `${gap.reason} ${gap.from} to ${gap.to} in ${gap.epoch}`))
  socket.on('problem', () => {})
  socket.on('discard', ({ messages, why }) => wrong('undelivered', '', null, `${messages} discarded: ${why}`))
  socket.addEventListener('close', event => {
    if (!event.willReconnect && !closing) wrong('closed for good', '', null, `${event.code} ${event.reason}`)
  })
  let closing = false

  /** Messages that nobody has answered; the others are looked at, and forgotten. */
  function settle(): typeof pending {
    pending = pending.filter(({ message: { state }, topic, n }) => {
      const lives = state === 'queued' || state === 'sent' || state === 'maybe-delivered'
      if (!lives && state !== 'acknowledged') wrong('undelivered', topic, null, `message ${n} is ${state}`)
      return lives
    })
    return pending
  }

  function say(): void {
    const topic = topics[turn++ % topics.length] ?? main
    const n = (sent.get(topic) ?? 0) + 1
    const json = JSON.stringify({ by: number, n, padding: PADDING })
    const bytes = n % 10 === 0
    try {
      const message =
        topic === main
          ? socket.send(bytes ? Buffer.from(json) : json, {})
          : socket.topic(topic).send(bytes ? Buffer.from(json) : JSON.parse(json))
      sent.set(topic, n)
      ledger.sent++
      pending.push({ message, topic, n })
    } catch {
      // The outbox is full: it was not taken, and is not counted.
    }
  }

  function chat(): void {
    const behind = topics.reduce((sum, topic) => sum + ledger.head(topic) - (readings.get(topic)?.last ?? 0), 0)
    if (behind < MOST_BEHIND || !settle().length) say()
  }

  return {
    number,
    topics,
    socket,
    sent,
    get connection() {
      return socket.status.connectionId ?? undefined
    },
    get open() {
      return socket.status.state === 'open'
    },
    get dials() {
      return dialling
    },
    flying: () => ({
      up: settle().some(({ message: { state } }) => state === 'sent' || state === 'maybe-delivered'),
      down: topics.some(topic => ledger.head(topic) > (readings.get(topic)?.last ?? 0)),
    }),
    unanswered: () => settle().length,
    heard: (topic, by) => readings.get(topic)?.heard.get(by) ?? 0,
    reached: topic => readings.get(topic)?.last ?? 0,
    missing: topic => readings.get(topic)?.missing ?? new Set(),
    say,
    chat,
    async talk(goesOn) {
      for (const until = performance.now() + MOST_TALK_MS; performance.now() < until && goesOn(); ) {
        chat()
        await after(TALK_MS)
      }
    },
    onStep(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    credentialLives(ms) {
      lifeMs = ms
      socket.refreshAuth()
    },
    wrong,
    stuck,
    close() {
      closing = true
      socket.close()
    },
  }
}
