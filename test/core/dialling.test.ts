import { describe, expect, it } from 'vitest'
import { machine } from './machine.ts'

/** How a connection comes up. */

describe('the connect timeout', () => {
  it('grows by half per failed attempt, from 10 to 65 s', () => {
    const m = machine()
    m.start()
    const timeouts = Array.from({ length: 7 }, () => {
      const { startedAt = 0, deadlineAt = 0 } = m.state.dial ?? {}
      m.pass((deadlineAt ?? 0) - m.now)
      expect(m.disconnects.at(-1)?.origin).toBe('dial-timeout')
      m.passUntilDial()
      return (deadlineAt ?? 0) - startedAt
    })
    expect(timeouts).toEqual([10_000, 15_000, 22_500, 33_750, 50_625, 65_000, 65_000])
  })

  it('closes the dial that took too long before it makes another', () => {
    const m = machine()
    m.start()
    m.pass(9_999)
    expect(m.state.dial?.number).toBe(1)
    m.pass(1)
    expect(m.effects).toMatchObject([{ type: 'retire', number: 1 }, { type: 'disconnected' }])
  })

  it('counts until the connection is ready, greeting included', () => {
    const m = machine()
    m.start()
    m.pass(5_000)
    m.on({ type: 'connected', number: 1 })
    m.pass(5_000)
    expect(m.disconnects).toMatchObject([{ origin: 'dial-timeout', code: 1006, wasClean: false, openMs: null }])
  })

  it('begins anew when the provider has answered', () => {
    const m = machine({ authorizes: true })
    m.start()
    m.pass(9_000)
    m.on({ type: 'authorized', number: 1, expiresAt: null })
    expect(m.state.dial).toMatchObject({ phase: 'connecting', startedAt: 9_000, deadlineAt: 19_000 })
  })

  it('gives up a provider that hangs', () => {
    const m = machine({ authorizes: true })
    m.start()
    m.pass(10_000)
    expect(m.effects[0]).toEqual({ type: 'retire', number: 1 })
    expect(m.disconnects).toMatchObject([{ origin: 'provider' }])
  })

  it('is as long as the platform takes when the app says Infinity', () => {
    const m = machine({ connectTimeoutMs: Infinity })
    m.start()
    m.pass(86_400_000)
    expect(m.state.dial).toMatchObject({ number: 1, deadlineAt: null })
  })

  it('is never shorter than the app says, even above the cap', () => {
    const m = machine({ connectTimeoutMs: 90_000 })
    m.start()
    expect(m.state.dial?.deadlineAt).toBe(90_000)
  })
})

describe('what a dial needs', () => {
  it('is fetched anew for every dial when it comes from a function', () => {
    const m = machine({ authorizes: true })
    m.start()
    m.open()
    m.end()
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
  })

  it('is fetched first when there is an auth provider', () => {
    const m = machine({ credentials: true })
    m.start()
    expect(m.effects).toEqual([{ type: 'authorize', number: 1 }])
    expect(m.state.session).toEqual({
      everOpen: false,
      credential: 'missing',
      issued: 0,
      expiresAt: null,
      renewAt: null,
      refusals: 0,
    })
  })

  it('is fetched again once the credential has expired by the wall clock', () => {
    const m = machine({ credentials: true })
    m.start()
    const expiresAt = m.wallOffset + 2_000
    m.on({ type: 'authorized', number: 1, expiresAt })
    m.end()
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
  })

  it('is still good a millisecond before', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: m.wallOffset + 2_001 })
    m.end()
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })

  it('is given up after ten seconds when it is a credential, whatever the connect timeout is', () => {
    const m = machine({ credentials: true, connectTimeoutMs: Infinity })
    m.start()
    expect(m.state.dial).toMatchObject({ phase: 'authorizing', deadlineAt: 10_000 })
    m.pass(10_000)
    expect(m.effects).toMatchObject([{ type: 'retire', number: 1 }, { type: 'abandon' }, { type: 'disconnected' }])
    expect(m.disconnects).toMatchObject([{ origin: 'provider' }])
  })

  it('may be everything but a credential: the one that is held is dialled with', () => {
    const m = machine({ credentials: true, authorizes: true })
    m.start()
    m.open()
    m.end()
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
    m.on({ type: 'authorized', number: 2 })
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
    expect(m.state.session.issued).toBe(1)
  })

  it('is not there when no credential came with it and none is held', () => {
    const m = machine({ credentials: true, authorizes: true })
    m.start()
    m.on({ type: 'authorized', number: 1 })
    expect(m.dials).toEqual([])
    expect(m.disconnects).toMatchObject([{ origin: 'provider' }])
  })

  it('is fetched again after the wall clock jumped ahead', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: m.wallOffset + 3_600_000 })
    m.end()
    m.wallOffset += 86_400_000
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
  })

  it('has failed when the provider hands out what has already expired', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: m.wallOffset })
    expect(m.dials).toEqual([])
    expect(m.disconnects).toMatchObject([{ origin: 'provider', connection: 1 }])
    expect(m.state.wait?.by).toBe('backoff')
  })
})

describe('a connection that is ready', () => {
  it('carries its number, an id made of chance, its transport and when it is stable', () => {
    const m = machine()
    m.roll = 0.999
    m.start()
    m.pass(30)
    m.open()
    expect(m.state.serving).toEqual({
      number: 1,
      id: 'ffbe',
      transport: 0,
      openedAt: 30,
      stableAt: 10_030,
      credential: 0,
      renewAt: null,
      agedAt: null,
      rotation: null,
      heart: null,
    })
    expect(m.state.down).toBeNull()
    expect(m.state.session.everOpen).toBe(true)
  })

  it('has an id of four digits even when chance says nought', () => {
    const m = machine()
    m.roll = 0
    m.start()
    expect(m.state.dial?.id).toBe('0000')
  })

  it('tells how many attempts it took, and that it is not the first', () => {
    const m = machine()
    m.start()
    m.open()
    m.end()
    m.passUntilDial()
    m.open()
    expect(m.effects).toEqual([{ type: 'serve', number: 2, attempt: 1, reconnected: true, handover: false }])
  })

  it('clears the cause', () => {
    const m = machine()
    m.start()
    m.end()
    expect(m.state.cause).toMatchObject({ connection: 1 })
    m.passUntilDial()
    m.open()
    expect(m.state.cause).toBeNull()
  })

  it('goes back to the preferred transport when a promotion succeeds', () => {
    const m = machine({ transports: ['websocket', 'sse'], overlaps: true, decide: () => 'fall-back' })
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    expect([m.shows, m.state.serving?.transport]).toEqual(['degraded', 1])
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    expect(m.state.dial).toMatchObject({ purpose: 'promote', transport: 0 })
    m.open()
    expect([m.shows, m.state.retry.transport]).toEqual(['open', 0])
  })
})
