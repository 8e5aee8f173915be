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

  it('is the server or the network when it was up, and not ready yet', () => {
    for (const [code, origin] of [
      [1011, 'server'],
      [1006, 'network'],
    ] as const) {
      const m = machine()
      m.start()
      m.on({ type: 'connected', number: 1 })
      m.end(code)
      expect(m.disconnects).toMatchObject([{ origin, code, openMs: null }])
    }
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
        silentMs: null,
        attempt: 0,
        refusals: null,
        history: [],
      },
    ])
  })

  it('is shown how the ten connections before it failed, a stable one between or not', () => {
    let shown: readonly unknown[] = []
    const m = machine({
      decide: ({ history }) => {
        shown = history
        return undefined
      },
    })
    m.start()
    m.end()
    m.passUntilDial()
    m.open()
    m.pass(10_000)
    m.end(1011)
    expect(shown).toEqual([{ origin: 'dial-failed', code: 1006, openMs: null, endedAt: m.wallOffset }])
    for (let failures = 0; failures < 10; failures++) {
      m.passUntilDial()
      m.end(4000 + failures)
    }
    expect(shown).toHaveLength(10)
    expect(shown[0]).toMatchObject({ origin: 'server', code: 1011, openMs: 10_000 })
    expect(shown.at(-1)).toMatchObject({ origin: 'dial-failed', code: 4008 })
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
