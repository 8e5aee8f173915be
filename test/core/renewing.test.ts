import { describe, expect, it } from 'vitest'
import type { Rules } from '../../src/core/rules.ts'
import { type Machine, machine, renewed, signedIn } from './machine.ts'

/** How a credential is kept fresh. */

const HOUR_MS = 3_600_000

describe('a credential', () => {
  it('is renewed at 80 % of its life, while the connection goes on serving', () => {
    const m = signedIn(HOUR_MS)
    m.pass(0.8 * HOUR_MS - 1)
    expect(m.state.renewal).toBeNull()
    m.pass(1)
    expect(m.effects).toEqual([{ type: 'renew', fresh: false }])
    expect(m.state.renewal).toEqual({ deadlineAt: 0.8 * HOUR_MS + 10_000 })
    expect(m.shows).toBe('open')
  })

  it('is renewed then even when the connection was made late in its life', () => {
    const m = signedIn(HOUR_MS)
    m.pass(0.7 * HOUR_MS)
    m.end()
    m.passUntilDial()
    m.open()
    expect(m.state.serving).toMatchObject({ number: 2, credential: 1, renewAt: 0.8 * HOUR_MS })
  })

  it('is renewed at most once in ten seconds, however short its life', () => {
    const m = signedIn(2_000)
    expect(m.state.serving?.renewAt).toBe(10_000)
    m.pass(10_000)
    renewed(m, 2_000)
    expect(m.state.serving?.renewAt).toBe(20_000)
  })

  it('is not renewed when nobody knows how long it lives', () => {
    const m = signedIn(null)
    m.pass(24 * HOUR_MS)
    expect(m.state.serving?.renewAt).toBeNull()
    expect(m.state.connections).toBe(1)
  })

  it('is asked for at most once in ten seconds by an interface that flaps while the provider fails', () => {
    const m = signedIn(HOUR_MS)
    m.pass(HOUR_MS + 1)
    const asked: number[] = []
    for (let time = 0; time < 1_200; time++) {
      m.signal(time % 2 ? 'online' : 'offline')
      m.pass(50)
      if (m.state.renewal) {
        asked.push(m.now)
        m.on({ type: 'not-renewed' })
      }
    }
    expect(asked.length).toBeGreaterThanOrEqual(4)
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10_000)
  })

  it('is renewed 80 % into the life of the fresh one after that', () => {
    const m = signedIn(HOUR_MS, { rotates: false })
    m.pass(0.8 * HOUR_MS)
    renewed(m, 2 * HOUR_MS)
    expect(m.state.serving?.renewAt).toBe(0.8 * HOUR_MS + 1.6 * HOUR_MS)
  })

  it('counts how many have arrived', () => {
    const m = signedIn()
    expect(m.state.session.issued).toBe(1)
    renewed(m)
    expect(m.state.session.issued).toBe(2)
  })
})

describe('a renewal that fails', () => {
  it('is tried again half-way to the expiry, again and again, and every 30 s after it', () => {
    const m = signedIn(100_000)
    m.pass(80_000)
    m.on({ type: 'not-renewed' })
    expect(m.state.renewal).toBeNull()
    expect(m.state.serving?.renewAt).toBe(90_000)
    m.pass(10_000)
    m.on({ type: 'not-renewed' })
    // Half of what is left would be five seconds.
    expect(m.state.serving?.renewAt).toBe(100_000)
    m.pass(10_000)
    m.on({ type: 'not-renewed' })
    expect(m.state.serving?.renewAt).toBe(130_000)
    m.pass(30_000)
    expect(m.effects).toEqual([{ type: 'renew', fresh: false }])
    expect(m.shows).toBe('open')
  })

  it('is one that takes longer than ten seconds, too', () => {
    const m = signedIn(HOUR_MS)
    m.pass(0.8 * HOUR_MS + 9_999)
    expect(m.state.renewal).not.toBeNull()
    m.pass(1)
    expect(m.effects).toEqual([{ type: 'abandon' }])
    expect(m.state.serving?.renewAt).toBe(0.8 * HOUR_MS + 10_000 + (0.2 * HOUR_MS - 10_000) / 2)
  })

  it('costs nothing else: no disconnect, no attempt', () => {
    const m = signedIn(HOUR_MS)
    m.pass(0.8 * HOUR_MS)
    m.on({ type: 'not-renewed' })
    expect([m.disconnects, m.state.retry.attempt]).toEqual([[], 0])
  })

  it('means nothing when none was under way', () => {
    const m = signedIn()
    const { state } = m
    m.on({ type: 'not-renewed' })
    expect(m.state).toBe(state)
  })

  it('leaves the next dial to the provider, when the connection was lost meanwhile', () => {
    const m = signedIn(HOUR_MS)
    m.pass(0.8 * HOUR_MS)
    m.end()
    m.on({ type: 'not-renewed' })
    expect(m.state.renewal).toBeNull()
    m.passUntilDial()
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })
})

describe('a connection that is lost during a renewal', () => {
  it('is dialled again when that has ended, and not with the old credential', () => {
    const m = signedIn(HOUR_MS)
    m.pass(0.8 * HOUR_MS)
    m.end()
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
    expect(m.state.renewal).toBeNull()
    // As long as the renewal had left.
    expect(m.state.dial?.deadlineAt).toBe(0.8 * HOUR_MS + 10_000)
  })

  it('is dialled with the fresh one when that arrives first', () => {
    const m = signedIn(HOUR_MS)
    m.pass(0.8 * HOUR_MS)
    m.end()
    renewed(m)
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
    expect(m.state.dial?.credential).toBe(2)
  })
})

describe('a dial that is given up while its credential is being fetched', () => {
  function fetching(): Machine {
    const m = machine({ credentials: true })
    m.start()
    m.pass(2_000)
    return m
  }

  it('leaves the refresh running for the next one: the server may have seen it', () => {
    const m = fetching()
    m.on({ type: 'reconnect' })
    expect(m.effects).toMatchObject([{ type: 'retire', number: 1 }, { type: 'disconnected' }])
    expect(m.state.renewal).toEqual({ deadlineAt: 10_000 })
    m.pass(0)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
    expect(m.state.dial?.deadlineAt).toBe(10_000)
  })

  it('leaves it running when the network changes, too', () => {
    const m = fetching()
    m.signal('network-changed')
    expect(m.state.renewal).toEqual({ deadlineAt: 10_000 })
    renewed(m)
    m.pass(500)
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })

  it('lets go of one that is overdue', () => {
    const m = fetching()
    m.stall(9_000)
    m.on({ type: 'retry-now' })
    expect(m.effects).toMatchObject([{ type: 'retire' }, { type: 'abandon' }, { type: 'disconnected' }])
    expect(m.state.renewal).toBeNull()
  })

  it('leaves nothing running when it was on its way already', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: null })
    m.on({ type: 'reconnect' })
    expect(m.state.renewal).toBeNull()
    m.pass(0)
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })
})

describe('a machine that slept', () => {
  it('renews at once when the credential has expired meanwhile', () => {
    const m = signedIn(HOUR_MS)
    m.pass(60_000)
    m.wallOffset += 8 * HOUR_MS
    m.signal('woke')
    expect(m.state.session.credential).toBe('expired')
    m.pass(0)
    expect(m.effects).toEqual([{ type: 'renew', fresh: false }])
    expect(m.now).toBe(60_000)
  })

  it('renews when it would have, had the clock not stood still', () => {
    const m = signedIn(HOUR_MS)
    m.wallOffset += 0.5 * HOUR_MS
    m.signal('woke')
    expect(m.state.serving?.renewAt).toBe(0.3 * HOUR_MS)
  })

  it('renews no sooner for a page that is looked at', () => {
    const m = signedIn(100_000)
    m.pass(80_000)
    m.on({ type: 'not-renewed' })
    m.pass(1_000)
    m.signal('hidden')
    m.signal('visible')
    expect(m.state.serving?.renewAt).toBe(90_000)
  })

  it('fetches before it dials when nothing serves', () => {
    const m = signedIn(HOUR_MS)
    m.end()
    m.wallOffset += 8 * HOUR_MS
    m.signal('woke')
    expect(m.shows).toBe('auth-refresh')
    m.pass(500)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
  })
})

describe('two connections that may overlap', () => {
  function handingOver(rules: Partial<Rules> = {}): Machine {
    const m = signedIn(HOUR_MS, { overlaps: true, authorizes: true, ...rules })
    m.pass(0.8 * HOUR_MS - 1)
    m.on({ type: 'handover', purpose: 'replace' })
    m.pass(0)
    return m
  }

  it('make a dial wait for the renewal that begins while its target is being fetched', () => {
    const m = handingOver()
    expect(m.state.dial).toMatchObject({ number: 2, phase: 'authorizing' })
    m.pass(1)
    expect(m.state.dial).toMatchObject({ number: 3, phase: 'authorizing', purpose: 'replace' })
    expect(m.state.renewal).toBeNull()
    // Should the dial come to nothing, what serves has another renewal.
    expect(m.state.serving?.renewAt).toBe(0.9 * HOUR_MS)
    m.on({ type: 'authorized', number: 3, expiresAt: m.now + m.wallOffset + HOUR_MS })
    expect(m.state.serving?.renewAt).toBe(1.6 * HOUR_MS)
    expect(m.state.dial).toMatchObject({ number: 3, phase: 'connecting', credential: 2 })
  })

  it('renew what serves although the dial that fetched for it was given up', () => {
    const m = handingOver({ decide: () => 'stop' })
    m.pass(1)
    m.end(1006, '', 'provider')
    expect([m.state.dial, m.state.renewal, m.state.serving?.renewAt]).toEqual([null, null, 0.9 * HOUR_MS])
    m.pass(0.1 * HOUR_MS)
    expect(m.effects).toEqual([{ type: 'renew', fresh: false }])
  })

  it('start a dial over that carries the old credential, and drop it for another identity', () => {
    for (const changed of [false, true]) {
      const m = handingOver({ authorizes: false })
      expect(m.state.dial).toMatchObject({ number: 2, phase: 'connecting' })
      m.pass(1)
      renewed(m, HOUR_MS, changed)
      expect(m.effects.filter(({ type }) => type === 'retire')).toHaveLength(changed ? 2 : 1)
      expect([m.state.dial, m.state.serving?.number]).toEqual([null, changed ? undefined : 1])
      m.pass(0)
      expect(m.state.dial).toMatchObject({ number: 3, credential: 2 })
    }
  })

  it('leave no renewal to a connection that opens while one is under way', () => {
    const m = handingOver({ authorizes: false })
    m.pass(1)
    m.open()
    expect(m.state.renewal).not.toBeNull()
    expect(m.state.serving).toMatchObject({ number: 2, credential: 1, renewAt: null })
  })
})
