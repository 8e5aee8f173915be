import { WebSocketServer } from 'ws'
import type { Serve } from '../serving.ts'

/** Sends back what it gets, without a look at it. */
export const serve: Serve = http => {
  const server = new WebSocketServer({ server: http })
  server.on('connection', socket => {
    socket.on('message', (message, binary) => socket.send(message, { binary }))
  })
  return {
    publish(event) {
      const text = JSON.stringify(event)
      for (const client of server.clients) client.send(text)
    },
  }
}
