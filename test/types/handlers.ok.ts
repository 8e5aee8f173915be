/** Handler attributes hear the same events as listeners do. */
import { ResilientWebSocket } from '../../src/index.ts'

const socket = new ResilientWebSocket('wss://feed.example')

socket.onopen = ({ reconnected, attempt }) => [reconnected satisfies boolean, attempt satisfies number]
socket.onclose = ({ willReconnect, retryInMs, code }) => [
  willReconnect satisfies boolean,
  retryInMs satisfies number | null,
  code satisfies number,
]
socket.onclose = ({ code }: CloseEvent) => code
socket.onmessage = ({ data }) => data
socket.onerror = event => event satisfies Event
socket.onclose = null

const handler: WebSocket['onclose'] = socket.onclose

export { handler }
