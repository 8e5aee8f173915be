import { ping, ResilientWebSocket } from '../../src/index.ts'
import type { Open } from './subject.ts'

export const open: Open = (url, receive, listening) => {
  const socket = new ResilientWebSocket(url, [], { heartbeat: ping() })
  if (listening === 'attribute') socket.onmessage = receive
  else socket.addEventListener('message', receive)
  return socket
}
