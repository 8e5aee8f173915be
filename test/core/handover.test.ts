import { describe, expect, it } from 'vitest'
import type { MachineEvent } from '../../src/core/event.ts'
import type { Answer, Rules } from '../../src/core/rules.ts'
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
      const m = fallenBack()
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
    const m = fallenBack()
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    m.on({ type: 'handover', purpose: 'replace' })
    expect(m.state.dial).toMatchObject({ number: 2, purpose: 'replace' })
    expect(m.effects).toEqual([])
  })

  it('has nothing better to look for than the preferred transport', () => {
    const m = machine({ overlaps: true })
    m.start()
    m.open()
    const { state } = m
    m.on({ type: 'handover', purpose: 'promote' })
    expect(m.state).toBe(state)
  })

  it('looks for the transport it is told of, as long as that is a better one', () => {
    const m = fallenBack(2)
    m.on({ type: 'handover', purpose: 'promote', transport: 2 })
    expect(m.state.wait).toBeNull()
    m.on({ type: 'handover', purpose: 'promote', transport: 1 })
    m.passUntilDial()
    expect(m.state.dial).toMatchObject({ purpose: 'promote', transport: 1 })
    m.open()
    expect(m.effects).toMatchObject([{ type: 'serve', handover: true, over: 'sse' }, { type: 'retire' }])
    expect([m.shows, m.state.retry.transport]).toEqual(['degraded', 1])
  })

  it('tells when it is back on the preferred one', () => {
    const m = fallenBack()
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    m.open()
    expect(m.effects).toMatchObject([{ type: 'serve', over: 'websocket' }, { type: 'retire' }])
    expect(m.shows).toBe('open')
  })

  it('whose credential is refused on the way has it renewed, and is tried again', () => {
    const m = machine({
      overlaps: true,
      credentials: true,
      transports: ['websocket', 'sse'],
      decide: () => 'refresh-auth',
    })
    m.on({ type: 'start', transport: 1 })
    m.open()
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    m.end(4401)
    expect(m.effects).toMatchObject([
      { type: 'refuse', number: 2 },
      { type: 'disconnected', silent: true },
    ])
    expect([m.state.session.credential, m.state.wait?.purpose]).toEqual(['refused', 'promote'])
  })

  it('goes there with a break where connections may not overlap', () => {
    const m = fallenBack(2, false)
    m.on({ type: 'handover', purpose: 'promote', transport: 1 })
    m.passUntilDial()
    expect(m.state.dial).toMatchObject({ purpose: 'recover', transport: 1 })
  })
})

/** Serves over the transport with that index. */
function fallenBack(transport = 1, overlaps = true): Machine {
  const m = machine({ overlaps, transports: ['websocket', 'sse', 'polling'] })
  m.on({ type: 'start', transport })
  m.open()
  return m
}

describe('a fall back', () => {
  const to = (transport: number): MachineEvent => ({ type: 'fall-back', transport, to: 'sse', why: 'blocked' })

  function waiting(rules: Partial<Rules> = {}): Machine {
    const m = machine({ transports: ['websocket', 'sse'], ...rules })
    m.start()
    m.end()
    return m
  }

  it('ends a wait: the next transport is dialled now', () => {
    const m = waiting()
    m.pass(500)
    m.on(to(1))
    expect(m.state.wait).toMatchObject({ purpose: 'first', until: 500, by: 'policy' })
    m.passUntilDial()
    expect([m.now, m.state.dial?.transport]).toEqual([500, 1])
    m.open()
    expect(m.effects).toEqual([
      { type: 'serve', number: 2, attempt: 1, reconnected: false, handover: false, over: 'sse' },
    ])
    expect(m.shows).toBe('degraded')
  })

  it('ends a dial that hangs', () => {
    const m = machine({ transports: ['websocket', 'sse'] })
    m.start()
    m.pass(4_000)
    m.on(to(1))
    expect(m.effects).toEqual([{ type: 'retire', number: 1 }])
    m.passUntilDial()
    expect([m.now, m.state.dial]).toMatchObject([4_000, { number: 2, transport: 1, purpose: 'first' }])
  })

  it('does not come earlier than the server asked for', () => {
    const m = machine({ transports: ['websocket', 'sse'] })
    m.start()
    m.end(1013, 'after=30')
    m.on(to(1))
    expect(m.state.wait).toMatchObject({ until: 30_000, notBefore: 30_000 })
  })

  it('has no hurry when it is a better one: what comes later keeps its moment', () => {
    const m = waiting()
    m.on(to(1))
    m.passUntilDial()
    m.end()
    m.on({ type: 'fall-back', transport: 0, to: 'websocket', why: 'exhausted' })
    expect(m.state.wait).toMatchObject({ until: 2_000, by: 'policy' })
    m.passUntilDial()
    expect(m.state.dial?.transport).toBe(0)
  })

  it('obeys the dial guard', () => {
    const m = waiting({ backoff: () => 0 })
    for (let dials = 1; dials < 6; dials++) {
      m.passUntilDial()
      m.end()
    }
    m.on(to(1))
    expect(m.state.wait).toMatchObject({ by: 'dial-guard' })
  })

  it('leaves a paused page paused, and is what it begins with later', () => {
    const m = waiting()
    m.signal('frozen')
    m.on(to(1))
    expect(m.state.wait?.until).toBeNull()
    m.signal('resumed')
    m.passUntilDial()
    expect(m.state.dial?.transport).toBe(1)
  })

  it('keeps a credential that is being fetched', () => {
    const m = machine({ transports: ['websocket', 'sse'], credentials: true })
    m.start()
    m.on(to(1))
    expect(m.effects).toEqual([{ type: 'retire', number: 1 }])
    expect(m.state.renewal).not.toBeNull()
  })

  it('is for a socket that nothing serves, and for another transport that there is', () => {
    const m = fallenBack()
    for (const transport of [0, 1, 2]) {
      const { state } = m
      m.on(to(transport))
      expect(m.state).toBe(state)
    }
    const w = waiting()
    for (const transport of [0, 2]) {
      const { state } = w
      w.on(to(transport))
      expect(w.state).toBe(state)
    }
    w.on({ type: 'close' })
    const { state } = w
    w.on(to(1))
    expect(w.state).toBe(state)
  })

  it('may turn out beside the dial itself: whichever was first serves', () => {
    const m = machine({ transports: ['websocket', 'sse'] })
    m.start()
    m.on({ type: 'connected', number: 1 })
    m.on({ type: 'ready', number: 1, transport: 1 })
    expect([m.shows, m.state.serving?.transport, m.state.retry.transport]).toEqual(['degraded', 1, 1])
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

  it('does not move the fall-back on, when it was for a better transport and became a replacement', () => {
    const m = machine({ overlaps: true, transports: ['websocket', 'sse', 'polling'], decide: () => 'fall-back' })
    m.on({ type: 'start', transport: 1 })
    m.open()
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    m.on({ type: 'handover', purpose: 'replace' })
    m.end()
    expect(m.state.retry.transport).toBe(1)
  })

  it('does not move the fall-back on, when it was for a better transport', () => {
    const m = machine({ transports: ['websocket', 'sse', 'polling'], overlaps: true, decide: () => 'fall-back' })
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    m.on({ type: 'handover', purpose: 'promote' })
    m.passUntilDial()
    const { retry } = m.state
    m.end()
    expect(m.effects).toMatchObject([{ type: 'disconnected', silent: true, disconnect: { next: { type: 'stay' } } }])
    // It costs the connection that serves nothing.
    expect(m.state).toMatchObject({ retry, wait: null, dial: null, cause: null, serving: { transport: 1 } })
  })
})
