import { describe, expect, it } from 'vitest'
import { type Machine, machine, renewed, signedIn } from './machine.ts'

/** How a connection that serves is replaced. */

const HOUR_MS = 3_600_000

/** A tick at the next look, with what is said of the traffic by then. */
function look(m: Machine, traffic: number): void {
  const { checkAt = m.now } = m.state.serving?.rotation ?? {}
  m.stall(checkAt - m.now)
  m.on({ type: 'tick', traffic })
}

describe('a fresh credential', () => {
  it('replaces the connection at the first quarter of a second without traffic', () => {
    const m = signedIn()
    m.pass(60_000)
    renewed(m)
    expect(m.state.serving?.rotation).toEqual({ latestAt: HOUR_MS, checkAt: 60_000, traffic: -1 })
    look(m, 7)
    expect(m.state.serving?.rotation).toEqual({ latestAt: HOUR_MS, checkAt: 60_250, traffic: 7 })
    look(m, 8)
    look(m, 8)
    expect(m.now).toBe(60_500)
    expect(m.effects).toMatchObject([
      { type: 'retire', number: 1 },
      { type: 'disconnected', disconnect: { origin: 'client', next: { type: 'retry', inMs: 0, by: 'rotation' } } },
    ])
    m.pass(0)
    expect(m.state.dial).toMatchObject({ number: 2, credential: 2, purpose: 'recover' })
    expect(m.state.retry.attempt).toBe(0)
  })

  it('waits while bytes are on their way, silence or not', () => {
    const m = signedIn()
    renewed(m)
    for (const traffic of [4, -1, -1, 4, -1]) look(m, traffic)
    expect(m.shows).toBe('open')
    look(m, 4)
    look(m, 4)
    expect(m.shows).toBe('reconnecting')
  })

  it('replaces a connection that is never quiet when the old credential expires', () => {
    const m = signedIn(100_100)
    m.pass(80_080)
    renewed(m)
    // To the millisecond, although the looks before that are a quarter of a second apart.
    m.pass(20_019)
    expect(m.state.serving?.number).toBe(1)
    m.pass(1)
    expect(m.state.serving).toBeNull()
  })

  it('replaces it within a minute when nobody knows when the old one expires', () => {
    const m = signedIn(null)
    renewed(m)
    m.pass(59_999)
    expect(m.state.serving?.number).toBe(1)
    m.pass(1)
    expect(m.state.serving).toBeNull()
  })

  it('replaces it at once when the old one has expired already', () => {
    const m = signedIn(10_000)
    m.pass(20_000)
    renewed(m)
    m.pass(0)
    expect(m.state.dial).toMatchObject({ number: 2, credential: 2 })
  })

  it('keeps the sooner promise when a third one arrives', () => {
    const m = signedIn(HOUR_MS)
    renewed(m, 2 * HOUR_MS)
    renewed(m, 3 * HOUR_MS)
    expect(m.state.serving?.rotation?.latestAt).toBe(HOUR_MS)
  })

  it('replaces the connection at once when it is of another identity', () => {
    for (const rotates of [true, false]) {
      const m = signedIn(HOUR_MS, { rotates })
      renewed(m, HOUR_MS, true)
      expect(m.effects).toMatchObject([{ type: 'retire', number: 1 }, { type: 'disconnected' }])
      expect(m.state.wait).toMatchObject({ until: 0, by: 'rotation' })
    }
  })

  it('replaces nothing when it is the one that there was, with more time', () => {
    const m = signedIn(10_000)
    m.on({ type: 'renewed', expiresAt: m.wallOffset + HOUR_MS, same: true })
    expect(m.state.serving).toMatchObject({ credential: 1, rotation: null, renewAt: 0.8 * HOUR_MS })
    expect(m.state.session.issued).toBe(1)
  })

  it('is for the next dial only when the app keeps its connections', () => {
    const m = signedIn(HOUR_MS, { rotates: false })
    m.pass(0.8 * HOUR_MS)
    renewed(m)
    m.pass(24 * HOUR_MS)
    expect(m.state.serving).toMatchObject({ number: 1, credential: 1, rotation: null })
    renewed(m)
    m.end()
    m.passUntilDial()
    expect(m.state.dial?.credential).toBe(3)
  })

  it('is dialled with beside the connection where two may overlap, and the app sees no gap', () => {
    const m = signedIn(HOUR_MS, { overlaps: true })
    m.pass(0.8 * HOUR_MS)
    renewed(m)
    expect(m.state.wait).toMatchObject({ purpose: 'replace', by: 'rotation' })
    m.pass(0)
    m.open()
    expect(m.effects).toMatchObject([
      { type: 'serve', number: 2, handover: true },
      { type: 'retire', number: 1 },
    ])
    expect([m.disconnects, m.state.serving?.credential]).toEqual([[], 2])
  })

  it('replaces a connection even in a page that was hidden for an hour: it served until now', () => {
    const m = signedIn(2 * HOUR_MS)
    m.signal('hidden')
    m.pass(1.6 * HOUR_MS)
    renewed(m)
    look(m, 0)
    look(m, 0)
    expect(m.shows).toBe('reconnecting')
    m.pass(0)
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })
})

describe('the maximum age', () => {
  it.each([
    [0, 60_000],
    [0.5, 54_000],
    [0.999, 48_012],
  ])('is drawn anew for each: at a chance of %d it is %d ms of a minute', (roll, agedAt) => {
    const m = machine({ maxAgeMs: 60_000 })
    m.roll = roll
    m.start()
    m.open()
    expect(m.state.serving?.agedAt).toBe(agedAt)
  })

  it('replaces the connection at a quiet moment, with the credential that it has', () => {
    const m = signedIn(HOUR_MS, { maxAgeMs: 60_000, rotates: false })
    m.pass(54_000)
    expect(m.state.serving).toMatchObject({ agedAt: null, rotation: { latestAt: 114_000 } })
    look(m, 3)
    look(m, 3)
    expect(m.state.wait).toMatchObject({ by: 'rotation', until: m.now })
    m.pass(0)
    expect(m.state.dial).toMatchObject({ number: 2, credential: 1, phase: 'connecting' })
  })

  it('replaces one that is never quiet a minute later', () => {
    const m = machine({ maxAgeMs: 60_000 })
    m.start()
    m.open()
    m.pass(113_999)
    expect(m.state.serving?.number).toBe(1)
    m.pass(1)
    expect(m.state.serving).toBeNull()
  })

  it('holds although a fresh credential has all the time in the world', () => {
    const m = signedIn(HOUR_MS, { maxAgeMs: 60_000 })
    renewed(m)
    expect(m.state.serving).toMatchObject({ agedAt: 54_000, rotation: { latestAt: HOUR_MS } })
    m.pass(54_000)
    expect(m.state.serving?.rotation?.latestAt).toBe(114_000)
  })

  it('dials beside the connection where two may overlap', () => {
    const m = machine({ maxAgeMs: 60_000, overlaps: true })
    m.start()
    m.open()
    m.pass(54_000)
    expect(m.state.serving).toMatchObject({ number: 1, rotation: null })
    expect(m.state.dial).toMatchObject({ number: 2, purpose: 'replace' })
  })

  it('makes a promotion that is under way the replacement', () => {
    const m = machine({ maxAgeMs: 60_000, overlaps: true })
    m.start()
    m.open()
    m.pass(53_999)
    m.on({ type: 'handover', purpose: 'promote' })
    m.pass(1)
    expect(m.state.dial).toMatchObject({ number: 2, purpose: 'replace' })
  })
})

describe('what is due for a connection that serves', () => {
  it('is due no more once it closes', () => {
    const m = signedIn(HOUR_MS, { maxAgeMs: 60_000 })
    renewed(m)
    m.on({ type: 'close' })
    expect(m.state.serving).toMatchObject({ stableAt: null, renewAt: null, agedAt: null, rotation: null })
    m.pass(24 * HOUR_MS)
    expect(m.state.intent).toBe('closing')
  })

  it('takes the renewal with it when the app closes', () => {
    const m = signedIn(HOUR_MS)
    m.pass(0.8 * HOUR_MS)
    m.on({ type: 'close' })
    expect(m.state.renewal).toBeNull()
  })
})
