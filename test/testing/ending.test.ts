import { describe, expect, it } from 'vitest'
import { type Disconnect, ResilientWebSocket } from '../../src/index.ts'
import {
  type Behaviour,
  closes,
  ending,
  refuses,
  resets,
  scriptedServer,
  sequence,
  virtualClock,
} from '../../src/testing/index.ts'

/** The first disconnect of a socket whose server behaves so, without what was decided about it. */
async function first(behaviour: Behaviour): Promise<Omit<Disconnect, 'next'>> {
  const clock = virtualClock({ rolls: [0.5] })
  const server = scriptedServer(behaviour, { clock })
  const socket = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
  const seen: Disconnect[] = []
  socket.addEventListener('close', event => seen.push(event.disconnect))
  await clock.advance(60_000)
  socket.close()
  const [disconnect] = seen
  if (!disconnect) throw new Error('It was not closed.')
  const { next: _, ...facts } = disconnect
  return facts
}

describe('ending()', () => {
  it('without facts is what a policy is shown when a connection breaks after a minute', async () => {
    expect(ending()).toEqual(await first(sequence(resets({ afterMs: 60_000 }))))
  })

  it('with a code is what a policy is shown of a close frame', async () => {
    const closed = await first(closes({ code: 4003, reason: 'banned', afterMs: 60_000 }))
    expect(ending({ code: 4003, reason: 'banned' })).toEqual(closed)
    const silent = await first(closes({ afterMs: 60_000 }))
    expect(ending({ code: 1005 })).toEqual(silent)
  })

  it('of a connection that was never open is what a policy is shown of a dial that failed', async () => {
    const failed = await first(refuses())
    expect(ending({ openMs: null })).toEqual(failed)
    expect(ending({ origin: 'dial-failed' })).toEqual(failed)
  })

  it.each(['dial-timeout', 'provider', 'hook'] as const)('of origin %s was never open, and not clean', origin => {
    expect(ending({ origin })).toMatchObject({ origin, code: 1006, openMs: null, wasClean: false })
  })

  it.each(['heartbeat', 'browser-failed', 'network'] as const)('of origin %s was open, and not clean', origin => {
    expect(ending({ origin })).toMatchObject({ origin, code: 1006, openMs: 60_000, wasClean: false })
  })

  it('with a code that travels in no frame is not clean, whoever is said to have ended it', () => {
    expect(ending({ code: 1015 })).toMatchObject({ origin: 'network', wasClean: false })
    expect(ending({ origin: 'server', code: 1006 }).wasClean).toBe(false)
    expect(ending({ origin: 'client', code: 4000 }).wasClean).toBe(true)
  })

  it('says what it is told to, whatever else that suggests', () => {
    const odd = { origin: 'server', code: 1006, wasClean: true, attempt: 3, refusals: 1, openMs: null } as const
    expect(ending(odd)).toMatchObject(odd)
  })
})
