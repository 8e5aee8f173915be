import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/core/rules.ts'
import { type Machine, machine } from './machine.ts'

/** A connection that takes over from another one. */

describe('handover', () => {
  it('dials first and retires second where two connections may overlap', () => {
    const m = machine({ overlaps: true })
    m.start()
    m.open()
    m.on({ type: 'handover', purpose: 'replace' })
    m.passUntilDial()
    expect(m.shows).toBe('open')
    expect(m.state.serving).toMatchObject({ number: 1 })
    m.open()
    expect(m.effects).toEqual([
      { type: 'serve', number: 2, attempt: 0, reconnected: true, handover: true },
      { type: 'retire', number: 1 },
    ])
    expect(m.disconnects).toEqual([])
  })

  it('retires first and dials second where they may not', () => {
    const m = machine()
    m.start()
    m.open()
    m.on({ type: 'handover', purpose: 'replace' })
    expect(m.effects).toMatchObject([{ type: 'retire', number: 1 }, { type: 'disconnected' }])
    expect(m.shows).toBe('reconnecting')
  })

  it('is for a connection that serves: nothing else can be replaced', () => {
    const m = machine({ overlaps: true })
    m.start()
    const { state } = m
    m.on({ type: 'handover', purpose: 'replace' })
    expect(m.state).toBe(state)
  })

  it('makes a promotion that is waiting a replacement, and adds no second dial', () => {
    const m = machine({ overlaps: true })
    m.start()
    m.open()
    m.on({ type: 'handover', purpose: 'promote' })
    m.on({ type: 'handover', purpose: 'replace' })
    expect(m.state.wait?.purpose).toBe('replace')
    m.on({ type: 'handover', purpose: 'promote' })
    expect(m.state.wait?.purpose).toBe('replace')
  })

  it('does nothing when the same is under way already', () => {
    for (const purpose of ['promote', 'replace'] as const) {
      const m = machine({ overlaps: true })
      m.start()
      m.open()
      m.on({ type: 'handover', purpose })
      const { state } = m
      m.on({ type: 'handover', purpose })
      expect(m.state).toBe(state)
    }
  })

  it('goes to the preferred transport when connections may not overlap, and not back to the one it left', () => {
    const m = machine({ transports: ['websocket', 'sse'], decide: () => 'fall-back' })
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    expect(m.state.serving?.transport).toBe(1)
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    expect(m.state.dial?.transport).toBe(0)
  })

  it('makes a promotion that is being dialled a replacement', () => {
    const m = machine({ overlaps: true })
    m.start()
    m.open()
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    m.on({ type: 'handover', purpose: 'replace' })
    expect(m.state.dial).toMatchObject({ number: 2, purpose: 'replace' })
    expect(m.effects).toEqual([])
  })
})

describe('a handover that fails', () => {
  function handingOver(answer?: Answer, transports = ['websocket']): Machine {
    let armed = false
    const m = machine({ overlaps: true, transports, decide: () => (armed ? answer : undefined) })
    m.start()
    m.open()
    m.pass(10_000)
    m.on({ type: 'handover', purpose: 'replace' })
    m.passUntilDial()
    armed = true
    return m
  }

  it('is tried again in silence while the other connection serves', () => {
    const m = handingOver()
    m.end()
    expect(m.effects).toMatchObject([{ type: 'disconnected', silent: true, disconnect: { next: { type: 'retry' } } }])
    expect([m.shows, m.state.wait?.purpose, m.state.cause]).toEqual(['open', 'replace', null])
  })

  it('is given up when a policy says stop, and the other connection goes on', () => {
    const m = handingOver('stop')
    m.end()
    expect(m.effects).toMatchObject([{ type: 'disconnected', silent: true, disconnect: { next: { by: 'policy' } } }])
    expect([m.shows, m.state.wait, m.state.dial]).toEqual(['open', null, null])
  })

  it('becomes a recovery when the connection that serves is lost', () => {
    const m = handingOver()
    m.pass(500)
    m.on({ type: 'ended', number: 1, code: 1006, reason: '', wasClean: false })
    expect(m.disconnects).toMatchObject([{ connection: 1, next: { type: 'handover' } }])
    expect(m.state.dial).toMatchObject({ number: 2, purpose: 'recover' })
    expect([m.shows, m.state.down?.since]).toEqual(['reconnecting', 10_500])
    m.open()
    expect(m.effects).toMatchObject([{ type: 'serve', number: 2, handover: false }])
  })

  it('does not move the fall-back on, when it was for a better transport', () => {
    const m = machine({ transports: ['websocket', 'sse', 'polling'], overlaps: true, decide: () => 'fall-back' })
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    m.end()
    expect([m.state.serving?.transport, m.state.retry.transport]).toEqual([1, 1])
    expect(m.state.wait?.purpose).toBe('promote')
  })
})
