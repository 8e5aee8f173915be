import { type Past, ResilientWebSocket } from 'holdfast'
import { accepts, type Behaviour, closes, ending, scriptedServer, sequence, virtualClock } from 'holdfast/testing'
import { describe, expect, it } from 'vitest'
import { auctionPolicy } from './policy.ts'

const THREE_O_CLOCK = Date.parse('2026-03-01T03:00:00Z')

/** A policy is a function: no socket, no server, no clock. */
const policy = auctionPolicy({ now: () => THREE_O_CLOCK, random: () => 0.5 })

const deploy: Past = { origin: 'server', code: 1012, openMs: 800, endedAt: THREE_O_CLOCK }

describe('the policy of the auction house', () => {
  it('stops when the auction is over, and when somebody is banned', () => {
    expect(policy(ending({ code: 1000 }))).toBe('stop')
    expect(policy(ending({ code: 4003 }))).toBe('stop')
  })

  it('fetches another session when one has expired', () => {
    expect(policy(ending({ code: 4401, reason: 'token expired' }))).toBe('refresh-auth')
  })

  it.each([
    [4290, 5_000],
    [4291, 10_000],
    [4293, 40_000],
    [4296, 300_000],
    [4299, 300_000],
  ])('slows down for as long as %i says', (code, afterMs) => {
    expect(policy(ending({ code }))).toEqual({ afterMs })
  })

  it('comes back when the maintenance is over, within half a minute', () => {
    const until = (time: string): unknown => policy(ending({ code: 4503, reason: `database, until=${time}` }))
    expect(until('2026-03-01T03:05:00Z')).toEqual({ afterMs: 315_000 })
    expect(until('2026-03-01T02:59:00Z')).toEqual({ afterMs: 15_000 })
    expect(until('soon')).toBe('retry-slowly')
    expect(policy(ending({ code: 4503 }))).toBe('retry-slowly')
  })

  it('waits a deploy out once three servers in a row have gone away under it', () => {
    expect(policy(ending({ ...deploy, attempt: 1, history: [deploy] }))).toBeUndefined()
    expect(policy(ending({ ...deploy, attempt: 2, history: [deploy, deploy] }))).toBe('retry-slowly')
  })

  it('takes servers that were up for a while, or long ago, for what they are', () => {
    const stayed = { ...deploy, openMs: 60_000 }
    expect(policy(ending({ ...deploy, attempt: 2, history: [stayed, deploy] }))).toBeUndefined()
    expect(policy(ending({ ...stayed, attempt: 2, history: [deploy, deploy] }))).toBeUndefined()
    expect(policy(ending({ ...deploy, attempt: 0, history: [deploy, deploy] }))).toBeUndefined()
  })

  it('leaves everything else to the standard table', () => {
    for (const code of [1001, 1006, 1011, 1013, 4000, 4289, 4300, 4999])
      expect(policy(ending({ code }))).toBeUndefined()
    expect(policy(ending({ origin: 'dial-failed' }))).toBeUndefined()
  })
})

/** The same policy at work: when a client of that server dials, in seconds. No waiting: the clock is moved by hand. */
async function dialsIn(ms: number, behaviour: Behaviour): Promise<readonly number[]> {
  const clock = virtualClock({ rolls: [0.5] })
  const server = scriptedServer(behaviour, { clock })
  const closePolicy = auctionPolicy({ now: clock.wall, random: clock.roll })
  const socket = new ResilientWebSocket('wss://auction.example', [], {
    clock,
    WebSocket: server.WebSocket,
    closePolicy,
  })
  await clock.advance(ms)
  socket.close()
  return server.dials.map(({ at }) => Math.round(at / 1_000))
}

describe('a client with that policy', () => {
  it('never comes back to an auction that is over', async () => {
    expect(await dialsIn(3_600_000, closes({ code: 1000, afterMs: 10_000 }))).toEqual([0])
  })

  it('bids again after the delay that it was given', async () => {
    expect(await dialsIn(60_000, sequence(closes({ code: 4291 }), accepts()))).toEqual([0, 10])
  })

  it('asks every ten minutes during a long maintenance, and is back right after it', async () => {
    const until = virtualClock().wall() + 1_500_000
    const reason = `until=${new Date(until).toISOString()}`
    const closed = closes({ code: 4503, reason })
    const opens = accepts()
    expect(await dialsIn(3_600_000, connection => (connection.dial.wall < until ? closed : opens)(connection))).toEqual(
      [0, 600, 1_200, 1_515],
    )
  })

  it('gives a rolling deploy half a minute after the third server', async () => {
    const goes = closes({ code: 1012, afterMs: 1_000 })
    expect(await dialsIn(120_000, sequence(goes, goes, goes, accepts()))).toEqual([0, 3, 8, 39])
  })
})
