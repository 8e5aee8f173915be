import { describe, expect, it } from 'vitest'
import { accepts, closes, resets, sequence } from '../../src/testing/index.ts'
import { authStory, counts, never, openAuthStory, provides, reasons, tokens, until } from './auth-story.ts'
import { gaps, story } from './story.ts'

const refuses4401 = closes({ code: 4401, reason: 'token expired' })
const stopped = (by: string): object => ({ next: { type: 'stop', by } })

describe('a credential that the server refuses', () => {
  it('is refreshed and dialled with at once, then after a backoff; the third refusal ends it, unauthorized', async () => {
    const provider = counts()
    const { clock, server, socket, closings, dialTimes } = authStory(provider, { behaviour: refuses4401 })
    await clock.advance(3_600_000)
    expect(tokens(server)).toEqual(['token 1', 'token 2', 'token 3'])
    expect(gaps(dialTimes())).toEqual([0, 4_000])
    expect(reasons(provider)).toEqual(['missing', 'refused', 'refused'])
    expect(closings.map(({ disconnect }) => disconnect.refusals)).toEqual([0, 1, 2])
    expect(closings.at(-1)?.disconnect).toMatchObject({ code: 4401, ...stopped('unauthorized') })
    expect(socket.readyState).toBe(3)
    expect(socket.status.cause?.next).toEqual({ type: 'stop', by: 'unauthorized' })
  })

  it('and that the provider hands out again is not even dialled: one dial, three refusals', async () => {
    const provider = provides('the same old')
    const { clock, server, closings, problems } = authStory(provider, { behaviour: refuses4401 })
    await clock.advance(3_600_000)
    expect(server.dials).toHaveLength(1)
    expect(provider).toHaveBeenCalledTimes(3)
    expect(closings.at(-1)?.disconnect).toMatchObject(stopped('unauthorized'))
    expect(problems.map(({ code, message }) => [code, message])).toEqual(
      Array(2).fill(['ERR_PROVIDER', '`auth` answered with a token that the server has refused.']),
    )
  })

  it('is known by its name: a provider that hands out an older refused one is not dialled either', async () => {
    const provider = provides('a', 'b', 'a', 'b')
    const { clock, server } = authStory(provider, { behaviour: refuses4401 })
    await clock.advance(3_600_000)
    expect(tokens(server)).toEqual(['a', 'b'])
  })

  it('is remembered when the app asks for a fresh one in between', async () => {
    const provider = provides('bad', 'bad', 'good')
    const { clock, server, socket } = authStory(provider, { behaviour: sequence(refuses4401, accepts()) })
    socket.addEventListener('close', () => socket.refreshAuth(), { once: true })
    await clock.advance(60_000)
    expect(tokens(server)).toEqual(['bad', 'good'])
  })

  it('ends the socket after one dial where there is no provider to ask', async () => {
    const { clock, server, closings } = story({ behaviour: refuses4401 })
    await clock.advance(3_600_000)
    expect(server.dials).toHaveLength(1)
    expect(closings.map(({ disconnect }) => disconnect)).toMatchObject([stopped('unauthorized')])
  })

  it('with 3000 is the same', async () => {
    const { clock, server, closings } = authStory(counts(), { behaviour: closes({ code: 3000 }) })
    await clock.advance(3_600_000)
    expect(server.dials).toHaveLength(3)
    expect(closings.at(-1)?.disconnect).toMatchObject(stopped('unauthorized'))
    const without = story({ behaviour: closes({ code: 3000 }) })
    await without.clock.advance(3_600_000)
    expect(without.server.dials).toHaveLength(1)
  })

  it('with 1008 may be one, so it is refreshed once; the second time that is not it', async () => {
    const provider = counts()
    const { clock, server, closings } = authStory(provider, { behaviour: closes({ code: 1008 }) })
    await clock.advance(3_600_000)
    expect(tokens(server)).toEqual(['token 1', 'token 2'])
    expect(closings.at(-1)?.disconnect).toMatchObject({ code: 1008, ...stopped('policy') })
    const without = story({ behaviour: closes({ code: 1008 }) })
    await without.clock.advance(3_600_000)
    expect(without.server.dials).toHaveLength(1)
  })

  it('counts from zero again once a connection was up for the stable window', async () => {
    const provider = counts()
    const stays = closes({ code: 4401, afterMs: 10_000 })
    const { clock, server, closings } = authStory(provider, {
      behaviour: sequence(refuses4401, refuses4401, stays, refuses4401, refuses4401, accepts()),
    })
    await clock.advance(60_000)
    expect(closings.map(({ disconnect }) => disconnect.refusals)).toEqual([0, 1, 0, 1, 2].slice(0, closings.length))
    expect(closings.at(-1)?.disconnect.next.type).toBe('stop')
    expect(server.dials).toHaveLength(5)
  })

  it('does not count from zero after a connection that was up for less', async () => {
    const { clock, server, closings } = authStory(counts(), { behaviour: closes({ code: 4401, afterMs: 9_000 }) })
    await clock.advance(3_600_000)
    expect(server.dials).toHaveLength(3)
    expect(closings.at(-1)?.disconnect).toMatchObject(stopped('unauthorized'))
  })

  it('shows as auth-refresh, and nothing is dialled until a fresh one arrives', async () => {
    const provider = provides('bad', never)
    const { clock, server, socket, statuses } = await openAuthStory(provider)
    server.latest.close(4401)
    await clock.advance(5_000)
    expect(socket.status.state).toBe('auth-refresh')
    expect(socket.readyState).toBe(0)
    expect(statuses.map(({ state }) => state)).not.toContain('reconnecting')
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(1)
  })

  it('shows as auth-refresh where it has expired, too', async () => {
    const provider = provides(until('short', 20_000), never)
    const { clock, server, socket } = await openAuthStory(provider)
    await clock.advance(21_000)
    expect(socket.status.state).toBe('open')
    server.latest.reset()
    await clock.advance(2_000)
    expect(socket.status.state).toBe('auth-refresh')
    expect(server.dials).toHaveLength(1)
  })

  it('is asked for again by reconnect() after the end', async () => {
    const provider = counts()
    const { clock, server, socket, journal } = authStory(provider, { behaviour: refuses4401 })
    await clock.advance(60_000)
    expect(socket.readyState).toBe(3)
    server.behaviour = accepts()
    socket.reconnect()
    await clock.advance(0)
    expect(provider).toHaveBeenCalledTimes(4)
    expect(journal.at(-1)).toBe('open')
    expect(tokens(server).at(-1)).toBe('token 4')
  })

  it('and that nobody can replace, because nobody is signed in, ends the socket at once', async () => {
    const { clock, server, closings } = authStory(provides('bad', null), { behaviour: refuses4401 })
    await clock.advance(3_600_000)
    expect(server.dials).toHaveLength(1)
    expect(closings.at(-1)?.disconnect).toMatchObject(stopped('signed-out'))
  })

  it('is held against the connection that was made with it, not against a fresher one that is here already', async () => {
    const provider = provides(until('old', 100_000), until('fresh', 3_600_000))
    const { clock, server, socket } = await openAuthStory(provider, {
      options: { closePolicy: { 4000: 'refresh-auth' } },
    })
    await clock.advance(80_000)
    server.latest.close(4000)
    await clock.advance(0)
    expect(tokens(server)).toEqual(['old', 'fresh'])
    expect(provider).toHaveBeenCalledTimes(2)
    expect(socket.status.state).toBe('open')
  })
})

describe('a refresh that fails', () => {
  it('is a failed attempt: backoff, and the refused token is not dialled meanwhile', async () => {
    const provider = provides('bad', () => Promise.reject(new Error('503')), 'good')
    const { clock, server, dialTimes, closings } = authStory(provider, { behaviour: sequence(refuses4401, accepts()) })
    await clock.advance(600_000)
    expect(tokens(server)).toEqual(['bad', 'good'])
    expect(closings.map(({ disconnect }) => disconnect.origin)).toEqual(['server', 'provider'])
    expect(gaps(dialTimes())).toEqual([4_000])
  })

  it('by hanging is given up after ten seconds', async () => {
    const provider = provides('bad', never, 'good')
    const { clock, server, dialTimes } = authStory(provider, { behaviour: sequence(refuses4401, accepts()) })
    await clock.advance(600_000)
    expect(tokens(server)).toEqual(['bad', 'good'])
    expect(gaps(dialTimes())).toEqual([14_000])
  })

  it('for ever is asked for with backoff, for ever, and never in a storm', async () => {
    const provider = provides('bad', () => Promise.reject(new Error('503')))
    const { clock, server } = authStory(provider, { behaviour: refuses4401 })
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(1)
    expect(provider.mock.calls.length).toBeGreaterThan(20)
    expect(provider.mock.calls.length).toBeLessThan(80)
  })
})

describe('a reconnect', () => {
  it('waits for the refresh that is under way', async () => {
    let answer = (_: string): void => {}
    const provider = provides(
      until('old', 100_000),
      () =>
        new Promise(resolve => {
          answer = resolve
        }),
    )
    const { clock, server } = await openAuthStory(provider, {
      behaviour: sequence(resets({ afterMs: 81_000 }), accepts()),
    })
    await clock.advance(84_000)
    expect(provider).toHaveBeenCalledTimes(2)
    expect(server.dials).toHaveLength(1)
    answer('fresh')
    await clock.advance(0)
    expect(tokens(server)).toEqual(['old', 'fresh'])
    expect(provider).toHaveBeenCalledTimes(2)
  })
})
