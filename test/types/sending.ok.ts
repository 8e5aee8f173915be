/** How to send, and what to tell the server again. */
import {
  type AuthOptions,
  type CloseRule,
  type ConnectionHook,
  closePolicy,
  firstMessage,
  type HookConnection,
  type Message,
  type Options,
  type OutboxOptions,
  ResilientWebSocket,
  type SendOptions,
  type Subscription,
  subprotocol,
  ticket,
} from '../../src/index.ts'
import type { DeliveryState } from '../../src/session/index.ts'

const socket = new ResilientWebSocket(['wss://one.example', new URL('wss://two.example')], ['v1'])

const nothing: () => void = () => socket.send('x')
const message: Message = socket.send('x', { volatile: true, ttlMs: 1_000 })
const how: SendOptions = {}
socket.send(new Uint8Array(1), how).state satisfies DeliveryState
message.cancel() satisfies boolean
const drained: Promise<void> = socket.drained()

const join = async ({ send, receive, signal, protocol, close }: HookConnection): Promise<void> => {
  send(`+${protocol}`)
  const { data } = await receive(event => event.data !== '')
  await receive()
  if (signal.aborted || data === 'no') close(4403, 'no')
}
const room: Subscription = { join }
const leave: () => void = socket.subscribe('room', room)
socket.subscribe('room', { join: ({ send }) => send('+'), leave: ({ send }) => send('-') })

class Room implements Subscription {
  readonly name = 'room'
  join({ send }: HookConnection): void {
    send(this.name)
  }
}
socket.subscribe('room', new Room())

const rules: readonly CloseRule[] = [
  { 4401: 'refresh-auth', '4000-4099': { afterMs: 5_000 } },
  ({ code, origin, history }) => (origin === 'hook' && code === 4000 && history.length > 3 ? 'stop' : undefined),
  closePolicy({ 1013: 'retry' }),
]
const beforeOpen: ConnectionHook = join
const outbox: OutboxOptions = { overflow: 'drop-oldest', ttlMs: 5_000, maxMessageBytes: 65_536 }
const auth: AuthOptions = { provider: () => null, carry: subprotocol('v1'), onRotate: 'keep' }
const options: readonly Options[] = [
  { closePolicy: rules, beforeOpen, outbox, auth, maxAgeMs: 3_600_000 },
  { closePolicy: { 1000: 'stop' }, beforeOpen: () => {}, auth: async ({ signal }) => `${signal.aborted}` },
  {
    auth: { provider: async () => ({ token: 'x', expiresAt: 1, identity: 'me' }), carry: firstMessage(token => token) },
  },
  { auth: { provider: () => undefined, carry: ticket(async ({ token }) => token) } },
]
const refresh: () => void = () => socket.refreshAuth()

export { drained, leave, nothing, options, refresh }
