import { Server } from 'socket.io'
import type { Serve } from '../serving.ts'

/** Acknowledges a message with what it says. */
export const serve: Serve = http => {
  // An empty object switches recovery on, for 2 minutes.
  const io = new Server(http, { transports: ['websocket'], serveClient: false, connectionStateRecovery: {} })
  io.on('connection', socket => {
    socket.on('say', (message: unknown, answer: (message: unknown) => void) => answer(message))
  })
  return {
    publish(event) {
      io.emit('news', event)
    },
  }
}
