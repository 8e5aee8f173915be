import { describe, expect, it } from 'vitest'
import { accepts, closes, refuses, sequence } from '../../src/testing/index.ts'
import { authStory, counts, never, openAuthStory, provides, reasons, tokens, until } from './auth-story.ts'
import { expectNothingLeft, gaps, mostDialsIn, openStory } from './story.ts'
import { tokenServer } from './token-server.ts'

const HOUR = 3_600_000

describe('a dashboard that is open for hours', () => {
  it('whose token expires mid-connection sees one short reconnect with a fresh token, and no loop', async () => {
    // The provider does not say when it expires: the server is the first to know.
    let calls = 0
    const provider = provides(() => `token ${++calls}`)
    const told = await openAuthStory(provider, {
      behaviour: sequence(closes({ code: 4401, reason: 'token expired', afterMs: HOUR }), accepts()),
    })
    const { clock, server, journal, dialTimes, statuses } = told
    await clock.advance(8 * HOUR)
    expect(tokens(server)).toEqual(['token 1', 'token 2'])
    expect(journal).toEqual(['close 4401', 'open'])
    expect(gaps(dialTimes())).toEqual([HOUR])
    expect(reasons(provider)).toEqual(['missing', 'refused'])
    expect(statuses.map(({ state }) => state)).toEqual(expect.arrayContaining(['auth-refresh', 'open']))
    await expectNothingLeft(told)
  })

  it('whose provider tells the expiry is replaced before it comes, every 48 minutes, and the server never has to', async () => {
    const rules = tokenServer(
      () => told.clock,
      () => 0,
    )
    const told = authStory(rules.provider, { behaviour: rules.behaviour, options: { startClosed: true } })
    told.socket.reconnect()
    await told.clock.advance(8 * HOUR)
    expect(told.closings.map(({ disconnect }) => disconnect.origin)).toEqual(Array(9).fill('client'))
    // Renewed at 80 %, replaced in the silence after it.
    expect(told.dialTimes().slice(1)).toEqual(Array.from({ length: 9 }, (_, i) => 0.8 * HOUR * (i + 1) + 250))
    expect(told.closings.every(({ retryInMs }) => retryInMs === 0)).toBe(true)
  })
})

describe('what other clients do, and this one does not', () => {
  it('a reconnect never races the refresh and dials with the old token', async () => {
    let answer = (_: string): void => {}
    const provider = provides(
      until('old', 100_000),
      () =>
        new Promise(resolve => {
          answer = resolve
        }),
    )
    const { clock, server, socket, page } = await openAuthStory(provider)
    await clock.advance(80_000)
    server.latest.reset()
    await clock.advance(0)
    page.say('online')
    socket.retryNow()
    await clock.advance(3_000)
    socket.reconnect()
    await clock.advance(3_000)
    expect(tokens(server)).toEqual(['old'])
    answer('fresh')
    await clock.advance(0)
    expect(tokens(server)).toEqual(['old', 'fresh'])
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it('nor where a cookie carries the session: the dial waits for the refresh, whatever the app asks for', async () => {
    const provider = provides({ expiresAt: until('', 100_000).expiresAt }, never)
    const { clock, server, socket } = await openStory({ options: { auth: provider } })
    await clock.advance(80_000)
    server.latest.reset()
    await clock.advance(3_000)
    socket.reconnect()
    await clock.advance(3_000)
    expect(server.dials).toHaveLength(1)
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it('after sleep it does not dial with a token that is long expired', async () => {
    const provider = provides(until('old', HOUR), until('fresh', 100 * HOUR))
    const { clock, server, page } = await openAuthStory(provider)
    clock.sleep(14 * HOUR)
    server.latest.reset()
    page.say('resumed')
    page.say('online')
    await clock.advance(5_000)
    expect(tokens(server)).toEqual(['old', 'fresh'])
  })

  it('“token expired” is not answered by an immediate re-auth without any bound', async () => {
    const provider = counts()
    const { clock, server, dialTimes, socket } = authStory(provider, {
      behaviour: closes({ code: 4401, reason: 'token expired' }),
    })
    await clock.advance(24 * HOUR)
    expect(server.dials).toHaveLength(3)
    expect(provider).toHaveBeenCalledTimes(3)
    expect(mostDialsIn(1_000, dialTimes())).toBe(2)
    expect(socket.readyState).toBe(3)
  })

  it('nor without end where each connection lives just long enough to count as stable', async () => {
    const { clock, dialTimes } = authStory(counts(), { behaviour: closes({ code: 4401, afterMs: 10_001 }) })
    await clock.advance(HOUR)
    expect(mostDialsIn(10_000, dialTimes())).toBe(1)
  })

  it('a 401 on the handshake, an anonymous 1006, is not retried with an expired token for ever', async () => {
    let calls = 0
    const provider = provides(() => until(`token ${++calls}`, calls * 60_000))
    const { clock, server } = authStory(provider, { behaviour: refuses() })
    await clock.advance(10 * 60_000)
    for (const [index, { at }] of server.dials.entries()) {
      const number = Number(tokens(server)[index]?.replace('token ', ''))
      expect(at).toBeLessThan(number * 60_000)
    }
    expect(calls).toBeGreaterThan(5)
  })

  it('a rejected token provider does not end reconnecting, and a hanging one does not leave it connecting in silence', async () => {
    const { clock, journal } = authStory(provides(() => Promise.reject(new Error('503'))))
    const hanging = authStory(provides(() => new Promise(() => {})))
    await clock.advance(60_000)
    await hanging.clock.advance(60_000)
    for (const entries of [journal, hanging.journal]) {
      expect(entries.filter(entry => entry === 'close 1006').length).toBeGreaterThan(2)
      expect(entries).not.toContain('close 1006, final')
    }
  })

  it('the token provider is not called after close()', async () => {
    const provider = provides(until('a', 20_000), () => Promise.reject(new Error('503')))
    const { clock, page, socket } = await openAuthStory(provider)
    await clock.advance(17_000)
    const calls = provider.mock.calls.length
    socket.close()
    page.say('online')
    await clock.advance(HOUR)
    expect(provider).toHaveBeenCalledTimes(calls)
  })
})
