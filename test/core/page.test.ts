import { describe, expect, it } from 'vitest'
import { ended, machine } from './machine.ts'

/** What the page changes about waiting: offline, hidden, frozen. */

describe('offline', () => {
  it('dials once per 30 s, and never stops', () => {
    const m = machine()
    m.start()
    m.signal('offline')
    for (let failures = 0; failures < 4; failures++) {
      m.end()
      expect(m.state.wait?.by).toBe('offline')
      m.passUntilDial()
    }
    expect(m.dials).toEqual([0, 30_000, 60_000, 90_000, 120_000])
  })

  it('lengthens a wait that has begun', () => {
    const m = ended()
    m.signal('offline')
    expect(m.state.wait).toMatchObject({ until: 30_000, by: 'offline' })
  })

  it('does not shorten a longer one', () => {
    const m = ended({ backoff: () => 45_000 })
    m.signal('offline')
    expect(m.state.wait).toMatchObject({ until: 45_000, by: 'backoff' })
  })

  it('ends when the browser is online again', () => {
    const m = ended()
    m.signal('offline')
    m.pass(5_000)
    m.signal('online')
    expect(m.state.wait).toMatchObject({ until: 5_250, by: 'local-evidence' })
  })

  it('does not use up the evidence of waking: a laptop wakes first, and is online seconds later', () => {
    const m = ended({ backoff: () => 60_000 })
    m.signal('offline')
    m.pass(1_000)
    m.signal('woke')
    expect(m.state.wait).toMatchObject({ until: 30_000, by: 'offline' })
    m.pass(3_000)
    m.signal('online')
    expect(m.state.wait).toMatchObject({ until: 4_250, by: 'local-evidence' })
  })

  it('draws by backoff when evidence was used up a moment ago', () => {
    const m = ended()
    m.signal('woke')
    m.passUntilDial()
    m.end()
    m.signal('offline')
    m.pass(1_000)
    m.signal('online')
    expect(m.state.wait).toMatchObject({ until: 3_250, by: 'backoff' })
  })

  it('does not stop the app from trying', () => {
    const m = ended()
    m.signal('offline')
    m.on({ type: 'retry-now' })
    expect(m.passUntilDial()).toBe(0)
  })
})

describe('a page that nobody looks at', () => {
  it('still dials a moment before it was hidden for an hour', () => {
    const m = machine({ backoff: () => 999 })
    m.start()
    m.open()
    m.signal('hidden')
    m.pass(3_599_000)
    m.end()
    expect(m.passUntilDial()).toBe(3_599_999)
  })

  it('pauses when the dial falls due after the hour', () => {
    const m = machine({ backoff: () => 1_000 })
    m.start()
    m.open()
    m.signal('hidden')
    m.pass(3_599_000)
    m.end()
    m.pass(86_400_000)
    expect(m.dials).toHaveLength(1)
    expect(m.state.wait).toMatchObject({ until: null, by: 'hidden' })
    m.signal('visible')
    expect(m.state.wait).toMatchObject({ until: m.now + 250, by: 'local-evidence' })
  })

  it('pauses at once when a connection ends after the hour', () => {
    const m = machine()
    m.start()
    m.open()
    m.signal('hidden')
    m.pass(3_600_000)
    m.end()
    expect(m.disconnects.at(-1)?.next).toEqual({ type: 'retry', inMs: null, by: 'hidden' })
  })

  it('pauses while the page is frozen', () => {
    const m = ended()
    m.signal('frozen')
    expect(m.state.wait).toMatchObject({ until: null, by: 'frozen' })
    m.pass(86_400_000)
    expect(m.dials).toHaveLength(1)
    m.signal('resumed')
    expect(m.passUntilDial()).toBe(86_400_250)
  })

  it('keeps what hints it has while it is frozen, for when it is resumed', () => {
    const m = machine()
    m.start()
    m.open()
    m.signal('network-changed')
    m.signal('frozen')
    m.end()
    m.pass(1_000)
    m.signal('resumed')
    expect(m.passUntilDial()).toBe(1_250)
  })

  it('stays frozen, whatever else is said, until it is resumed', () => {
    const m = ended()
    m.signal('frozen')
    for (const signal of ['visible', 'online', 'network-changed'] as const) {
      m.signal(signal)
      expect(m.state.wait).toMatchObject({ until: null, by: 'frozen' })
    }
  })

  it('stays paused when it is resumed but still hidden', () => {
    const m = ended()
    m.signal('hidden')
    m.signal('frozen')
    m.pass(3_600_000)
    m.signal('resumed')
    expect(m.state.wait).toMatchObject({ until: null, by: 'hidden' })
  })

  it('dials for the app, hidden or not: a handover must not wait for somebody to look', () => {
    const m = ended()
    m.signal('hidden')
    m.pass(7_200_000)
    const { length } = m.dials
    m.on({ type: 'retry-now' })
    m.pass(1_000)
    expect(m.dials.length).toBeGreaterThan(length)
  })

  it('does not dial while it is frozen, not even for the app', () => {
    const m = ended()
    m.signal('frozen')
    m.on({ type: 'retry-now' })
    m.pass(1_000)
    expect(m.dials).toHaveLength(1)
    expect(m.state.wait?.by).toBe('frozen')
  })
})
