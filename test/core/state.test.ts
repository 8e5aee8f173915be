import { describe, expect, it } from 'vitest'
import { initialState, LONG_AGO, stateOf } from '../../src/core/state.ts'
import { ended, machine } from './machine.ts'

/** The six public states. */

describe('a new socket', () => {
  it('is closed, online and without a past', () => {
    expect(initialState()).toEqual({
      intent: 'closed',
      serving: null,
      dial: null,
      wait: null,
      down: null,
      renewal: null,
      retry: {
        attempt: 0,
        failingSince: null,
        previousMs: 0,
        transport: 0,
        better: 0,
        dials: [],
        evidenceAt: LONG_AGO,
        evidenceUsedAt: LONG_AGO,
        history: [],
      },
      session: { everOpen: false, credential: 'held', issued: 0, expiresAt: null, renewAt: null, refusals: 0 },
      page: { online: true, frozen: false, hiddenSince: null },
      lesson: null,
      cause: null,
      connections: 0,
    })
    expect(stateOf(initialState())).toBe('closed')
  })

  it('has no past that reaches into the guard, whenever the clock began', () => {
    expect(LONG_AGO).toBeLessThan(-1e11)
  })
})

describe('the public state', () => {
  it('is connecting until the first connection, however often it fails', () => {
    const m = ended()
    expect(m.shows).toBe('connecting')
    m.passUntilDial()
    expect(m.shows).toBe('connecting')
  })

  it('is open while the preferred transport serves', () => {
    const m = machine()
    m.start()
    m.open()
    expect(m.shows).toBe('open')
  })

  it('is degraded while a fallback serves', () => {
    const m = ended({ transports: ['websocket', 'sse'], decide: () => 'fall-back' })
    m.passUntilDial()
    m.open()
    expect(m.shows).toBe('degraded')
  })

  it('is reconnecting after that, waiting and dialling alike', () => {
    const m = machine()
    m.start()
    m.open()
    m.end()
    expect(m.shows).toBe('reconnecting')
    m.passUntilDial()
    expect(m.shows).toBe('reconnecting')
  })

  it('is degraded after a minute without traffic, until a connection serves', () => {
    const m = ended({ backoff: () => 50_000 })
    m.pass(60_000)
    expect(m.shows).toBe('degraded')
    expect(m.state.dial).not.toBeNull()
    m.end()
    expect(m.shows).toBe('degraded')
    m.passUntilDial()
    m.open()
    expect(m.shows).toBe('open')
  })

  it('is auth-refresh while the credential is refused, until a fresh one is there', () => {
    const m = machine({ credentials: true, decide: () => 'refresh-auth' })
    m.start()
    expect(m.shows).toBe('connecting')
    m.open()
    m.end(4401)
    m.pass(0)
    expect(m.shows).toBe('auth-refresh')
    m.on({ type: 'authorized', number: 2, expiresAt: null })
    expect(m.shows).toBe('reconnecting')
  })

  it('is auth-refresh when the credential has expired and nothing serves, until a fresh one is there', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: m.wallOffset + 1_000 })
    m.on({ type: 'connected', number: 1 })
    m.on({ type: 'ready', number: 1 })
    m.pass(999)
    m.end()
    expect(m.shows).toBe('reconnecting')
    m.pass(2_000)
    expect([m.shows, m.state.session.credential]).toEqual(['auth-refresh', 'expired'])
    m.on({ type: 'authorized', number: 2, expiresAt: null })
    expect(m.shows).toBe('reconnecting')
  })

  it('is open as long as a connection serves, even when its credential has expired', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: m.wallOffset + 1_000 })
    m.on({ type: 'connected', number: 1 })
    m.on({ type: 'ready', number: 1 })
    m.pass(10_000)
    expect([m.shows, m.state.session.credential]).toEqual(['open', 'expired'])
  })

  it('is degraded rather than auth-refresh when the minute has passed', () => {
    const m = machine({ credentials: true, decide: ({ code }) => (code === 4401 ? 'refresh-auth' : undefined) })
    m.start()
    m.open()
    m.end(4401)
    m.pass(60_000)
    expect(m.shows).toBe('degraded')
  })

  it('is closed while closing too', () => {
    const m = machine()
    m.start()
    m.open()
    m.on({ type: 'close' })
    expect(m.shows).toBe('closed')
  })
})
