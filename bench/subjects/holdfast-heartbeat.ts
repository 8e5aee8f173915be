import { ping, ResilientWebSocket } from '../../src/index.ts'
import type { Open } from './subject.ts'

export const open: Open = (url, receive) => {
  const socket = new ResilientWebSocket(url, [], { heartbeat: ping() })
  socket.addEventListener('message', receive)
  return socket
}
