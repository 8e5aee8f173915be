import { describe, expect, it } from 'vitest'
import { deadline } from '../../src/core/deadline.ts'
import { initialState } from '../../src/core/state.ts'
import { ended, machine } from './machine.ts'

/** The one next moment at which something is due. */

describe('the deadline', () => {
  it('is never, for a socket that was not started', () => {
    expect(deadline(initialState())).toBe(Infinity)
  })

  it('is the connect timeout while dialling', () => {
    const m = machine()
    m.start()
    expect(deadline(m.state)).toBe(10_000)
  })

  it('is the end of the stable window while young, and never after that', () => {
    const m = machine()
    m.start()
    m.pass(3)
    m.open()
    expect(deadline(m.state)).toBe(10_003)
    m.pass(10_000)
    expect(deadline(m.state)).toBe(Infinity)
  })

  it('is the next dial while waiting', () => {
    expect(deadline(ended().state)).toBe(2_000)
  })

  it('is the minute after which the app is told to work offline, when that comes first', () => {
    const m = ended({ backoff: () => 90_000 })
    expect(deadline(m.state)).toBe(60_000)
    m.pass(60_000)
    expect(deadline(m.state)).toBe(90_000)
  })

  it('is now for a close() with nothing left to close', () => {
    const m = ended()
    m.on({ type: 'close' })
    expect(deadline(m.state)).toBe(0)
    m.pass(0)
    expect(deadline(m.state)).toBe(Infinity)
  })

  it('is never while a page is frozen for long', () => {
    const m = ended()
    m.signal('frozen')
    m.pass(60_000)
    expect(deadline(m.state)).toBe(Infinity)
  })
})
