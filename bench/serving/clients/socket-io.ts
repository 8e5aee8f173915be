import { WebSocket } from 'ws'
import { type Dial, type Dialled, published } from '../serving.ts'

/** Version 5 of Socket.IO's protocol over version 4 of Engine.IO's: 0 open, 2 ping, 3 pong, 40 connect, 42 event, 43 acknowledgement. */
export const dial: Dial = (port, { answered, event }) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
  let id = 0
  const dialled: Dialled = { send: message => socket.send(`42${id++}["say",${message}]`) }
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', frame => {
      const text = `${frame}`
      if (text.startsWith('43')) {
        JSON.parse(text.slice(text.indexOf('[')))
        answered()
      } else if (text.startsWith('42')) {
        const [, value] = JSON.parse(text.slice(2))
        event(published(value))
      } else if (text === '2') socket.send('3')
      else if (text.startsWith('40')) resolve(dialled)
      else if (text.startsWith('0')) socket.send('40')
      else reject(new Error(`Unexpected: ${text}`))
    })
  })
}
