/** The testing kit fits the options it is made for. */
import { type Options, ResilientWebSocket } from '../../src/index.ts'
import {
  accepts,
  type Behaviour,
  closes,
  echoes,
  type ScriptedConnection,
  scriptedPage,
  scriptedServer,
  sequence,
  type VirtualClock,
  virtualClock,
} from '../../src/testing/index.ts'

const clock: VirtualClock = virtualClock({ now: 0, wall: 0, seed: 1, rolls: [0.5] })
const greets: Behaviour = (connection: ScriptedConnection) => {
  connection.accept()
  connection.heard(message => connection.send(message))
  connection.after(10, () => connection.close(4000, 'bye'))
}
const server = scriptedServer(sequence(greets, closes({ code: 4000 }), echoes(), accepts()), { clock })
const page = scriptedPage()
const options: Options = { clock, WebSocket: server.WebSocket, pageSignals: page.signals }

server.behaviour = accepts({ afterMs: 5 })
export const socket: WebSocket = new ResilientWebSocket('wss://feed.example', [], options)
export const native: WebSocket = new server.WebSocket('wss://feed.example')
