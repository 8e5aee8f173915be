// A component that shows a socket's status, rendered on a server: nothing dials, nothing is listened to, nothing throws.
import assert from 'node:assert/strict'
import { ResilientWebSocket } from 'holdfast'
import { describe } from 'holdfast/observe'
import { createElement, useEffect, useSyncExternalStore } from 'react'
import { renderToString } from 'react-dom/server'

delete globalThis.WebSocket

const socket = new ResilientWebSocket('wss://example.com/live', [], { startClosed: true })
const subscribe = changed => socket.on('status', changed)
const snapshot = () => socket.status

function Connection() {
  const status = useSyncExternalStore(subscribe, snapshot, snapshot)
  useEffect(() => {
    socket.reconnect()
    return () => socket.close()
  }, [])
  return createElement('p', null, describe(status))
}

const html = renderToString(createElement(Connection))
assert.equal(html, '<p>Disconnected</p>')
assert.equal(socket.status, snapshot())
assert.deepEqual(
  process.getActiveResourcesInfo().filter(kind => kind === 'Timeout'),
  [],
)
console.log(`rendered on a server: ${html}`)
