import { describe, expect, it } from 'vitest'
import { type Machine, machine, renewed, signedIn } from './machine.ts'

/** What the app and the provider say of who is signed in: refreshAuth(), and nobody at all. */

/** A machine with an auth provider whose dial is in that phase. */
function dialling(phase: 'authorizing' | 'connecting' | 'greeting'): Machine {
  const m = machine({ credentials: true, decide: () => 'refresh-auth' })
  m.start()
  if (phase === 'authorizing') return m
  m.on({ type: 'authorized', number: 1, expiresAt: null })
  if (phase === 'greeting') m.on({ type: 'connected', number: 1 })
  return m
}

function waiting(): Machine {
  const m = signedIn()
  m.end()
  return m
}

describe('refreshAuth', () => {
  it('fetches a fresh credential while the connection goes on, and replaces it then', () => {
    const m = signedIn(null)
    m.on({ type: 'renew' })
    expect(m.effects).toEqual([{ type: 'renew', fresh: true }])
    expect([m.shows, m.state.session.credential]).toEqual(['open', 'missing'])
    renewed(m)
    expect(m.state.serving?.rotation?.latestAt).toBe(60_000)
  })

  it('is tried again after 30 s when the provider fails', () => {
    const m = signedIn(null)
    m.on({ type: 'renew' })
    m.on({ type: 'not-renewed' })
    expect(m.state.serving?.renewAt).toBe(30_000)
  })

  it.each(['authorizing', 'connecting', 'greeting'] as const)('makes a dial anew that is %s', phase => {
    const m = dialling(phase)
    m.on({ type: 'renew' })
    expect(m.effects).toEqual([
      { type: 'retire', number: 1 },
      { type: 'renew', fresh: true },
    ])
    expect(m.state.wait).toMatchObject({ purpose: 'first', until: 0, by: 'rotation' })
    m.pass(0)
    // The dial waits for the credential that is being fetched: nothing is fetched twice.
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
    expect(m.state.renewal).toBeNull()
    m.open()
    expect([m.shows, m.state.retry.attempt]).toEqual(['open', 0])
  })

  it('fetches at once while a dial has its moment, which does not move', () => {
    const m = waiting()
    m.on({ type: 'renew' })
    expect(m.effects).toEqual([{ type: 'renew', fresh: true }])
    expect(m.state.wait).toMatchObject({ until: 2_000, by: 'backoff' })
    renewed(m)
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })

  it('leaves the wait alone when the provider fails, and asks it again for the dial', () => {
    const m = waiting()
    m.on({ type: 'renew' })
    m.on({ type: 'not-renewed' })
    expect(m.state.renewal).toBeNull()
    m.pass(2_000)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
  })

  it('asks again for one that is being fetched already', () => {
    const m = signedIn()
    m.on({ type: 'renew' })
    m.pass(4_000)
    m.on({ type: 'renew' })
    expect(m.effects).toEqual([{ type: 'renew', fresh: true }])
    expect(m.state.renewal).toEqual({ deadlineAt: 14_000 })
  })

  it('has nothing to do while closed: the next life asks the provider anyway', () => {
    const m = signedIn()
    m.on({ type: 'close' })
    m.end()
    m.on({ type: 'renew' })
    expect([m.effects, m.state.renewal, m.state.session.credential]).toEqual([[], null, 'missing'])
  })

  it('has nothing to do while closing either', () => {
    const m = signedIn()
    m.on({ type: 'close' })
    m.on({ type: 'renew' })
    expect([m.effects, m.state.renewal]).toEqual([[], null])
  })

  it('does not make better of what is known to be refused', () => {
    const m = signedIn(null, { decide: () => 'refresh-auth' })
    m.end(4401)
    m.on({ type: 'renew' })
    expect([m.shows, m.state.session.credential]).toEqual(['auth-refresh', 'refused'])
  })

  it('means nothing without an auth provider', () => {
    const m = machine()
    m.start()
    const { state } = m
    m.on({ type: 'renew' })
    expect(m.state).toBe(state)
  })
})

describe('a credential that arrives while nothing runs', () => {
  it('is held, and nothing else', () => {
    const m = signedIn()
    m.on({ type: 'close' })
    renewed(m)
    expect(m.effects).toEqual([])
    expect(m.state.session.issued).toBe(2)
    expect(m.state.serving?.renewAt).toBeNull()
  })
})

describe('nobody signed in', () => {
  const states: readonly (readonly [string, () => Machine])[] = [
    ['while the first credential is fetched', () => dialling('authorizing')],
    ['while it dials', () => dialling('connecting')],
    ['while it greets', () => dialling('greeting')],
    ['while it serves', () => signedIn()],
    ['while it waits', () => waiting()],
    [
      'while it renews',
      () => {
        const m = signedIn()
        m.on({ type: 'renew' })
        return m
      },
    ],
    [
      'while it is paused',
      () => {
        const m = waiting()
        m.signal('frozen')
        return m
      },
    ],
    [
      'during a handover',
      () => {
        const m = signedIn(null, { overlaps: true })
        m.on({ type: 'handover', purpose: 'replace' })
        m.pass(0)
        return m
      },
    ],
  ]

  it.each(states)('is the end %s', (_, make) => {
    const m = make()
    const open = [m.state.dial, m.state.serving].flatMap(slot => slot ?? [])
    m.on({ type: 'signed-out' })
    expect(m.effects).toMatchObject([
      ...open.map(({ number }) => ({ type: 'retire', number })),
      { type: 'discard' },
      {
        type: 'disconnected',
        silent: false,
        disconnect: { origin: 'client', next: { type: 'stop', by: 'signed-out' } },
      },
    ])
    const { intent, serving, dial, wait, renewal, session } = m.state
    expect([intent, serving, dial, wait, renewal]).toEqual(['closed', null, null, null, null])
    expect(session).toMatchObject({ credential: 'missing', expiresAt: null })
    m.pass(86_400_000)
    expect(m.state.intent).toBe('closed')
  })

  it('is told of the connection that served, and not of the one that was to take over', () => {
    const m = signedIn(null, { overlaps: true })
    m.on({ type: 'handover', purpose: 'replace' })
    m.pass(700)
    m.on({ type: 'signed-out' })
    expect(m.state.cause).toMatchObject({ connection: 1, openMs: 700, code: 1006 })
  })

  it('asks the provider again in the next life', () => {
    const m = signedIn()
    m.on({ type: 'signed-out' })
    m.on({ type: 'reconnect' })
    m.pass(0)
    expect(m.effects).toEqual([{ type: 'authorize', number: 2 }])
  })

  it('changes nothing about a socket that is closing or closed', () => {
    const m = signedIn()
    m.on({ type: 'close' })
    const closing = m.state
    m.on({ type: 'signed-out' })
    expect(m.state).toBe(closing)
    m.end()
    const closed = m.state
    m.on({ type: 'signed-out' })
    expect(m.state).toBe(closed)
  })

  it('means nothing without an auth provider', () => {
    const m = machine()
    m.start()
    const { state } = m
    m.on({ type: 'signed-out' })
    expect(m.state).toBe(state)
  })
})
