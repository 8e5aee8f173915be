// A process of its own: one socket that stays for years and is dialled thousands of times, under a virtual clock.
import { firstMessage, ping, ResilientWebSocket, type TransitionRecord } from '../../src/index.ts'
import { log } from '../../src/observe/index.ts'
import {
  type Behaviour,
  refuses,
  type ScriptedConnection,
  scriptedPage,
  virtualClock,
} from '../../src/testing/index.ts'
import { census } from './census.ts'
import { forgetfulServer } from './forgetful-server.ts'
import { readHere } from './read-here.ts'
import { complaints, type Reading } from './reading.ts'

export interface LongPlan {
  /** The reconnects after which the memory is looked at. */
  readonly early: number
  readonly late: number
  /** Every transition is kept, as an app's log might. */
  readonly planted: boolean
}

/** Longer than the stable window. */
const STABLE_MS = 11_000
const MINUTE_MS = 60_000
const HEAP_BYTES = 200_000

const answersAll: Behaviour = connection => {
  connection.accept()
  connection.heard(message => connection.send(message === 'ping' ? 'pong' : message))
}

/** Ways in which a connection ends, in turns. */
const endings: readonly ((connection: ScriptedConnection, socket: ResilientWebSocket) => void)[] = [
  connection => connection.reset(),
  connection => connection.close(1012, 'service restart'),
  connection => connection.goSilent(),
  connection => connection.breakProtocol(),
  connection => connection.close(4401, 'token expired'),
  (_, socket) => socket.reconnect(),
  (_, socket) => socket.refreshAuth(),
]

async function main(): Promise<void> {
  const { early, late, planted }: LongPlan = JSON.parse(process.argv[2] ?? '')
  const { counts, note } = census()
  const clock = virtualClock({ seed: 7 })
  const page = scriptedPage()
  const server = forgetfulServer(
    clock,
    dial => (dial % 5 ? answersAll : refuses()),
    native => note('natives', native),
  )
  const kept: TransitionRecord[] = []
  const writes = log({ write: () => {} })
  let tokens = 0
  const socket = new ResilientWebSocket('wss://feed.example/live', [], {
    clock,
    WebSocket: server.WebSocket,
    pageSignals: page.signals,
    heartbeat: ping(),
    auth: {
      provider: async () => ({ token: `token ${++tokens}`, expiresAt: clock.wall() + 10 * MINUTE_MS }),
      carry: firstMessage(token => token),
    },
    async beforeOpen({ receive }) {
      await receive(({ data }) => String(data).startsWith('token'))
    },
    watch(record) {
      writes(record)
      if (planted) kept.push(record)
    },
  })
  let opened = 0
  socket.addEventListener('open', () => opened++)
  socket.addEventListener('message', () => {})
  socket.on('status', () => {})
  socket.on('problem', () => {})
  socket.subscribe('room', {
    async join({ send, receive }) {
      send('join')
      await receive()
    },
  })

  async function run(until: number): Promise<void> {
    while (opened < until) {
      // Most of them do not last: what was learnt of them adds up.
      if (opened % 3 === 0) await clock.advance(STABLE_MS)
      const before = opened
      endings[opened % endings.length]?.(server.latest, socket)
      await clock.advance(0)
      socket.send('while nothing is open')
      if (opened % 11 === 0) clock.sleep(2 * MINUTE_MS)
      page.say(opened % 2 ? 'offline' : 'online')
      while (opened === before) await clock.advance(Math.max(1, clock.nextAt - clock.now()))
    }
  }

  const read = (): Promise<Reading> => readHere(counts, () => page.listening)
  await run(1)
  const before = await read()
  await run(early)
  const first = await read()
  await run(late)
  const told = complaints([before, first, await read()], HEAP_BYTES)
  socket.close()
  await clock.advance(MINUTE_MS)
  const left = clock.timers + page.listening
  process.send?.([...told, ...(left ? [`${left} timers and listeners outlive close()`] : [])], () => process.exit())
}

main()
