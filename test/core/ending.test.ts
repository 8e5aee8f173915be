import { describe, expect, it } from 'vitest'
import type { Answer } from '../../src/core/rules.ts'
import { type Machine, machine } from './machine.ts'

/** How a connection ends, and what is decided then. */

describe('who ended a connection', () => {
  it.each([
    ['the server, with a close frame', 1011, 'server'],
    ['the server, with a frame that has no code', 1005, 'server'],
    ['the network, without one', 1006, 'network'],
  ] as const)('is %s', (_, code, origin) => {
    const m = machine()
    m.start()
    m.open()
    m.end(code)
    expect(m.disconnects).toMatchObject([{ origin, code, openMs: 0 }])
  })

  it('is a failed dial when it never opened', () => {
    const m = machine()
    m.start()
    m.end(1006)
    expect(m.disconnects).toMatchObject([{ origin: 'dial-failed', openMs: null }])
  })

  it('is what the reporter says, when that knows better', () => {
    const m = machine()
    m.start()
    m.open()
    m.end(1006, '', 'heartbeat')
    expect(m.disconnects).toMatchObject([{ origin: 'heartbeat' }])
  })

  it('is the app after close(), whatever the frame says', () => {
    const m = machine()
    m.start()
    m.open()
    m.on({ type: 'close' })
    m.end(1011)
    expect(m.disconnects).toMatchObject([{ origin: 'client', code: 1011 }])
  })
})

describe('a close policy', () => {
  function answered(answer: Answer | undefined, transports = ['websocket', 'sse', 'polling']): Machine {
    const m = machine({ decide: () => answer, transports })
    m.start()
    m.end(4000)
    return m
  }

  it('is shown the facts of the ending', () => {
    const shown: unknown[] = []
    const m = machine({ decide: ending => void shown.push(ending) })
    m.start()
    m.open()
    m.pass(250)
    m.end(4000, 'why')
    expect(shown).toEqual([
      {
        origin: 'server',
        code: 4000,
        reason: 'why',
        wasClean: true,
        connection: 1,
        connectionId: '8000',
        transport: 'websocket',
        openMs: 250,
        attempt: 0,
      },
    ])
  })

  it('abstains, and the socket retries', () => {
    expect(answered(undefined).state.wait?.by).toBe('backoff')
  })

  it('stops: closed at once, with the cause, and what waited is discarded', () => {
    const m = answered('stop')
    expect(m.shows).toBe('closed')
    expect(m.effects).toMatchObject([{ type: 'discard' }, { type: 'disconnected', silent: false }])
    expect(m.state.cause?.next).toEqual({ type: 'stop', by: 'policy' })
    m.pass(86_400_000)
    expect(m.dials).toHaveLength(1)
  })

  it('falls back transport by transport, and stays on the last one', () => {
    const m = answered('fall-back')
    const used = [1, 2, 3].map(() => {
      m.passUntilDial()
      const { transport } = m.state.dial ?? {}
      m.end()
      return transport
    })
    expect(used).toEqual([1, 2, 2])
  })

  it('falls back to the same transport where there is only one', () => {
    expect(answered('fall-back', ['websocket']).state.retry.transport).toBe(0)
  })

  it('is not asked about a connection that the app closed', () => {
    const m = machine({ decide: () => 'retry' })
    m.start()
    m.open()
    m.on({ type: 'close' })
    m.end(1000)
    expect(m.state.intent).toBe('closed')
  })

  it('says when, and the server is not asked: the policy is the app', () => {
    const m = machine({ decide: () => ({ afterMs: 5_000 }) })
    m.start()
    m.end(1013, 'after=20')
    expect(m.state.wait).toMatchObject({ until: 5_000, by: 'policy' })
  })
})

describe('attempts', () => {
  it('are used up after as many as the app allows', () => {
    const m = machine({ maxAttempts: 2 })
    m.start()
    m.end()
    m.passUntilDial()
    m.end()
    m.passUntilDial()
    m.end()
    expect(m.shows).toBe('closed')
    expect(m.disconnects.map(({ attempt, next }) => [attempt, next.type])).toEqual([
      [0, 'retry'],
      [1, 'retry'],
      [2, 'stop'],
    ])
    expect(m.state.cause?.next).toEqual({ type: 'stop', by: 'attempts' })
  })

  it('never run out by default', () => {
    const m = machine({ backoff: () => 20_000 })
    m.start()
    for (let failures = 0; failures < 1_000; failures++) {
      m.end()
      m.passUntilDial()
    }
    expect(m.shows).toBe('degraded')
  })

  it('are forgotten when a connection was stable, even if the tick that says so is late', () => {
    const m = machine()
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    m.stall(10_000)
    m.end()
    expect(m.state.retry.attempt).toBe(1)
  })
})

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
