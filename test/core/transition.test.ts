import { describe, expect, it } from 'vitest'
import { machine } from './machine.ts'

/** What each event does; the app's commands and the page's signals have files of their own. */

describe('start', () => {
  it('dials in the very step, so that the constructor can throw what the platform throws', () => {
    const m = machine()
    m.start()
    expect(m.effects).toEqual([{ type: 'dial', number: 1 }])
    expect(m.state.dial).toEqual({
      number: 1,
      id: '8000',
      transport: 0,
      purpose: 'first',
      phase: 'connecting',
      startedAt: 0,
      credential: 0,
      deadlineAt: 10_000,
    })
    expect(m.state.down).toEqual({ since: 0, limitedAt: 60_000 })
    expect(m.shows).toBe('connecting')
  })

  it('does nothing after closed either, where reconnect() is the way: it obeys the dial guard', () => {
    const m = machine()
    m.start()
    m.on({ type: 'close' })
    m.end()
    expect(m.state.intent).toBe('closed')
    const { state } = m
    m.start()
    expect(m.state).toBe(state)
  })

  it('does nothing the second time', () => {
    const m = machine()
    m.start()
    const { state } = m
    m.start()
    expect(m.state).toBe(state)
    expect(m.effects).toEqual([])
  })
})

describe('authorized, connected, ready', () => {
  it('bring a connection up, one phase after the other', () => {
    const m = machine({ authorizes: true })
    m.start()
    expect(m.effects).toEqual([{ type: 'authorize', number: 1 }])
    m.on({ type: 'authorized', number: 1, expiresAt: null })
    expect(m.effects).toEqual([{ type: 'dial', number: 1 }])
    m.on({ type: 'connected', number: 1 })
    expect(m.effects).toEqual([{ type: 'greet', number: 1 }])
    expect(m.shows).toBe('connecting')
    m.on({ type: 'ready', number: 1 })
    expect(m.effects).toEqual([{ type: 'serve', number: 1, attempt: 0, reconnected: false, handover: false }])
    expect(m.shows).toBe('open')
  })

  it('do nothing once the app has closed', () => {
    const m = machine()
    m.start()
    m.on({ type: 'close' })
    const { state } = m
    m.on({ type: 'connected', number: 1 })
    expect(m.state).toBe(state)
  })

  it('does not need a provider to be asked twice when what it gave has no expiry', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: null })
    m.end()
    m.passUntilDial()
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })
})

describe('ended', () => {
  it('tells the app what happened and what happens next', () => {
    const m = machine()
    m.start()
    m.open()
    m.pass(700)
    m.end(1011, 'oops')
    expect(m.effects).toEqual([
      {
        type: 'disconnected',
        silent: false,
        disconnect: {
          origin: 'server',
          code: 1011,
          reason: 'oops',
          wasClean: true,
          connection: 1,
          connectionId: '8000',
          transport: 'websocket',
          openMs: 700,
          silentMs: null,
          attempt: 0,
          refusals: null,
          history: [],
          next: { type: 'retry', inMs: 2_000, by: 'backoff' },
        },
      },
    ])
    expect(m.shows).toBe('reconnecting')
  })

  it('changes nothing when the connection was replaced long ago', () => {
    const m = machine()
    m.start()
    m.open()
    m.on({ type: 'reconnect' })
    m.passUntilDial()
    const { state } = m
    m.on({ type: 'ended', number: 1, code: 1000, reason: '', wasClean: true })
    expect(m.state).toBe(state)
    expect(m.effects).toEqual([])
  })
})

describe('renewed', () => {
  it('starts a dial over that carries the old credential', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: null })
    m.on({ type: 'renewed', expiresAt: m.wallOffset + 60_000 })
    expect(m.effects).toEqual([{ type: 'retire', number: 1 }])
    expect(m.state.wait).toMatchObject({ purpose: 'first', until: 0, by: 'rotation' })
    m.passUntilDial()
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })

  it('leaves a dial alone that is already greeting', () => {
    const m = machine({ credentials: true })
    m.start()
    m.on({ type: 'authorized', number: 1, expiresAt: null })
    m.on({ type: 'connected', number: 1 })
    m.on({ type: 'renewed', expiresAt: 5 })
    expect(m.effects).toEqual([])
    expect(m.state.session).toMatchObject({ credential: 'held', expiresAt: 5 })
  })

  it('lets a wait dial with it, without asking the provider again', () => {
    const m = machine({ credentials: true, decide: () => 'refresh-auth' })
    m.start()
    m.open()
    m.end(4401)
    expect(m.shows).toBe('auth-refresh')
    m.on({ type: 'renewed', expiresAt: null })
    expect(m.shows).toBe('reconnecting')
    m.passUntilDial()
    expect(m.effects).toEqual([{ type: 'dial', number: 2 }])
  })

  it('means nothing without an auth provider', () => {
    const m = machine()
    m.start()
    const { state } = m
    m.on({ type: 'renewed', expiresAt: 5 })
    expect(m.state).toBe(state)
  })
})

describe('tick', () => {
  it('forgets the attempts when a connection was up for 10 s', () => {
    const m = machine()
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    m.pass(9_999)
    expect(m.state.retry).toMatchObject({ attempt: 1, previousMs: 2_000 })
    m.pass(1)
    expect(m.state.retry).toMatchObject({ attempt: 0, previousMs: 0 })
    expect(m.state.serving?.stableAt).toBeNull()
  })

  it('keeps the attempts when a connection dies before it is stable', () => {
    const m = machine()
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    m.pass(9_999)
    m.end()
    expect(m.state.retry.attempt).toBe(2)
  })

  it('never forgets them when the app says that nothing is ever stable', () => {
    const m = machine({ stableMs: Infinity })
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    expect(m.state.serving?.stableAt).toBeNull()
    m.pass(86_400_000)
    m.end()
    expect(m.state.retry.attempt).toBe(2)
  })

  it('tells the app to work offline after a minute without traffic', () => {
    const m = machine()
    m.start()
    m.open()
    m.pass(1_000)
    m.end()
    const stays = m.state.down?.since
    m.pass(59_999)
    expect(m.shows).toBe('reconnecting')
    m.pass(1)
    expect([m.shows, stays, m.state.down]).toEqual(['degraded', 1_000, { since: 1_000, limitedAt: null }])
  })

  it('changes nothing when nothing is due', () => {
    const m = machine()
    m.start()
    m.open()
    const { state } = m
    m.on({ type: 'tick' })
    expect(m.state).toBe(state)
  })
})
