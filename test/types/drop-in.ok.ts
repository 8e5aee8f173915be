/** Whatever takes a WebSocket takes a ResilientWebSocket. */
import { ResilientWebSocket } from '../../src/index.ts'

const socket: WebSocket = new ResilientWebSocket('wss://feed.example')
const target: EventTarget = new ResilientWebSocket(new URL('wss://feed.example'), ['v2', 'v1'])

function listen(native: WebSocket): void {
  native.onopen = event => event.target
  native.onmessage = ({ data }) => data
  native.onclose = ({ code, reason, wasClean }) => [code, reason, wasClean]
  native.addEventListener('close', ({ code }: CloseEvent) => code)
  native.binaryType = 'arraybuffer'
  native.send(new Uint8Array([1]))
  native.send(new Blob([]))
  native.close(4000, 'reason')
}
listen(new ResilientWebSocket('wss://feed.example', 'v1', {}))
listen(socket)

const Class: new (url: string | URL, protocols?: string | string[]) => WebSocket = ResilientWebSocket
const states: readonly [0, 1, 2, 3] = [
  ResilientWebSocket.CONNECTING,
  ResilientWebSocket.OPEN,
  ResilientWebSocket.CLOSING,
  ResilientWebSocket.CLOSED,
]
const constructors: readonly (typeof WebSocket.prototype.close)[] = [ResilientWebSocket.prototype.close]

class Mine extends ResilientWebSocket {
  get isOpen(): boolean {
    return this.readyState === this.OPEN
  }
}
new Mine('wss://feed.example', [], { reconnect: false, outbox: false }).isOpen satisfies boolean

export { Class, constructors, states, target }
