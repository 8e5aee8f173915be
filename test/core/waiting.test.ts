import { describe, expect, it } from 'vitest'
import { ended, machine } from './machine.ts'

/** How long it waits, and who says so. */

describe('backoff', () => {
  it('waits as long as it draws, and dials exactly then', () => {
    const m = ended({ backoff: ({ attempt, roll }) => attempt * 1_000 * roll })
    expect(m.state.wait).toEqual({ purpose: 'first', until: 500, notBefore: 0, by: 'backoff' })
    m.pass(499.9)
    expect(m.dials).toHaveLength(1)
    m.pass(0.1)
    expect(m.dials).toEqual([0, 500])
  })

  it('is told the attempt, the delay before, and how long nothing has served', () => {
    const asked: unknown[] = []
    const m = ended({ backoff: question => asked.push(question) * 1_000 })
    m.passUntilDial()
    m.pass(400)
    m.roll = 0.25
    m.end()
    expect(asked).toEqual([
      { attempt: 1, previousMs: 0, failingMs: 0, slow: false, roll: 0.5 },
      { attempt: 2, previousMs: 1_000, failingMs: 1_400, slow: false, roll: 0.25 },
    ])
  })

  it('goes slow when a policy says so', () => {
    const m = ended({ decide: () => 'retry-slowly', backoff: ({ slow }) => (slow ? 50_000 : 1_000) })
    expect(m.state.wait).toMatchObject({ until: 50_000, by: 'policy' })
  })
})

describe('a delay that somebody asked for', () => {
  it('is honoured to the millisecond when a policy names it', () => {
    const m = ended({ decide: () => ({ afterMs: 12_345 }) })
    expect(m.state.wait).toMatchObject({ until: 12_345, by: 'policy' })
    expect(m.passUntilDial()).toBe(12_345)
  })

  it('is spread by the backoff when the server names it', () => {
    const m = ended({}, 1013, 'after=20')
    expect(m.state.wait).toMatchObject({ until: 22_000, by: 'server' })
  })

  it('is ten minutes at most, whoever asks', () => {
    expect(ended({ decide: () => ({ afterMs: 1e9 }) }).state.wait?.until).toBe(600_000)
    expect(ended({}, 1012, 'after=601').state.wait?.until).toBe(602_000)
    expect(ended({}, 4321, `after=${'9'.repeat(400)}`).state.wait?.until).toBe(602_000)
  })

  it.each(['woke', 'network-changed', 'resumed'] as const)('is not shortened when the page says %s', signal => {
    const m = ended({ decide: () => ({ afterMs: 20_000 }) })
    m.pass(1_000)
    m.signal(signal)
    expect(m.state.wait?.by).toBe('policy')
    expect(m.passUntilDial()).toBe(20_000)
  })

  it('loses its backoff to local evidence, and is still spread: an office has one network', () => {
    const m = ended({ backoff: () => 60_000 }, 1013, 'after=20')
    m.signal('network-changed')
    expect(m.state.wait).toMatchObject({ until: 20_250, notBefore: 20_000, by: 'local-evidence' })
  })

  it('outlasts a page that froze, and one that was offline', () => {
    for (const [leaves, returns] of [
      ['frozen', 'resumed'],
      ['offline', 'online'],
    ] as const) {
      const m = ended({}, 1013, 'after=20')
      m.signal(leaves)
      m.pass(1_000)
      m.signal(returns)
      expect(m.passUntilDial()).toBeGreaterThanOrEqual(20_000)
    }
  })

  it('gives way to the app', () => {
    const m = ended({}, 1013, 'after=20')
    m.on({ type: 'retry-now' })
    expect(m.passUntilDial()).toBe(0)
  })
})

describe('local evidence', () => {
  it('does not put off what the app wants now', () => {
    const m = ended()
    m.on({ type: 'retry-now' })
    m.signal('woke')
    expect(m.state.wait).toMatchObject({ until: 0, by: 'app' })
  })

  it.each(['woke', 'resumed', 'network-changed'] as const)('%s shortens a wait to half a second at most', signal => {
    const m = ended({ backoff: () => 60_000 })
    m.pass(1_000)
    m.roll = 0.999
    m.signal(signal)
    expect(m.state.wait).toMatchObject({ until: 1_499.5, by: 'local-evidence' })
  })

  it('may shorten it to nothing', () => {
    const m = ended({ backoff: () => 60_000 })
    m.roll = 0
    m.signal('woke')
    expect(m.passUntilDial()).toBe(0)
  })

  it('shortens a wait once in ten seconds', () => {
    const m = ended({ backoff: () => 60_000 })
    m.signal('woke')
    m.passUntilDial()
    m.end()
    m.pass(9_749)
    m.signal('woke')
    expect(m.state.wait).toMatchObject({ until: 60_250, by: 'backoff' })
    m.pass(1)
    m.signal('woke')
    expect(m.state.wait).toMatchObject({ until: 10_250, by: 'local-evidence' })
  })

  it('counts for the next wait too, when that begins within ten seconds', () => {
    const m = machine({ backoff: () => 60_000 })
    m.start()
    m.open()
    m.signal('network-changed')
    m.pass(10_000)
    m.end()
    expect(m.state.wait).toMatchObject({ until: 10_250, by: 'local-evidence' })
  })

  it('is forgotten after ten seconds', () => {
    const m = machine({ backoff: () => 60_000 })
    m.start()
    m.open()
    m.signal('network-changed')
    m.pass(10_001)
    m.end()
    expect(m.state.wait?.by).toBe('backoff')
  })

  it('counts for one wait only, ten seconds later to the millisecond too', () => {
    const m = ended({ backoff: () => 60_000 })
    m.signal('woke')
    m.passUntilDial()
    m.open()
    m.pass(9_750)
    m.end()
    expect([m.now, m.state.wait?.by]).toEqual([10_000, 'backoff'])
  })

  it('counts for one wait only', () => {
    const m = machine({ backoff: () => 60_000 })
    m.start()
    m.open()
    m.signal('network-changed')
    m.end()
    m.passUntilDial()
    m.end()
    expect(m.state.wait?.by).toBe('backoff')
  })

  it('does not hurry a client that was told to go slow', () => {
    const m = machine({ decide: () => 'retry-slowly', backoff: () => 60_000 })
    m.start()
    m.signal('woke')
    m.end()
    expect(m.state.wait).toMatchObject({ until: 60_000, by: 'policy' })
    m.pass(1_000)
    m.signal('woke')
    expect(m.passUntilDial()).toBe(60_000)
  })

  it.each(['visible', 'hidden', 'frozen', 'offline'] as const)('is not what %s is', signal => {
    const m = ended()
    m.signal(signal)
    expect(m.state.retry.evidenceAt).toBeLessThan(0)
  })
})

describe('the dial guard', () => {
  it('counts a dial from when it was made, however long its target took to fetch', () => {
    const m = machine({ authorizes: true, backoff: () => 0 })
    m.start()
    m.pass(9_000)
    while (m.dials.length < 7) {
      m.on({ type: 'authorized', number: m.state.connections, expiresAt: null })
      m.end()
      m.pass((m.state.wait?.until ?? m.now) - m.now)
    }
    expect(m.dials.slice(0, 6)).toEqual([9_000, 9_000, 9_000, 9_000, 9_000, 9_000])
    expect(m.dials[6]).toBe(19_250)
  })

  it('counts a fetch that failed, so that a provider is not asked in a loop', () => {
    const m = machine({ authorizes: true, backoff: () => 0 })
    m.start()
    for (let asked = 1; asked < 6; asked++) {
      m.end(1006, '', 'provider')
      m.pass(0)
      expect(m.state.dial?.number).toBe(asked + 1)
    }
    m.end(1006, '', 'provider')
    expect(m.state.wait).toMatchObject({ until: 10_250, by: 'dial-guard' })
  })

  it('lets six dials through, and the seventh 10.25 s after the first', () => {
    const m = machine({ backoff: () => 100 })
    m.start()
    while (m.dials.length < 7) {
      m.end()
      m.passUntilDial()
    }
    expect(m.dials).toEqual([0, 100, 200, 300, 400, 500, 10_250])
    // And remembers no more than it counts.
    expect(m.state.retry.dials).toEqual([100, 200, 300, 400, 500, 10_250])
  })

  it('says so before: the status promises when the dial happens', () => {
    const m = machine({ backoff: () => 0 })
    m.start()
    for (let dials = 0; dials < 5; dials++) {
      m.end()
      m.passUntilDial()
    }
    m.end()
    expect(m.state.wait).toMatchObject({ until: 10_250, by: 'dial-guard' })
    expect(m.disconnects.at(-1)?.next).toEqual({ type: 'retry', inMs: 10_250, by: 'dial-guard' })
  })

  it('holds against an app that calls reconnect() in a loop', () => {
    const m = machine()
    m.start()
    for (let calls = 0; calls < 1_000; calls++) {
      m.on({ type: 'reconnect' })
      m.pass(10)
    }
    expect(m.dials.filter(instant => instant < 10_000)).toHaveLength(6)
  })

  it('holds against a network that flaps', () => {
    const m = machine()
    m.start()
    for (let flaps = 0; flaps < 1_000; flaps++) {
      m.end()
      m.signal(flaps % 2 ? 'online' : 'offline')
      m.signal('network-changed')
      m.pass(10)
    }
    expect(m.dials.filter(instant => instant < 10_000).length).toBeLessThanOrEqual(6)
  })
})
