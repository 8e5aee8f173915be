import { type Options, ping, ResilientWebSocket, subprotocol } from '../../../src/index.ts'
import { URL_OF_SERVER, type Wish } from '../subject.ts'
import { dropIn } from './drop-in.ts'

function construct(wish: Wish): ResilientWebSocket {
  const { url = URL_OF_SERVER, protocols, maxAttempts, instantly, maxQueued, heartbeat, stopOn, provider } = wish
  const options: Options = {
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(instantly && { backoff: () => 0 }),
    ...(maxQueued !== undefined && { outbox: { maxMessages: maxQueued } }),
    ...(heartbeat && { heartbeat: ping() }),
    ...(stopOn && { closePolicy: ({ code }) => (stopOn(code) ? 'stop' : undefined) }),
    ...(provider && { auth: { provider, carry: subprotocol('v1') } }),
  }
  return Reflect.construct(ResilientWebSocket, [url, protocols === undefined ? [] : protocols, options])
}

export const holdfast = dropIn(
  { name: 'Holdfast', about: 'with the options that a test is about' },
  construct,
  socket => ({
    reconnect: () => socket.reconnect(),
    // A room is a subscription here.
    join: (join, leave) => socket.subscribe(join, { join: ({ send }) => send(join), leave: ({ send }) => send(leave) }),
    on: handler => socket.on('status', handler),
  }),
)
