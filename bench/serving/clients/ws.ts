import { once } from 'node:events'
import { WebSocket } from 'ws'
import { type Dial, published } from '../serving.ts'

/** No protocol at all: what comes is an answer while one is owed, and an event otherwise. */
export const dial: Dial = async (port, { answered, event }) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
  let owed = 0
  socket.on('message', frame => {
    const value: unknown = JSON.parse(`${frame}`)
    if (owed === 0) event(published(value))
    else {
      owed--
      answered()
    }
  })
  await once(socket, 'open')
  return {
    send(message) {
      owed++
      socket.send(message)
    },
  }
}
