import { describe, expect, it } from 'vitest'
import { type AuthProvider, type Heartbeat, subprotocol } from '../../src/index.ts'
import { accepts, type Behaviour, resets, sequence } from '../../src/testing/index.ts'
import { never, openAuthStory, provides, reasons, tokens, until } from './auth-story.ts'
import { gaps, openStory, type Story } from './story.ts'

const HOUR = 3_600_000

/** Accepts, and never takes what the client writes. */
const takesNothing: Behaviour = connection => {
  Object.assign(connection, { sent() {} })
  connection.accept()
}

/** A message from the server every 200 ms, as long as anything is open. */
function chatter({ clock, server }: Story): void {
  const say = (): void => {
    for (const connection of server.open) connection.send('tick')
    clock.schedule(clock.now() + 200, say)
  }
  say()
}

describe('a credential that expires', () => {
  it('is renewed at exactly 80 % of its life', async () => {
    const provider = provides(until('a', HOUR), until('b', 2 * HOUR))
    const { clock } = await openAuthStory(provider)
    await clock.advance(0.8 * HOUR - 1)
    expect(provider).toHaveBeenCalledTimes(1)
    await clock.advance(1)
    expect(reasons(provider)).toEqual(['missing', 'expiring'])
  })

  it('is renewed at 80 % of its life counted from when it came, however often the connection was lost meanwhile', async () => {
    const provider = provides(until('a', HOUR), until('b', 2 * HOUR))
    const { clock, server } = await openAuthStory(provider)
    for (let i = 0; i < 4; i++) {
      await clock.advance(0.1 * HOUR)
      server.latest.reset()
    }
    await clock.advance(0.4 * HOUR - 1)
    expect(provider).toHaveBeenCalledTimes(1)
    await clock.advance(1)
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it('is not asked for more often than every 10 s, however short it lives', async () => {
    const begun = Date.UTC(2025, 0, 1)
    const times: number[] = []
    let told: Story | undefined
    const provider = provides(() => {
      const wall = told?.clock.wall() ?? begun
      times.push(wall - begun)
      return { token: `token ${times.length}`, expiresAt: wall + 1_000 }
    })
    told = await openAuthStory(provider)
    await told.clock.advance(35_000)
    expect(times.length).toBeGreaterThan(3)
    expect(Math.min(...gaps(times))).toBeGreaterThanOrEqual(10_000)
  })

  it('replaces the connection at its first 250 ms of silence: one close, one open, no gap but the dial', async () => {
    const { clock, server, journal, dialTimes, closings } = await openAuthStory(
      provides(until('a', HOUR), until('b', 2 * HOUR)),
    )
    await clock.advance(0.8 * HOUR + 249)
    expect(server.dials).toHaveLength(1)
    await clock.advance(1)
    expect(tokens(server)).toEqual(['a', 'b'])
    expect(journal).toEqual(['close 1006', 'open'])
    expect(gaps(dialTimes())).toEqual([0.8 * HOUR + 250])
    expect(closings[0]?.disconnect).toMatchObject({
      origin: 'client',
      next: { type: 'retry', inMs: 0, by: 'rotation' },
    })
  })

  it('waits for the silence while messages come and go', async () => {
    const { clock, server, socket } = await openAuthStory(provides(until('a', HOUR), until('b', 2 * HOUR)))
    await clock.advance(0.8 * HOUR)
    for (let i = 0; i < 10; i++) {
      await clock.advance(120)
      server.latest.send('x')
      await clock.advance(120)
      socket.send('y')
    }
    expect(server.dials).toHaveLength(1)
    await clock.advance(500)
    expect(tokens(server)).toEqual(['a', 'b'])
  })

  it('does not take a connection for silent while bytes wait to be written', async () => {
    const { clock, server, socket } = await openAuthStory(provides(until('a', 100_000), until('b', 2 * HOUR)), {
      behaviour: sequence(takesNothing, accepts()),
    })
    await clock.advance(80_000)
    socket.send('never taken')
    await clock.advance(19_999)
    expect(server.dials).toHaveLength(1)
    await clock.advance(1)
    expect(tokens(server)).toEqual(['a', 'b'])
  })

  it('replaces a connection that is never silent when the old one expires, at the latest', async () => {
    const told = await openAuthStory(provides(until('a', HOUR), until('b', 2 * HOUR)))
    chatter(told)
    await told.clock.advance(HOUR - 1)
    expect(told.server.dials).toHaveLength(1)
    await told.clock.advance(1)
    expect(tokens(told.server)).toEqual(['a', 'b'])
  })

  it('is used for the next dial only, where the app says keep', async () => {
    const provider = provides(until('a', HOUR), until('b', 2 * HOUR), until('c', 3 * HOUR))
    const { clock, server, journal } = await openStory({
      options: { auth: { provider, carry: subprotocol('v1'), onRotate: 'keep' } },
    })
    await clock.advance(1.5 * HOUR)
    expect(provider).toHaveBeenCalledTimes(2)
    expect(journal).toEqual([])
    server.latest.reset()
    await clock.advance(2_000)
    expect(tokens(server)).toEqual(['a', 'b'])
  })

  it('is not replaced where the provider only says that the same one lives longer', async () => {
    const { clock, server, journal } = await openAuthStory(provides(until('a', HOUR), until('a', 10 * HOUR)))
    await clock.advance(2 * HOUR)
    expect(journal).toEqual([])
    server.latest.reset()
    await clock.advance(2_000)
    expect(tokens(server)).toEqual(['a', 'a'])
  })
})

describe('a renewal that fails', () => {
  it('leaves the connection alone, and is tried again half-way to the expiry, and again', async () => {
    const times: number[] = []
    const provider: AuthProvider = () => {
      times.push(told?.clock.now() ?? 0)
      if (times.length > 1) throw new Error('503')
      return until('a', 100_000)
    }
    let told: Story | undefined
    told = await openAuthStory(provides(() => provider({ reason: 'missing', signal: new AbortController().signal })))
    await told.clock.advance(300_000)
    expect(times.slice(0, 6)).toEqual([0, 80_000, 90_000, 100_000, 130_000, 160_000])
    expect(told.journal).toEqual([])
    expect(told.problems.every(({ code }) => code === 'ERR_PROVIDER')).toBe(true)
  })

  it('by hanging is given up after 10 s, and the connection stays', async () => {
    const provider = provides(until('a', 200_000), never, until('b', HOUR))
    const { clock, journal, server } = await openAuthStory(provider)
    await clock.advance(170_000)
    expect(provider.mock.calls[1]?.[0].signal.aborted).toBe(true)
    expect(journal).toEqual([])
    await clock.advance(20_000)
    expect(tokens(server)).toEqual(['a', 'b'])
  })

  it('by handing out the token that is to be replaced is reported, and nothing is replaced', async () => {
    const { clock, journal, problems } = await openAuthStory(provides(until('a', HOUR)))
    await clock.advance(0.85 * HOUR)
    expect(journal).toEqual([])
    expect(problems.map(({ message }) => message)).toEqual(['`auth` answered with the token that was to be replaced.'])
  })

  it('leaves a connection that has outlived its credential to the server; the next dial waits for a fresh one', async () => {
    const provider = provides(until('a', 100_000), () => Promise.reject(new Error('503')))
    const { clock, server, journal, socket } = await openAuthStory(provider)
    await clock.advance(200_000)
    expect(journal).toEqual([])
    server.latest.close(1012)
    await clock.advance(60_000)
    expect(server.dials).toHaveLength(1)
    expect(socket.readyState).toBe(0)
  })
})

describe('a laptop that wakes up', () => {
  it('with a token that died meanwhile fetches another one before it dials', async () => {
    const provider = provides(until('a', HOUR), until('b', 20 * HOUR))
    const { clock, server } = await openAuthStory(provider)
    await clock.advance(60_000)
    clock.sleep(10 * HOUR)
    server.latest.reset()
    await clock.advance(1_000)
    expect(tokens(server)).toEqual(['a', 'b'])
    expect(reasons(provider)).toEqual(['missing', 'expired'])
  })

  it('with a connection that lives but a token that does not renews it at once, and replaces the connection', async () => {
    const provider = provides(until('a', HOUR), until('b', 20 * HOUR))
    // Without anybody to say that it lives it would be presumed dead.
    const heartbeat: Heartbeat = { judge: () => ({ type: 'wait', ms: null }) }
    const { clock, page, server } = await openAuthStory(provider, { options: { heartbeat } })
    clock.sleep(10 * HOUR)
    page.say('resumed')
    await clock.advance(1)
    expect(reasons(provider)).toEqual(['missing', 'expired'])
    expect(tokens(server)).toEqual(['a', 'b'])
  })

  it('in the middle of its life renews it at 80 % of it by the wall clock', async () => {
    const provider = provides(until('a', HOUR), until('b', 20 * HOUR))
    const { clock, page } = await openAuthStory(provider)
    clock.sleep(HOUR / 2)
    page.say('resumed')
    await clock.advance(0.3 * HOUR - 1)
    expect(provider).toHaveBeenCalledTimes(1)
    await clock.advance(1)
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it('during a refresh is not lost: the answer that comes then is used', async () => {
    let answer = (_: { token: string; expiresAt: number }): void => {}
    const provider = provides(
      until('a', HOUR),
      () =>
        new Promise(resolve => {
          answer = resolve
        }),
    )
    const { clock, server } = await openAuthStory(provider, {
      behaviour: sequence(resets({ afterMs: 0.9 * HOUR }), accepts()),
    })
    await clock.advance(0.8 * HOUR)
    clock.sleep(10 * HOUR)
    answer(until('b', 20 * HOUR))
    await clock.advance(300)
    expect(tokens(server)).toEqual(['a', 'b'])
  })
})
