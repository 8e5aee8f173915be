import { describe, expect, it } from 'vitest'
import { machine } from './machine.ts'

/** What the app may ask for: close(), reconnect(), retryNow(). */

describe('close', () => {
  it('closes an open connection politely, and is closed when it has ended', () => {
    const m = machine()
    m.start()
    m.open()
    m.on({ type: 'close', code: 4000, reason: 'bye' })
    expect(m.effects).toEqual([{ type: 'discard' }, { type: 'shut', number: 1, code: 4000, reason: 'bye' }])
    expect(m.shows).toBe('closed')
    m.end(4000, 'bye')
    expect(m.effects[0]).toEqual({ type: 'discard' })
    expect(m.disconnects).toMatchObject([{ code: 4000, origin: 'client', next: { type: 'stop', by: 'app' } }])
    expect(m.state.intent).toBe('closed')
  })

  it('forgets the stable window: nothing is due while the other side takes its time', () => {
    const m = machine()
    m.start()
    m.open()
    m.on({ type: 'close' })
    m.pass(3_600_000)
    expect(m.state.serving).toMatchObject({ number: 1, stableAt: null })
  })

  it('closes a dial politely too, and gives it up when the connect timeout has passed', () => {
    const m = machine()
    m.start()
    m.pass(4_000)
    m.on({ type: 'close' })
    expect(m.effects).toMatchObject([{ type: 'discard' }, { type: 'shut', number: 1 }])
    m.pass(5_999)
    expect(m.state.intent).toBe('closing')
    m.pass(1)
    expect(m.state.intent).toBe('closed')
    expect(m.effects[0]).toEqual({ type: 'retire', number: 1 })
    expect(m.disconnects).toMatchObject([{ connection: 1, origin: 'client', code: 1006, wasClean: false }])
  })

  it('aborts a provider at once, and ends in the next task', () => {
    const m = machine({ authorizes: true })
    m.start()
    m.on({ type: 'close' })
    expect(m.effects).toEqual([{ type: 'discard' }, { type: 'retire', number: 1 }])
    expect(m.state.intent).toBe('closing')
    m.pass(0)
    expect(m.state.intent).toBe('closed')
  })

  it('ends a wait in the next task, not inside of close()', () => {
    const m = machine()
    m.start()
    m.end()
    m.on({ type: 'close' })
    expect(m.effects).toEqual([{ type: 'discard' }])
    expect([m.state.intent, m.state.wait, m.state.down]).toEqual(['closing', null, null])
    m.pass(0)
    expect(m.disconnects.at(-1)).toMatchObject({ connection: null, openMs: null, next: { type: 'stop', by: 'app' } })
  })

  it('drops the second connection of a handover at once', () => {
    const m = machine({ overlaps: true })
    m.start()
    m.open()
    m.on({ type: 'handover', purpose: 'replace' })
    m.passUntilDial()
    m.on({ type: 'close' })
    expect(m.effects).toMatchObject([{ type: 'discard' }, { type: 'retire', number: 2 }, { type: 'shut', number: 1 }])
    expect(m.state.dial).toBeNull()
  })

  it('does nothing the second time', () => {
    const m = machine()
    m.start()
    m.on({ type: 'close' })
    const { state } = m
    m.on({ type: 'close' })
    expect(m.state).toBe(state)
  })
})

describe('reconnect', () => {
  it('drops an open connection, tells why, and dials at once', () => {
    const m = machine()
    m.start()
    m.open()
    m.pass(60_000)
    m.on({ type: 'reconnect' })
    expect(m.effects).toMatchObject([
      { type: 'retire', number: 1 },
      { type: 'disconnected', disconnect: { origin: 'client', next: { type: 'retry', inMs: 0, by: 'app' } } },
    ])
    expect(m.shows).toBe('reconnecting')
    expect(m.passUntilDial()).toBe(60_000)
  })

  it('drops both connections of a handover', () => {
    const m = machine({ overlaps: true })
    m.start()
    m.open()
    m.on({ type: 'handover', purpose: 'replace' })
    m.passUntilDial()
    m.on({ type: 'reconnect' })
    expect(m.effects.filter(({ type }) => type === 'retire')).toEqual([
      { type: 'retire', number: 2 },
      { type: 'retire', number: 1 },
    ])
  })

  it('begins a new life after the end, with nothing held against it', () => {
    const m = machine({ maxAttempts: 1 })
    m.start()
    m.end()
    m.passUntilDial()
    m.end()
    expect([m.shows, m.state.retry.attempt]).toEqual(['closed', 2])
    m.pass(10_000)
    m.on({ type: 'reconnect' })
    expect(m.effects).toEqual([])
    expect([m.shows, m.state.retry.attempt, m.state.cause]).toEqual(['connecting', 0, null])
    expect(m.state.down).toEqual({ since: 12_000, limitedAt: 72_000 })
    expect(m.passUntilDial()).toBe(12_000)
  })

  it('takes back a close() that has not ended yet', () => {
    const m = machine()
    m.start()
    m.open()
    m.on({ type: 'close' })
    m.on({ type: 'reconnect' })
    expect(m.shows).toBe('reconnecting')
    expect(m.effects[0]).toEqual({ type: 'retire', number: 1 })
    expect(m.disconnects).toMatchObject([{ next: { type: 'retry' } }])
  })
})

describe('retry-now', () => {
  it('ends a wait', () => {
    const m = machine()
    m.start()
    m.end()
    m.pass(300)
    m.on({ type: 'retry-now' })
    expect(m.state.wait).toMatchObject({ until: 300, by: 'app' })
    expect(m.passUntilDial()).toBe(300)
  })

  it('leaves an open connection alone', () => {
    const m = machine()
    m.start()
    m.open()
    const { state } = m
    m.on({ type: 'retry-now' })
    expect(m.state).toBe(state)
  })

  it('leaves a dial alone for a second, and replaces it after that', () => {
    const m = machine()
    m.start()
    m.pass(999)
    m.on({ type: 'retry-now' })
    expect(m.effects).toEqual([])
    m.pass(1)
    m.on({ type: 'retry-now' })
    expect(m.effects[0]).toEqual({ type: 'retire', number: 1 })
    expect(m.passUntilDial()).toBe(1_000)
  })

  it('leaves a slow handover alone: the other connection serves', () => {
    const m = machine({ overlaps: true })
    m.start()
    m.open()
    m.on({ type: 'handover', purpose: 'replace' })
    m.passUntilDial()
    m.pass(5_000)
    m.on({ type: 'retry-now' })
    expect(m.effects).toEqual([])
  })

  it('is a reconnect() once closed', () => {
    const m = machine({ decide: () => 'stop' })
    m.start()
    m.end()
    expect(m.shows).toBe('closed')
    m.on({ type: 'retry-now' })
    expect(m.shows).toBe('connecting')
  })
})
