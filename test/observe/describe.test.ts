import { expect, describe as group, it } from 'vitest'
import { describe, meaningOf } from '../../src/observe/index.ts'
import { accepts, hangs, refuses, resets, sequence } from '../../src/testing/index.ts'
import { story } from '../scenarios/story.ts'

group('a status in words', () => {
  it('is "Connecting…" during the first dial, and counts down to the next', async () => {
    const { clock, socket } = story({ behaviour: refuses() })
    expect(describe(socket.status, clock.wall())).toBe('Connecting…')
    await clock.advance(0)
    expect(describe(socket.status, clock.wall())).toBe('Connecting, next try in 2 s')
    await clock.advance(1_500)
    expect(describe(socket.status, clock.wall())).toBe('Connecting, next try in 1 s')
  })

  it('is "Connected" while open, and "Reconnecting" after a drop', async () => {
    const { clock, socket } = story({ behaviour: sequence(resets({ afterMs: 10 }), hangs()) })
    await clock.advance(0)
    expect(describe(socket.status)).toBe('Connected')
    await clock.advance(10)
    expect(describe(socket.status, clock.wall())).toBe('Reconnecting, next try in 2 s')
    await clock.advance(2_000)
    expect(describe(socket.status, clock.wall())).toBe('Reconnecting…')
  })

  it('is "Offline" when the browser says so, and says when it is paused', async () => {
    const { clock, page, socket } = story({ behaviour: sequence(resets({ afterMs: 10 }), accepts()) })
    await clock.advance(10)
    page.say('offline')
    expect(describe(socket.status, clock.wall())).toBe('Offline, next try in 30 s')
    page.say('frozen')
    expect(describe(socket.status, clock.wall())).toBe('Offline, paused until you are back')
  })

  it('is "Working offline" after a minute without traffic', async () => {
    const { clock, socket } = story({ behaviour: hangs() })
    await clock.advance(60_000)
    expect(describe(socket.status, clock.wall())).toMatch(/^Working offline/)
  })

  it('says why it is closed', async () => {
    const closed = story()
    closed.socket.close()
    expect(describe(closed.socket.status)).toBe('Disconnected')
    const used = story({ behaviour: refuses(), options: { maxAttempts: 2 } })
    await used.clock.advance(60_000)
    expect(describe(used.socket.status)).toBe('Disconnected after 3 attempts')
  })

  it('has words for states that later layers bring', () => {
    const { status } = story().socket
    const refused = { ...status, state: 'auth-refresh' as const }
    expect(describe(refused)).toBe('Renewing your session…')
    expect(describe({ ...status, state: 'degraded', limited: false })).toBe('Connected (slow lane)')
    const cause = { origin: 'server', code: 4401, reason: '', wasClean: true, connection: 1 } as const
    const next = { type: 'stop', by: 'unauthorized' } as const
    const ended = { ...cause, connectionId: 'a', transport: 'websocket', openMs: 1, attempt: 0, next }
    expect(describe({ ...status, state: 'closed', cause: ended })).toBe('Session expired, sign in again')
  })
})

group('the meaning of a code', () => {
  it('is known for those that are registered, and not for those of the app', () => {
    expect(meaningOf(1006)).toBe('no close frame')
    expect(meaningOf(1013)).toBe('try again later')
    expect(meaningOf(4401)).toBeNull()
  })
})
