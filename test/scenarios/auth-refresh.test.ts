import { describe, expect, it } from 'vitest'
import { accepts, closes, hangs, refuses } from '../../src/testing/index.ts'
import { aborted, authStory, counts, never, openAuthStory, provides, reasons, tokens, until } from './auth-story.ts'
import { expectNothingLeft, openStory } from './story.ts'

const as = (identity: string, token = `of ${identity}`): { token: string; identity: string } => ({ token, identity })

describe('refreshAuth()', () => {
  it('while open fetches a fresh one, and replaces the connection at a quiet moment', async () => {
    const provider = counts()
    const { clock, server, socket, journal } = await openAuthStory(provider)
    socket.refreshAuth()
    expect(reasons(provider)).toEqual(['missing', 'requested'])
    await clock.advance(249)
    expect(journal).toEqual([])
    await clock.advance(1)
    expect(tokens(server)).toEqual(['token 1', 'token 2'])
    expect(journal).toEqual(['close 1006', 'open'])
  })

  it('while open replaces the connection within a minute, however busy it is', async () => {
    const { clock, server, socket } = await openAuthStory(counts())
    socket.refreshAuth()
    for (let ms = 0; ms < 59_900; ms += 100) {
      server.latest.send('x')
      await clock.advance(100)
    }
    expect(server.dials).toHaveLength(1)
    await clock.advance(100)
    expect(server.dials).toHaveLength(2)
  })

  it('while the credential is fetched begins again', async () => {
    const provider = provides(never, 'fresh')
    const { clock, server, socket } = authStory(provider)
    await clock.advance(1_000)
    socket.refreshAuth()
    await clock.advance(0)
    expect(aborted(provider)).toEqual([true, false])
    expect(tokens(server)).toEqual(['fresh'])
  })

  it('while dialling gives the dial up: it carries the wrong token', async () => {
    const { clock, server, socket, journal } = authStory(counts(), { behaviour: hangs() })
    await clock.advance(1_000)
    server.behaviour = accepts()
    socket.refreshAuth()
    await clock.advance(0)
    expect(tokens(server)).toEqual(['token 1', 'token 2'])
    expect(journal).toEqual(['open'])
    expect(server.dials[1]?.unanswered).toBe(0)
  })

  it('while waiting fetches it for the dial to come, and does not shorten the wait', async () => {
    const provider = counts()
    const { clock, server, socket } = authStory(provider, { behaviour: refuses() })
    await clock.advance(1_000)
    socket.refreshAuth()
    expect(reasons(provider)).toEqual(['missing', 'requested'])
    await clock.advance(999)
    expect(server.dials).toHaveLength(1)
    await clock.advance(1)
    expect(tokens(server)).toEqual(['token 1', 'token 2'])
  })

  it('called twice in a row asks once', async () => {
    const provider = counts()
    const { socket } = await openAuthStory(provider)
    socket.refreshAuth()
    socket.refreshAuth()
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it('called by the provider itself does not ask it again', async () => {
    let refresh = (): void => {}
    const provider = provides('a', () => {
      refresh()
      return 'b'
    })
    const { clock, socket, server } = await openAuthStory(provider)
    refresh = () => socket.refreshAuth()
    socket.refreshAuth()
    await clock.advance(250)
    expect(provider).toHaveBeenCalledTimes(2)
    expect(tokens(server)).toEqual(['a', 'b'])
  })

  it('while closed asks nobody; reconnect() does', async () => {
    const provider = counts()
    const { clock, socket, server } = await openAuthStory(provider)
    socket.close()
    socket.refreshAuth()
    await clock.advance(0)
    socket.refreshAuth()
    await clock.advance(60_000)
    expect(provider).toHaveBeenCalledTimes(1)
    socket.reconnect()
    await clock.advance(0)
    expect(tokens(server)).toEqual(['token 1', 'token 2'])
  })

  it('that fails leaves the connection open, and no dial uses the old credential any more', async () => {
    const provider = provides('old', () => Promise.reject(new Error('503')), 'fresh')
    const { clock, server, socket, journal, problems } = await openAuthStory(provider)
    socket.refreshAuth()
    await clock.advance(1_000)
    expect(journal).toEqual([])
    expect(problems.map(({ code }) => code)).toEqual(['ERR_PROVIDER'])
    server.latest.reset()
    await clock.advance(2_000)
    expect(tokens(server)).toEqual(['old', 'fresh'])
    expect(reasons(provider)).toEqual(['missing', 'requested', 'requested'])
  })

  it('keeps what was refused apart from what was only asked for: the status stays auth-refresh', async () => {
    const { clock, server, socket } = await openAuthStory(provides('bad', never))
    server.latest.close(4401)
    await clock.advance(0)
    socket.refreshAuth()
    expect(socket.status.state).toBe('auth-refresh')
  })

  it('without auth has nothing to refresh, and says so', async () => {
    const { socket } = await openStory()
    expect(() => socket.refreshAuth()).toThrow(
      'Expected `auth` to be given: there is nothing to refresh, got undefined.',
    )
  })
})

describe('another identity', () => {
  it('replaces the connection at once, and drops what the one before had queued', async () => {
    const provider = provides(as('ann'), as('bob'))
    const { clock, server, socket, discards, journal } = await openAuthStory(provider)
    socket.refreshAuth()
    await clock.advance(0)
    expect(tokens(server)).toEqual(['of ann', 'of bob'])
    expect(journal).toEqual(['close 1006', 'open'])
    expect(discards).toEqual([])
  })

  it('replaces it at once with onRotate keep, too, and while messages come', async () => {
    const provider = provides(as('ann'), as('bob'))
    const { clock, server, socket } = await openStory({ options: { auth: { provider, onRotate: 'keep' } } })
    server.latest.send('x')
    socket.refreshAuth()
    await clock.advance(0)
    expect(server.dials).toHaveLength(2)
  })

  it('drops the outbox while nothing is open, and says why', async () => {
    const provider = provides(as('ann'), as('bob'))
    const { clock, server, socket, discards } = await openAuthStory(provider)
    server.behaviour = refuses()
    server.latest.reset()
    await clock.advance(0)
    socket.send('for ann only')
    socket.refreshAuth()
    await clock.advance(0)
    expect(discards).toEqual([{ messages: 1, bytes: 12, why: 'identity' }])
    server.behaviour = accepts()
    socket.send('for bob')
    await clock.advance(60_000)
    expect(server.received).toEqual(['for bob'])
  })

  it('drops it when it comes with the credential of a dial, too', async () => {
    const provider = provides(as('ann'), as('bob'))
    const { clock, server, socket, discards } = await openAuthStory(provider)
    socket.addEventListener('close', () => socket.send('for ann only'), { once: true })
    server.latest.close(4401)
    await clock.advance(0)
    expect(tokens(server)).toEqual(['of ann', 'of bob'])
    expect(discards).toEqual([{ messages: 1, bytes: 12, why: 'identity' }])
    expect(server.received).toEqual([])
  })

  it('is none while the identity is the same, or not told', async () => {
    const provider = provides(as('ann', 'a'), as('ann', 'b'), 'c', as('ann', 'd'))
    const { clock, server, socket, discards } = await openAuthStory(provider)
    for (let i = 0; i < 3; i++) {
      server.behaviour = refuses()
      server.latest.reset()
      await clock.advance(0)
      socket.send('kept')
      socket.refreshAuth()
      server.behaviour = accepts()
      await clock.advance(20_000)
    }
    expect(discards).toEqual([])
    expect(server.received).toEqual(['kept', 'kept', 'kept'])
  })
})

describe('signed out', () => {
  const signedOut = { next: { type: 'stop', by: 'signed-out' } }

  it('while open closes the connection at once', async () => {
    const told = await openAuthStory(provides('a', null))
    const { clock, server, socket, journal, closings } = told
    socket.refreshAuth()
    await clock.advance(0)
    expect(journal).toEqual(['close 1006, final'])
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'client', ...signedOut })
    expect(server.open).toEqual([])
    await expectNothingLeft(told)
  })

  it('at the renewal, at 80 % of its life, closes at once, too', async () => {
    const { clock, closings } = await openAuthStory(provides(until('a', 100_000), null))
    await clock.advance(80_000)
    expect(closings.map(({ disconnect }) => disconnect)).toMatchObject([signedOut])
  })

  it('during a refresh after a refusal closes without another dial, and drops what waits', async () => {
    let answer = (_: null): void => {}
    const provider = provides(
      'a',
      () =>
        new Promise(resolve => {
          answer = resolve
        }),
    )
    const { clock, server, socket, closings, discards } = await openAuthStory(provider, {
      behaviour: closes({ code: 4401, afterMs: 20_000 }),
    })
    await clock.advance(22_000)
    socket.send('kept')
    answer(null)
    await clock.advance(60_000)
    expect(closings.at(-1)?.disconnect).toMatchObject(signedOut)
    expect(discards).toEqual([{ messages: 1, bytes: 4, why: 'closed' }])
    expect(server.dials).toHaveLength(1)
  })

  it('is over when somebody signs in and the app calls reconnect()', async () => {
    const { clock, socket, journal } = authStory(provides(null, 'a'))
    await clock.advance(0)
    socket.reconnect()
    await clock.advance(0)
    expect(journal.at(-1)).toBe('open')
  })
})
