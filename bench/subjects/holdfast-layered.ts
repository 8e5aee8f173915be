import { firstMessage, ping, ResilientWebSocket } from '../../src/index.ts'
import type { Open } from './subject.ts'

const auth = {
  provider: async () => ({ token: 'a-token-of-the-session', expiresAt: Date.now() + 3_600_000 }),
  carry: firstMessage(token => JSON.stringify({ type: 'auth', token })),
}

/** With everything that an app has which lives for long: a heartbeat that asks, and credentials that expire. */
export const open: Open = (url, receive, listening) => {
  const socket = new ResilientWebSocket(url, [], { heartbeat: ping(), auth })
  if (listening === 'attribute') socket.onmessage = receive
  else socket.addEventListener('message', receive)
  return socket
}
