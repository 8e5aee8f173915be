/** Every option, alone and together. */
import { WebSocket as MockSocket } from 'mock-socket'
import { WebSocket as Ws } from 'ws'
import {
  type Backoff,
  type Clock,
  type DialContext,
  fullJitter,
  type Options,
  type PageSignals,
  ResilientWebSocket,
  type Watcher,
} from '../../src/index.ts'

const backoff: Backoff = ({ attempt, previousMs, failingMs, slow, roll }) =>
  slow ? undefined : roll * (attempt + previousMs + failingMs)
const watch: Watcher = ({ event, from, to, effects }) => void [event.type, from, to, effects.length]
const pageSignals: PageSignals = tell => {
  tell('network-changed')
  return () => {}
}
const clock: Clock = { now: () => 0, wall: () => 0, roll: () => 0, schedule: () => () => {} }

const options: Options = {
  reconnect: true,
  outbox: { maxMessages: 10, maxBytes: 1_000 },
  backoff,
  maxAttempts: 5,
  connectTimeoutMs: 5_000,
  stableMs: 1_000,
  startClosed: true,
  WebSocket,
  signal: AbortSignal.timeout(1_000),
  watch,
  clock,
  pageSignals,
}

new ResilientWebSocket('wss://feed.example', [], options)
new ResilientWebSocket('wss://feed.example', undefined, { outbox: false })
new ResilientWebSocket('wss://feed.example', [], { backoff: fullJitter({ baseMs: 1_000, capMs: 30_000 }) })
new ResilientWebSocket('wss://feed.example', [], { WebSocket: ResilientWebSocket })
// Their events have types of their own; the classes are welcome.
new ResilientWebSocket('wss://feed.example', [], { WebSocket: Ws })
new ResilientWebSocket('wss://feed.example', [], { WebSocket: MockSocket })
new ResilientWebSocket(
  () => 'wss://feed.example',
  () => ['v1'],
)
new ResilientWebSocket(
  async ({ signal, attempt }: DialContext) => new URL(`wss://feed.example/${attempt}/${signal.aborted}`),
  async () => 'v1',
)
