import { assert, vi } from 'vitest'
import type { Proofs } from './proof.ts'

export const platform: Proofs = {
  'asks for the subprotocols that the platform asks for': async ({ open, server, advance }) => {
    open({ protocols: null })
    await advance(100)
    const asked = JSON.stringify(server.latest.dial.protocols)
    assert(asked === '["null"]', `asked for ${asked} where the platform asks for ["null"]`)
  },

  'tells of a close where the platform has no CloseEvent': async ({ socket, server, advance, uncaught }) => {
    vi.stubGlobal('CloseEvent', undefined)
    const made = socket()
    let closes = 0
    await advance(100)
    made.addEventListener('close', () => closes++)
    server.latest.reset()
    await advance(100)
    uncaught.length = 0
    assert(closes === 1, `a listener was told of ${closes === 0 ? 'no' : closes} close`)
  },
}
