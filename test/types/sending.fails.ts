/** What send(), subscribe() and the options about them must refuse to compile. */
import { type ConnectionHook, type Options, ResilientWebSocket, type Subscription } from '../../src/index.ts'

const socket = new ResilientWebSocket('wss://feed.example')

// @ts-expect-error: a plain send gives no handle
socket.send('x').cancel()
// @ts-expect-error: misspelt
socket.send('x', { volatil: true })
// @ts-expect-error: milliseconds are a number
socket.send('x', { ttlMs: '1s' })
// @ts-expect-error: a callback is of another library
socket.send('x', () => {})
// @ts-expect-error: what became of it is not for writing
socket.send('x', {}).state = 'sent'
// @ts-expect-error: drained() gives nothing
socket.drained().then(bytes => bytes.length)
// @ts-expect-error: a key is a string
socket.subscribe(5, { join: () => {} })
// @ts-expect-error: somebody has to join
socket.subscribe('room', {})
// @ts-expect-error: a function alone does not say how to join
socket.subscribe('room', () => {})
// @ts-expect-error: misspelt
socket.subscribe('room', { join: () => {}, left: () => {} })
// @ts-expect-error: leaving is a call, not a handle
socket.subscribe('room', { join: () => {} }).unsubscribe()

// @ts-expect-error: what a join answers is not looked at
export const answers: Subscription = { join: async () => 'joined' }
// @ts-expect-error: a connection is no socket
export const listens: ConnectionHook = ({ onmessage }) => onmessage
// @ts-expect-error: a code is required
export const closes: ConnectionHook = ({ close }) => close()
// @ts-expect-error: a test answers yes or no
export const receives: ConnectionHook = ({ receive }) => void receive(() => 'yes')

export const wrong: readonly Options[] = [
  // @ts-expect-error: one of three words
  { outbox: { overflow: 'drop' } },
  // @ts-expect-error: a number
  { outbox: { ttlMs: '1s' } },
  // @ts-expect-error: milliseconds have their unit in the name
  { outbox: { ttl: 5 } },
  // @ts-expect-error: a function
  { beforeOpen: 'auth' },
  // @ts-expect-error: a number
  { maxAgeMs: '1h' },
  // @ts-expect-error: milliseconds have their unit in the name
  { maxAge: 5 },
  // @ts-expect-error: no such answer
  { closePolicy: { 4401: 'refresh' } },
  // @ts-expect-error: no such answer
  { closePolicy: () => 'again' },
  // @ts-expect-error: a range has two ends
  { closePolicy: { '4000-': 'stop' } },
  // @ts-expect-error: a provider, not its answer
  { auth: 'token' },
  // @ts-expect-error: a provider is required
  { auth: { onRotate: 'keep' } },
  // @ts-expect-error: one of two words
  { auth: { provider: () => 'token', onRotate: 'drop' } },
]

// @ts-expect-error: an endpoint that comes from a function cannot stand in a list
new ResilientWebSocket([() => 'wss://feed.example'])
