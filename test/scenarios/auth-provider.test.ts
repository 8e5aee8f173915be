import { describe, expect, it, vi } from 'vitest'
import type { AuthProvider, ProvidedCredential } from '../../src/index.ts'
import { hangs } from '../../src/testing/index.ts'
import { aborted, authStory, never, provides, reasons, until } from './auth-story.ts'
import { expectNothingLeft, openStory, story } from './story.ts'

describe('an auth provider', () => {
  it('is asked before the first dial, because there is no credential yet', async () => {
    const provider = provides('secret')
    const { clock, server } = authStory(provider)
    expect(server.dials).toEqual([])
    expect(reasons(provider)).toEqual(['missing'])
    await clock.advance(0)
    expect(server.dials).toHaveLength(1)
  })

  it.each<[string, () => ReturnType<AuthProvider>]>([
    ['a string', () => 'secret'],
    ['a promise of a string', () => Promise.resolve('secret')],
    ['an object', () => ({ token: 'secret' })],
    ['an object with all that is known', async () => ({ ...until('secret', 3_600_000), identity: 'ann' })],
    ['nothing, because a cookie holds the session', () => undefined],
    ['a promise of nothing', async () => undefined],
    ['an object without a token', () => ({ expiresAt: Date.UTC(2026, 0) })],
  ])('may answer with %s', async (_, answer) => {
    const { clock, journal, problems } = story({ options: { auth: provides(answer) } })
    await clock.advance(0)
    expect(journal).toEqual(['open'])
    expect(problems).toEqual([])
  })

  it('that answers null has nobody signed in: the socket closes at once and says so', async () => {
    const provider = provides(null)
    const told = authStory(provider)
    const { clock, server, socket, closings, problems } = told
    await clock.advance(0)
    expect(socket.readyState).toBe(3)
    expect(closings.map(({ disconnect }) => disconnect.next)).toEqual([{ type: 'stop', by: 'signed-out' }])
    expect(socket.status.cause?.next).toEqual({ type: 'stop', by: 'signed-out' })
    await clock.advance(3_600_000)
    expect(server.dials).toEqual([])
    expect(provider).toHaveBeenCalledTimes(1)
    expect(problems).toEqual([])
    await expectNothingLeft(told)
  })

  it.each<[string, () => ReturnType<AuthProvider>]>([
    [
      'throws',
      () => {
        throw new Error('503')
      },
    ],
    ['rejects', () => Promise.reject(new Error('503'))],
  ])('that %s is a failed attempt with backoff, reported with its error', async (_, answer) => {
    const provider = provides(answer, answer, 'secret')
    const { clock, server, journal, problems, closings } = authStory(provider)
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]).toMatchObject({ willReconnect: true, retryInMs: 2_000 })
    expect(closings[0]?.disconnect.origin).toBe('provider')
    expect(problems).toMatchObject([{ code: 'ERR_PROVIDER', cause: new Error('503') }])
    await clock.advance(6_000)
    expect(reasons(provider)).toEqual(['missing', 'missing', 'missing'])
    expect(journal.at(-1)).toBe('open')
    expect(server.dials).toHaveLength(1)
  })

  it('that hangs is given up after 10 s, its signal is aborted, and it is asked again', async () => {
    const provider = provides(never, 'secret')
    const { clock, journal, closings } = authStory(provider)
    await clock.advance(9_999)
    expect(journal).toEqual([])
    expect(aborted(provider)).toEqual([false])
    await clock.advance(1)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'provider', next: { type: 'retry', inMs: 2_000 } })
    expect(aborted(provider)).toEqual([true])
    await clock.advance(2_000)
    expect(journal.at(-1)).toBe('open')
    expect(aborted(provider)).toEqual([true, false])
  })

  it('that answers too late is not listened to', async () => {
    let answer = (_: ProvidedCredential): void => {}
    const late = new Promise<ProvidedCredential>(resolve => {
      answer = resolve
    })
    const { clock, server, socket } = authStory(provides(late, never))
    await clock.advance(10_000)
    answer(null)
    await clock.advance(1_000)
    expect(server.dials).toEqual([])
    expect(socket.readyState).toBe(0)
  })

  it.each<[string, unknown, string]>([
    ['a number', 42, 'Expected `auth()` to be a token, { token, expiresAt, identity }, or null, got 42.'],
    ['a boolean', false, 'Expected `auth()` to be a token, { token, expiresAt, identity }, or null, got false.'],
    ['a list', ['secret'], 'Expected `auth()` to be a token, { token, expiresAt, identity }, or null, got object.'],
    ['an empty token', '', 'Expected `auth().token` to be a string, not empty, got string.'],
    ['a token that is no string', { token: 7 }, 'Expected `auth().token` to be a string, not empty, got 7.'],
    ['an identity that is no string', { token: 't', identity: 7 }, 'Expected `auth().identity` to be a string, got 7.'],
    [
      'an expiry in seconds',
      { token: 't', expiresAt: 1_767_225_600 },
      'Expected `auth().expiresAt` to be epoch milliseconds after now (1735689600000), not seconds, got 1767225600.',
    ],
    [
      'an expiry that is over',
      { token: 't', expiresAt: Date.UTC(2024, 0) },
      'Expected `auth().expiresAt` to be epoch milliseconds after now (1735689600000), not seconds, got 1704067200000.',
    ],
    [
      'an expiry that is a Date',
      { token: 't', expiresAt: new Date(Date.UTC(2026, 0)) },
      'Expected `auth().expiresAt` to be epoch milliseconds after now (1735689600000), not seconds, got object.',
    ],
    [
      'an expiry that is a string of digits',
      { token: 't', expiresAt: '1767225600000' },
      'Expected `auth().expiresAt` to be epoch milliseconds after now (1735689600000), not seconds, got string.',
    ],
    [
      'an expiry that never comes',
      { token: 't', expiresAt: Infinity },
      'Expected `auth().expiresAt` to be epoch milliseconds after now (1735689600000), not seconds, got Infinity.',
    ],
  ])('that answers with %s is a failed attempt, reported by the field', async (_, answer, message) => {
    const provider = vi.fn<AuthProvider>(() => answer as ProvidedCredential)
    const { clock, server, problems, closings } = authStory(provider)
    await clock.advance(0)
    expect(problems.map(({ code, message }) => [code, message])).toEqual([['ERR_PROVIDER', message]])
    expect(closings[0]).toMatchObject({ willReconnect: true, retryInMs: 2_000 })
    expect(server.dials).toEqual([])
  })

  it('is told why: nothing yet, expiring, refused, expired, requested', async () => {
    const provider = provides(
      until('a', 100_000),
      until('b', 200_000),
      until('c', 300_000),
      until('d', 900_000),
      until('e', 1_000_000),
      until('f', 9_000_000),
    )
    const { clock, server, socket } = authStory(provider)
    await clock.advance(80_000)
    expect(reasons(provider)).toEqual(['missing', 'expiring'])
    await clock.advance(1_000)
    server.latest.close(4401)
    await clock.advance(0)
    expect(reasons(provider)).toEqual(['missing', 'expiring', 'refused'])
    clock.sleep(600_000)
    server.latest.reset()
    await clock.advance(500)
    expect(reasons(provider).slice(3)).toEqual(['expired'])
    socket.refreshAuth()
    expect(reasons(provider).slice(4)).toEqual(['requested'])
    await clock.advance(60_000)
    socket.close()
    await clock.advance(0)
    socket.reconnect()
    await clock.advance(0)
    expect(reasons(provider).slice(5)).toEqual(['requested'])
  })
})

describe('the signal of an auth provider', () => {
  it('is aborted by close(), and nothing is called afterwards', async () => {
    const provider = provides(never)
    const told = authStory(provider)
    const { clock, socket, journal } = told
    await clock.advance(100)
    socket.close()
    expect(aborted(provider)).toEqual([true])
    await clock.advance(600_000)
    expect(provider).toHaveBeenCalledTimes(1)
    expect(journal).toEqual(['error', 'close 1006, final'])
    await expectNothingLeft(told)
  })

  it('is aborted by close() in the middle of a renewal', async () => {
    const provider = provides(until('a', 100_000), never)
    const told = await openStory({ options: { auth: provider } })
    await told.clock.advance(80_000)
    expect(aborted(provider)).toEqual([false, false])
    told.socket.close()
    expect(aborted(provider)).toEqual([false, true])
    await told.clock.advance(600_000)
    expect(provider).toHaveBeenCalledTimes(2)
    await expectNothingLeft(told)
  })

  it('is aborted by refreshAuth(), which asks for a fresher one', async () => {
    const provider = provides(never, 'secret')
    const { clock, socket, journal } = authStory(provider)
    await clock.advance(100)
    socket.refreshAuth()
    expect(aborted(provider)).toEqual([true, false])
    await clock.advance(0)
    expect(journal).toEqual(['open'])
  })

  it('is not aborted by reconnect(): the dial that follows waits for the refresh that is under way', async () => {
    let answer = (_: ProvidedCredential): void => {}
    const provider = provides(
      () =>
        new Promise(resolve => {
          answer = resolve
        }),
    )
    const { clock, socket, journal } = authStory(provider)
    await clock.advance(2_000)
    socket.reconnect()
    await clock.advance(2_000)
    expect(aborted(provider)).toEqual([false])
    answer('secret')
    await clock.advance(0)
    expect(journal.at(-1)).toBe('open')
    expect(provider).toHaveBeenCalledTimes(1)
  })

  it('is not aborted by a page that wakes up, and its ten seconds go on', async () => {
    const provider = provides(never)
    const { clock, page } = authStory(provider)
    await clock.advance(5_000)
    page.say('resumed')
    await clock.advance(4_999)
    expect(aborted(provider)).toEqual([false])
    await clock.advance(1)
    expect(aborted(provider)).toEqual([true])
  })

  it('is left alone once its answer was used', async () => {
    const provider = provides('secret')
    const { clock } = authStory(provider, { behaviour: hangs() })
    await clock.advance(5_000)
    expect(aborted(provider)).toEqual([false])
  })
})
