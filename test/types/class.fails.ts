/** What the class must refuse to compile. */
import { ResilientWebSocket } from '../../src/index.ts'

// @ts-expect-error: an address is required
new ResilientWebSocket()
// @ts-expect-error: an address is no number
new ResilientWebSocket(80)
// @ts-expect-error: an address that comes from a function is no number either
new ResilientWebSocket(() => 80)
// @ts-expect-error: a promise is no address: give the function that makes it, so that it can be called again
new ResilientWebSocket(Promise.resolve('wss://feed.example'))
// @ts-expect-error: subprotocols are texts
new ResilientWebSocket('wss://feed.example', [1])
// @ts-expect-error: options come third
new ResilientWebSocket('wss://feed.example', { reconnect: false })

const socket = new ResilientWebSocket('wss://feed.example')

// @ts-expect-error: a message is required
socket.send()
// @ts-expect-error: a number is no message
socket.send(5)
// @ts-expect-error: an object is no message: say how it becomes one
socket.send({ type: 'hello' })
// @ts-expect-error: a close code is a number
socket.close('4000')
// @ts-expect-error: what the socket shows is not for writing
socket.readyState = 1
// @ts-expect-error: nor is the status
socket.status = new ResilientWebSocket('wss://feed.example').status
// @ts-expect-error: nor the live counter
socket.lastMessageAt = 0
// @ts-expect-error: a constant is not for writing
ResilientWebSocket.OPEN = 2
// @ts-expect-error: there are two kinds of binary message
socket.binaryType = 'text'
// @ts-expect-error: reconnect() takes nothing
socket.reconnect(1001)
// @ts-expect-error: not a lifecycle event
socket.on('open', () => {})
// @ts-expect-error: a status is no text
socket.on('status', (status: string) => status)
// @ts-expect-error: an open event has no close code
socket.addEventListener('open', ({ code }) => code)
// @ts-expect-error: an error event says nothing
socket.addEventListener('error', ({ message }) => message)
// @ts-expect-error: ready() gives nothing
socket.ready().then(status => status.state)
