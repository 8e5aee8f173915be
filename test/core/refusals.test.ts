import { describe, expect, it } from 'vitest'
import { type Machine, machine } from './machine.ts'

/** What happens when the server, or the provider, does not want a credential. */

describe('a refused credential', () => {
  const refuses = (): Machine => machine({ credentials: true, decide: () => 'refresh-auth', maxAttempts: Infinity })

  it('is refreshed at once, then after a backoff, and the third is final', () => {
    const m = refuses()
    m.start()
    m.open()
    m.end(4401)
    expect(m.shows).toBe('auth-refresh')
    expect(m.state.wait).toMatchObject({ until: 0, by: 'policy' })
    m.pass(0)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
    m.open()
    expect(m.shows).toBe('open')
    m.end(4401)
    expect(m.state.wait).toMatchObject({ until: 2_000, by: 'backoff' })
    m.pass(2_000)
    m.open()
    m.end(4401)
    expect(m.shows).toBe('closed')
    expect(m.state.cause?.next).toEqual({ type: 'stop', by: 'unauthorized' })
    expect(m.state.session.refusals).toBe(3)
  })

  it('is told to the policy with how many were refused before it', () => {
    const m = refuses()
    m.start()
    m.open()
    m.end(4401)
    m.pass(0)
    m.open()
    m.end(4401)
    expect(m.disconnects.map(({ refusals }) => refusals)).toEqual([0, 1])
  })

  it('is reported with the connection that it was refused on', () => {
    const m = refuses()
    m.start()
    m.open()
    m.end(4401)
    expect(m.effects[0]).toEqual({ type: 'refuse', number: 1 })
  })

  it('leaves a fresher one that has arrived since alone, and dials with that', () => {
    const m = machine({ credentials: true, rotates: false, decide: () => 'refresh-auth' })
    m.start()
    m.open()
    m.on({ type: 'renewed', expiresAt: null })
    m.end(4401)
    expect(m.state.session).toMatchObject({ credential: 'held', refusals: 1 })
    m.pass(0)
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })

  it('is refused again, without a dial and without asking the policy, when the provider hands it out again', () => {
    const m = refuses()
    m.start()
    m.open()
    m.end(4401)
    m.pass(0)
    const again = (number: number): void =>
      m.on({ type: 'ended', number, code: 1006, reason: '', wasClean: false, origin: 'provider', refused: true })
    again(2)
    expect([m.shows, m.state.session.refusals, m.state.wait?.by]).toEqual(['auth-refresh', 2, 'backoff'])
    m.pass(2_000)
    again(3)
    expect(m.state.cause).toMatchObject({ origin: 'provider', next: { type: 'stop', by: 'unauthorized' } })
    expect(m.dials).toHaveLength(1)
  })

  it('is forgiven when a new life begins, for which the provider is asked again', () => {
    const m = refuses()
    m.start()
    for (let refusals = 0; refusals < 3; refusals++) {
      m.open()
      m.end(4401)
      m.pass(2_000)
    }
    expect(m.shows).toBe('closed')
    m.on({ type: 'reconnect' })
    expect(m.state.session).toMatchObject({ credential: 'missing', refusals: 0 })
    m.pass(0)
    expect(m.effects).toEqual([{ type: 'authorize', number: 4 }])
  })

  it('is forgiven when a connection was stable between', () => {
    const m = refuses()
    m.start()
    for (let rounds = 0; rounds < 5; rounds++) {
      m.open()
      m.pass(10_000)
      m.end(4401)
      expect(m.state.session.refusals).toBe(1)
      m.pass(0)
    }
  })

  it('is final at once without an auth provider: nobody could refresh it', () => {
    const m = machine({ decide: () => 'refresh-auth' })
    m.start()
    m.end(4401)
    expect(m.state.cause?.next).toEqual({ type: 'stop', by: 'unauthorized' })
    expect(m.state.session).toMatchObject({ credential: 'held', refusals: 0 })
  })
})
