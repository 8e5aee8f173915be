// What is published, imported where there is neither WebSocket nor CloseEvent (as in Node 20).
import assert from 'node:assert/strict'

delete globalThis.WebSocket
delete globalThis.CloseEvent

const entries = [
  'holdfast',
  'holdfast/observe',
  'holdfast/polling',
  'holdfast/sse',
  'holdfast/testing',
  'holdfast/worker-clock',
]
for (const entry of entries) {
  const loaded = await import(entry)
  assert.ok(Object.keys(loaded).length > 0, `${entry} exports nothing`)
}

const { ResilientWebSocket, ResilientError } = await import('holdfast')
assert.throws(
  () => new ResilientWebSocket('wss://example.com'),
  error => error instanceof ResilientError && error.code === 'ERR_NO_WEBSOCKET',
)
const asleep = new ResilientWebSocket('wss://example.com', [], { startClosed: true })
assert.equal(asleep.readyState, ResilientWebSocket.CLOSED)
assert.equal(asleep.status.state, 'closed')

// A close event where the platform has no class for it.
const { scriptedServer, refuses } = await import('holdfast/testing')
const server = scriptedServer(refuses())
const socket = new ResilientWebSocket('wss://example.com', [], { WebSocket: server.WebSocket, reconnect: false })
const closed = await new Promise(resolve => {
  socket.onclose = resolve
})
assert.equal(closed.code, 1006)
assert.equal(closed.willReconnect, false)
assert.equal(closed.target, socket)
console.log(`${entries.length} entry points load in bare Node ${process.version} (ESM), and close events work there`)
