import { assert, vi } from 'vitest'
import { type Proofs, times } from './proof.ts'

const MINUTE_MS = 60_000

export const resume: Proofs = {
  'keeps nothing in the storage of a tab': async ({ open, server, stored, advance }) => {
    vi.stubGlobal('fetch', longPolling())
    server.behaviour = connection => connection.refuse()
    open()
    await advance(MINUTE_MS)
    assert(stored.size === 0, `wrote ${[...stored.keys()].join(', ')}`)
  },

  'is back on WebSocket when that works again': async ({ open, server, advance }) => {
    vi.stubGlobal('fetch', longPolling())
    server.behaviour = connection => connection.refuse()
    open()
    await advance(MINUTE_MS)
    server.behaviour = connection => connection.accept()
    await advance(3 * MINUTE_MS)
    const dials = server.dials.length
    assert(
      server.open.length === 1,
      `${times(dials, 'dial')} by WebSocket, none in the three minutes in which it worked`,
    )
  },
}

/** A server for long polling, as Phoenix answers it: a session, and then nothing new every second. */
function longPolling(): typeof fetch {
  let greeted = false
  return async (_, { method } = {}) => {
    if (method === 'POST') return Response.json({ status: 200 })
    await new Promise(resolve => setTimeout(resolve, 1_000))
    const status = greeted ? 204 : 410
    greeted = true
    return Response.json({ status, token: 'a token', messages: [] })
  }
}
