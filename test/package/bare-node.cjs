// The CommonJS build, where there is neither WebSocket nor CloseEvent (as in Node 20).
const assert = require('node:assert/strict')

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
for (const entry of entries) assert.ok(Object.keys(require(entry)).length > 0, `${entry} exports nothing`)

const { ResilientWebSocket } = require('holdfast')
assert.throws(() => new ResilientWebSocket('wss://example.com'), { code: 'ERR_NO_WEBSOCKET' })
console.log(`${entries.length} entry points load in bare Node ${process.version} (CommonJS)`)
