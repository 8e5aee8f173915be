import ReconnectingWebSocket from 'reconnecting-websocket'
import type { Open } from './subject.ts'

export const open: Open = (url, receive, listening) => {
  const socket = new ReconnectingWebSocket(url)
  if (listening === 'attribute') socket.onmessage = receive
  else socket.addEventListener('message', receive)
  return socket
}
