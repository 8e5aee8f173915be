import ReconnectingWebSocket from 'reconnecting-websocket'
import type { Open } from './subject.ts'

// It draws its first delay once per page load, from 1 to 5 s. Here many clients share a load: each draws its own.
export const open: Open = (url, receive) => {
  const socket = new ReconnectingWebSocket(url, [], { minReconnectionDelay: 1_000 + Math.random() * 4_000 })
  socket.addEventListener('message', receive)
  return socket
}
