import { expect, describe as group, it } from 'vitest'
import { describe, meaningOf } from '../../src/observe/index.ts'
import { accepts, closes, hangs, refuses, resets, sequence } from '../../src/testing/index.ts'
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

  it('says that nobody is signed in, or that the session has expired', async () => {
    const out = story({ options: { auth: () => null } })
    await out.clock.advance(0)
    expect(describe(out.socket.status)).toBe('Signed out')
    const refused = story({ behaviour: closes({ code: 4401 }) })
    await refused.clock.advance(0)
    expect(describe(refused.socket.status)).toBe('Session expired, sign in again')
    const banned = story({ behaviour: closes({ code: 4403 }) })
    await banned.clock.advance(0)
    expect(describe(banned.socket.status)).toBe('Disconnected')
  })

  it('says that the session is being renewed', async () => {
    let answer = (): string | Promise<string> => 'old'
    const { clock, socket } = story({
      behaviour: sequence(closes({ code: 4401 }), accepts()),
      options: { auth: () => answer() },
    })
    answer = () => new Promise(() => {})
    await clock.advance(100)
    expect(socket.status.state).toBe('auth-refresh')
    expect(describe(socket.status, clock.wall())).toBe('Renewing your session…')
  })

  it('has a word for a fallback', () => {
    expect(describe({ ...story().socket.status, state: 'degraded', limited: false })).toBe('Connected (slow lane)')
  })
})

group('the meaning of a code', () => {
  it('is known for those that are registered or that everybody uses, and not for those of the app', () => {
    expect(meaningOf(1006)).toBe('no close frame')
    expect(meaningOf(1013)).toBe('try again later')
    expect(meaningOf(4401)).toBe('unauthorized')
    expect(meaningOf(4402)).toBeNull()
    expect(meaningOf(3001)).toBeNull()
    expect(meaningOf(1004)).toBeNull()
  })
})
