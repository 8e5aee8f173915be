import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import { type Dial, type Dialled, published } from '../serving.ts'

/** As often as our client acknowledges events (src/session/acknowledgements.ts), but for the one a second after a single event. */
const ACK_EVERY = 32

/** The session protocol: greets, answers pings, acknowledges events. */
export const dialSession =
  (kind: 'message' | 'request'): Dial =>
  (port, { answered, event }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ['holdfast.v1'])
    const say = (frame: object): void => socket.send(JSON.stringify(frame))
    const client = randomBytes(9).toString('base64url')
    const tail = kind === 'request' ? ',"request":true}' : '}'
    let counter = 0
    const dialled: Dialled = {
      send: message => socket.send(`{"t":"msg","id":"${client}-${++counter}","topic":"room","data":${message}${tail}`),
    }
    socket.on('open', () => say({ t: 'hello', v: 1, client, conn: client, topics: [{ topic: 'news' }] }))
    return new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', text => {
        const frame = JSON.parse(`${text}`)
        switch (frame.t) {
          case 'ok':
            return answered()
          case 'event':
            if (frame.seq % ACK_EVERY === 0) say({ t: 'ack', topic: 'news', seq: frame.seq })
            return event(published(frame.data))
          case 'ping':
            return say({ t: 'pong', n: frame.n })
          case 'subbed':
            return resolve(dialled)
          case 'welcome':
            return
          default:
            // Whoever is refused would wait for ever: the lane ends, and with it the run.
            process.stderr.write(`Unexpected: ${text}\n`)
            return process.exit(1)
        }
      })
    })
  }
