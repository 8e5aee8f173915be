import { describe, expect, it } from 'vitest'
import type { Ending } from '../../src/index.ts'
import { accepts, type Behaviour, closes, ending, hangs, refuses, resets, sequence } from '../../src/testing/index.ts'
import { gaps, openStory, type Setting, type Story, story } from './story.ts'

/** A story, with what its policy was shown; the policy abstains. */
function shown(setting: Setting = {}): Story & { readonly asked: readonly Ending[] } {
  const asked: Ending[] = []
  const closePolicy = (facts: Ending): undefined => {
    asked.push(facts)
  }
  return { ...story({ ...setting, options: { closePolicy, ...setting.options } }), asked }
}

/** A server that breaks the protocol on every connection. */
const breaks: Behaviour = connection => {
  connection.accept()
  connection.after(5, () => connection.breakProtocol())
}

describe('a terminal code of the standard table', () => {
  it.each([1002, 1003, 1007, 1008, 1010, 3000, 3003, 4401, 4403])(
    '%i makes one connection, says why, and reconnect() works after',
    async code => {
      const behaviour = sequence(closes({ code, reason: 'no', afterMs: 50 }), accepts())
      const { clock, server, socket, journal, closings } = await openStory({ behaviour })
      await clock.advance(600_000)
      expect(server.dials).toHaveLength(1)
      expect(journal.splice(0)).toEqual([`close ${code}, final`])
      const by = code === 3000 || code === 4401 ? 'unauthorized' : 'policy'
      expect(closings[0]).toMatchObject({ code, reason: 'no', wasClean: true, willReconnect: false, retryInMs: null })
      expect(closings[0]?.disconnect).toMatchObject({ origin: 'server', next: { type: 'stop', by } })
      expect(socket.status).toMatchObject({ state: 'closed', nextRetryAt: null, cause: { code, next: { by } } })
      expect(socket.readyState).toBe(socket.CLOSED)
      socket.reconnect()
      await clock.advance(0)
      expect(journal).toEqual(['open'])
      expect(socket.status).toMatchObject({ state: 'open', cause: null })
      expect(server.dials).toHaveLength(2)
    },
  )

  it('is terminal again in the next life', async () => {
    const { clock, server, socket, journal } = await openStory({ behaviour: closes({ code: 1002, afterMs: 10 }) })
    await clock.advance(10)
    socket.reconnect()
    await clock.advance(600_000)
    expect(journal).toEqual(['close 1002, final', 'open', 'close 1002, final'])
    expect(server.dials).toHaveLength(2)
  })
})

describe('a code of the standard table that is retried', () => {
  it.each([1000, 1001, 1005, 1006, 1011, 1012, 1014, 2500, 3001, 4000, 4999])(
    '%i waits within the first window',
    async code => {
      const lost = code === 1006 ? resets() : closes(code === 1005 ? {} : { code })
      const { clock, closings } = story({ behaviour: sequence(lost, accepts()) })
      await clock.advance(0)
      expect(closings[0]).toMatchObject({ code, willReconnect: true, retryInMs: 2_000 })
    },
  )

  it.each([1013, 3008])('%i waits in the slow window of a minute', async code => {
    const { clock, closings } = story({ behaviour: closes({ code }) })
    await clock.advance(0)
    expect(closings[0]).toMatchObject({ code, willReconnect: true, retryInMs: 30_000 })
  })

  it('1009 is retried once, and final at the second in a row', async () => {
    const { clock, server, journal } = story({ behaviour: closes({ code: 1009, afterMs: 10 }) })
    await clock.advance(600_000)
    expect(journal).toEqual(['open', 'close 1009', 'open', 'close 1009, final'])
    expect(server.dials).toHaveLength(2)
  })

  it('1009 twice with a stable connection between is retried', async () => {
    const { clock, journal } = story({ behaviour: closes({ code: 1009, afterMs: 10_000 }) })
    await clock.advance(30_000)
    expect(journal.slice(0, 5)).toEqual(['open', 'close 1009', 'open', 'close 1009', 'open'])
  })
})

describe('with an auth provider', () => {
  const auth = (): string => 'token'

  it('1008 refreshes once, and is final when that did not help', async () => {
    let fetched = 0
    const { clock, server, journal, closings } = story({
      behaviour: closes({ code: 1008, afterMs: 10 }),
      options: { auth: () => `token ${++fetched}` },
    })
    await clock.advance(600_000)
    expect(journal).toEqual(['open', 'close 1008', 'open', 'close 1008, final'])
    expect(fetched).toBe(2)
    expect(server.dials).toHaveLength(2)
    expect(closings[1]?.disconnect).toMatchObject({ refusals: 1, next: { type: 'stop', by: 'policy' } })
  })

  it.each([1002, 1003, 1007, 1010, 3003, 4403])('%i is final as well', async code => {
    const { clock, server, journal } = story({ behaviour: closes({ code }), options: { auth } })
    await clock.advance(600_000)
    expect(journal).toEqual(['open', `close ${code}, final`])
    expect(server.dials).toHaveLength(1)
  })
})

describe('a server that breaks the protocol', () => {
  it('is dialled slowly from the third connection in a row that the browser fails, and is reported', async () => {
    const { clock, closings, problems, dialTimes } = story({ behaviour: breaks })
    await clock.advance(100_000)
    expect(closings.map(({ disconnect }) => disconnect.origin)).toEqual(Array(closings.length).fill('browser-failed'))
    expect(gaps(dialTimes()).slice(0, 4)).toEqual([2_005, 4_005, 30_005, 30_005])
    expect(problems.length).toBe(closings.length - 2)
    expect(problems[0]).toMatchObject({ code: 'ERR_PROTOCOL' })
  })

  it('twice, or with another end between, is retried as ever', async () => {
    const { clock, problems, dialTimes } = story({ behaviour: sequence(breaks, breaks, resets(), breaks, accepts()) })
    await clock.advance(60_000)
    expect(Math.max(...gaps(dialTimes()))).toBeLessThan(10_000)
    expect(problems).toEqual([])
  })

  it('is reported also when a policy of the app answers', async () => {
    const { clock, problems } = story({ behaviour: breaks, options: { closePolicy: () => ({ afterMs: 1_000 }) } })
    await clock.advance(5_000)
    expect(problems[0]).toMatchObject({ code: 'ERR_PROTOCOL' })
  })
})

describe('a policy of the app', () => {
  it('goes before the standard table, in one line', async () => {
    const { clock, server, journal } = story({
      behaviour: closes({ code: 1000 }),
      options: { closePolicy: { 1000: 'stop' } },
    })
    await clock.advance(60_000)
    expect(journal).toEqual(['open', 'close 1000, final'])
    expect(server.dials).toHaveLength(1)
  })

  it('may retry what the standard table ends', async () => {
    const behaviour = sequence(closes({ code: 1002 }), closes({ code: 4403 }), accepts())
    const { clock, journal } = story({ behaviour, options: { closePolicy: [{ 1002: 'retry' }, { 4403: 'retry' }] } })
    await clock.advance(60_000)
    expect(journal).toEqual(['open', 'close 1002', 'open', 'close 4403', 'open'])
  })

  it('may name the delay to the millisecond, up to 10 min', async () => {
    const afterMs = (ms: number): Setting => ({
      behaviour: sequence(closes({ code: 4000 }), accepts()),
      options: { closePolicy: { 4000: { afterMs: ms } } },
    })
    const exact = story(afterMs(12_345))
    await exact.clock.advance(600_000)
    expect(gaps(exact.dialTimes())).toEqual([12_345])
    const long = story(afterMs(1e9))
    await long.clock.advance(1_000_000)
    expect(gaps(long.dialTimes())).toEqual([600_000])
  })

  it('that says refresh-auth ends unauthorized where there is no auth provider', async () => {
    const { clock, socket, journal } = story({
      behaviour: closes({ code: 4100 }),
      options: { closePolicy: { 4100: 'refresh-auth' } },
    })
    await clock.advance(60_000)
    expect(journal).toEqual(['open', 'close 4100, final'])
    expect(socket.status.cause?.next).toEqual({ type: 'stop', by: 'unauthorized' })
  })

  it('that throws abstains and is reported; the standard table answers', async () => {
    const cause = new Error('bug')
    const { clock, journal, problems } = story({
      behaviour: closes({ code: 1002 }),
      options: {
        closePolicy() {
          throw cause
        },
      },
    })
    await clock.advance(60_000)
    expect(journal).toEqual(['open', 'close 1002, final'])
    expect(problems).toEqual([expect.objectContaining({ code: 'ERR_POLICY', cause })])
  })

  it('cannot storm: the dial guard holds whatever it answers', async () => {
    const { clock, server } = story({ behaviour: closes(), options: { closePolicy: () => ({ afterMs: 0 }) } })
    await clock.advance(10_000)
    expect(server.dials.length).toBeLessThanOrEqual(6)
  })

  it('is asked once per disconnect, and not when the app closes', async () => {
    const { clock, socket, asked } = shown({ behaviour: sequence(resets(), accepts()) })
    await clock.advance(10_000)
    expect(asked).toHaveLength(1)
    socket.close(4000)
    await clock.advance(10_000)
    expect(asked).toHaveLength(1)
  })

  it('is not asked with reconnect: false: one connection is one connection', async () => {
    const { clock, server, journal, asked } = shown({ behaviour: resets(), options: { reconnect: false } })
    await clock.advance(60_000)
    expect(journal).toEqual(['open', 'close 1006, final'])
    expect(server.dials).toHaveLength(1)
    expect(asked).toEqual([])
  })

  it.each([
    [{ 999: 'stop' }, 'closePolicy[999]'],
    [{ '4099-4000': 'stop' }, 'closePolicy[4099-4000]'],
    [{ 4401: 'renew' }, 'closePolicy[4401]'],
    [[{ 4000: 'stop' }, { 4401: { afterMs: -1 } }], 'closePolicy[4401]'],
    [null, 'closePolicy'],
    ['stop', 'closePolicy'],
  ])('that is wrong throws at construction and names the key: %j', (closePolicy, name) => {
    const options: object = { closePolicy }
    const begin = (): Story => story({ options })
    expect(begin).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(`\`${name}\``) }),
    )
  })
})

describe('what a policy is shown', () => {
  it('is the close of the server as it was', async () => {
    const { clock, asked } = shown({ behaviour: closes({ code: 4321, reason: 'bye', afterMs: 1_500 }) })
    await clock.advance(1_500)
    const facts = {
      origin: 'server',
      code: 4321,
      reason: 'bye',
      wasClean: true,
      openMs: 1_500,
      silentMs: 1_500,
    } as const
    expect(asked).toEqual([ending(facts)])
  })

  it.each([
    ['a drop', resets({ afterMs: 60_000 }), { origin: 'network', openMs: 60_000, silentMs: 60_000 }],
    ['a handshake that failed', refuses(), { origin: 'dial-failed', openMs: null, silentMs: null }],
    ['a dial that hung', hangs(), { origin: 'dial-timeout', openMs: null, silentMs: null }],
    ['a frame that broke the protocol', breaks, { origin: 'browser-failed', openMs: 5, silentMs: 5 }],
  ] as const)('is the true origin of a 1006: %s', async (_, behaviour, facts) => {
    const { clock, asked } = shown({ behaviour })
    await clock.advance(60_000)
    expect(asked[0]).toEqual(ending({ ...facts, code: 1006, wasClean: false }))
  })

  it('is a provider that failed', async () => {
    const url = (): Promise<string> => Promise.reject(new Error('503'))
    const { clock, asked } = shown({ url, options: {} })
    await clock.advance(0)
    expect(asked).toEqual([ending({ origin: 'provider', wasClean: false })])
  })

  it('is a hook that failed, or the code that the hook closed with', async () => {
    const failed = shown({ options: { beforeOpen: () => Promise.reject(new Error('no ack')) } })
    await failed.clock.advance(0)
    expect(failed.asked).toEqual([ending({ origin: 'hook' })])
    const closed = shown({ options: { beforeOpen: connection => connection.close(4403, 'not yours') } })
    await closed.clock.advance(60_000)
    expect(closed.asked).toEqual([ending({ origin: 'hook', code: 4403, reason: 'not yours' })])
    expect(closed.journal.at(-1)).toBe('close 4403, final')
  })

  it('is the attempt, and how the connections before it ended', async () => {
    const behaviour = sequence(refuses(), closes({ code: 1012, afterMs: 100 }), resets({ afterMs: 20_000 }), accepts())
    const { clock, asked } = shown({ behaviour })
    const began = clock.wall()
    await clock.advance(60_000)
    expect(asked.map(({ attempt }) => attempt)).toEqual([0, 1, 0])
    expect(asked[2]?.history).toEqual([
      { origin: 'dial-failed', code: 1006, openMs: null, endedAt: began },
      { origin: 'server', code: 1012, openMs: 100, endedAt: began + 2_100 },
    ])
    expect(asked.map(({ connection }) => connection)).toEqual([1, 2, 3])
  })

  it('goes back ten connections at most', async () => {
    const { clock, asked } = shown({ behaviour: refuses() })
    await clock.advance(600_000)
    expect(asked.length).toBeGreaterThan(12)
    expect(asked.map(({ history }) => history.length).slice(0, 13)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10])
  })

  it('is how many credentials were refused before, and null without an auth provider', async () => {
    const without = shown({ behaviour: closes({ code: 4401 }) })
    await without.clock.advance(0)
    expect(without.asked[0]?.refusals).toBeNull()
    let fetched = 0
    const auth = (): string => `token ${++fetched}`
    const { clock, asked, journal } = shown({ behaviour: closes({ code: 4401 }), options: { auth } })
    await clock.advance(600_000)
    expect(asked.map(({ refusals }) => refusals)).toEqual([0, 1, 2])
    expect(journal.at(-1)).toBe('close 4401, final')
  })
})
