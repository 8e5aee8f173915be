import { describe, expect, it } from 'vitest'
import { initialState } from '../../src/core/state.ts'
import { machine } from './machine.ts'

/** What the page, the clock and the network say. */

describe('signal', () => {
  it('remembers what the page said', () => {
    const m = machine()
    m.start()
    m.open()
    m.pass(5)
    for (const signal of ['offline', 'hidden', 'frozen'] as const) m.signal(signal)
    expect(m.state.page).toEqual({ online: false, frozen: true, hiddenSince: 5 })
    m.pass(5)
    m.signal('hidden')
    expect(m.state.page.hiddenSince).toBe(5)
    for (const signal of ['online', 'visible', 'resumed'] as const) m.signal(signal)
    expect(m.state.page).toEqual({ online: true, frozen: false, hiddenSince: null })
  })

  it('never drops a connection that serves', () => {
    const m = machine()
    m.start()
    m.open()
    for (const signal of ['offline', 'online', 'hidden', 'frozen', 'resumed', 'woke', 'network-changed'] as const) {
      m.signal(signal)
      expect(m.effects).toEqual([])
    }
    expect(m.shows).toBe('open')
  })

  it.each(['online', 'woke', 'resumed', 'network-changed'] as const)('%s ends a dial that hangs', signal => {
    const m = machine()
    m.start()
    if (signal === 'online') m.signal('offline')
    m.pass(1_000)
    m.signal(signal)
    expect(m.effects).toMatchObject([{ type: 'retire', number: 1 }, { type: 'disconnected' }])
    expect(m.disconnects).toMatchObject([{ origin: 'network', next: { by: 'local-evidence', inMs: 250 } }])
  })

  it('leaves a dial alone that is younger than a second', () => {
    const m = machine()
    m.start()
    m.pass(999)
    m.signal('woke')
    expect(m.effects).toEqual([])
  })

  it('is remembered by a socket that is closed, and starts nothing', () => {
    const m = machine()
    m.signal('offline')
    expect(m.state).toEqual({ ...initialState(), page: { online: false, frozen: false, hiddenSince: null } })
  })
})
