import { ArrayQueue, ConstantBackoff, WebsocketBuilder, WebsocketEvent } from 'websocket-ts'
import type { Open } from './subject.ts'

// By default it does not reconnect; these are the options of its quickstart. It has no `onmessage` attribute.
export const open: Open = (url, receive) => {
  const socket = new WebsocketBuilder(url).withBuffer(new ArrayQueue()).withBackoff(new ConstantBackoff(1_000)).build()
  socket.addEventListener(WebsocketEvent.message, (_, event) => receive(event))
  return socket
}
