import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DialContext } from '../../src/index.ts'
import { accepts, hangs, refuses } from '../../src/testing/index.ts'
import { expectNothingLeft, openStory, story } from './story.ts'

const never = (): Promise<string> => new Promise(() => {})

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('a url from a function', () => {
  it('is asked for anew for every dial', async () => {
    let dial = 0
    const { clock, server } = story({ url: () => `wss://feed.example/${++dial}`, behaviour: refuses() })
    await clock.advance(10_000)
    expect(server.dials.map(({ url }) => url)).toEqual([1, 2, 3].map(number => `wss://feed.example/${number}`))
  })

  it('may be a promise, and the socket shows it once it is dialled', async () => {
    const { clock, server, socket, journal } = story({ url: async () => new URL('wss://feed.example/later') })
    expect(socket.url).toBe('')
    expect(socket.readyState).toBe(0)
    await clock.advance(0)
    expect(socket.url).toBe('wss://feed.example/later')
    expect(journal).toEqual(['open'])
    expect(server.dials).toHaveLength(1)
  })

  it('is told which attempt it is, and gets a signal that is not aborted', async () => {
    const asked: { attempt: number; aborted: boolean }[] = []
    const url = ({ attempt, signal }: DialContext): string => {
      asked.push({ attempt, aborted: signal.aborted })
      return 'wss://feed.example'
    }
    const { clock } = story({ url, behaviour: refuses() })
    await clock.advance(3_000)
    expect(asked).toEqual([
      { attempt: 0, aborted: false },
      { attempt: 1, aborted: false },
    ])
  })

  it.each([
    [
      'throws',
      (): string => {
        throw new Error('no network')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no network'))],
    ['answers with nothing', () => Promise.resolve(undefined as unknown as string)],
    ['answers with what is no url', () => 'wss://#'],
  ])('that %s is a failed attempt with backoff, not the end', async (_, provider) => {
    // On a page, nothing would become the address of the page with "undefined" for its last part.
    vi.stubGlobal('location', { href: 'https://app.example/' })
    let healed = false
    const url = (): string | Promise<string> => (healed ? 'wss://feed.example' : provider())
    const { clock, server, journal, problems, closings, socket } = story({ url })
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]).toMatchObject({ willReconnect: true, retryInMs: 2_000 })
    expect(problems).toHaveLength(1)
    expect(problems[0]?.code).toBe('ERR_PROVIDER')
    await clock.advance(30_000)
    healed = true
    await clock.advance(15_000)
    expect(journal.at(-1)).toBe('open')
    expect(socket.readyState).toBe(1)
    expect(server.dials).toHaveLength(1)
  })

  it('that hangs is given up at the connect timeout, and its signal is aborted', async () => {
    const signals: AbortSignal[] = []
    const url = ({ signal }: DialContext): Promise<string> => {
      signals.push(signal)
      return never()
    }
    const { clock, journal, closings } = story({ url, options: { connectTimeoutMs: 5_000 } })
    await clock.advance(4_999)
    expect(journal).toEqual([])
    expect(signals[0]?.aborted).toBe(false)
    await clock.advance(1)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]?.disconnect.origin).toBe('provider')
    expect(signals[0]?.aborted).toBe(true)
    await clock.advance(2_000)
    expect(signals).toHaveLength(2)
    expect(signals[1]?.aborted).toBe(false)
  })

  it('that answers too late is not dialled', async () => {
    const answers: ((url: string) => void)[] = []
    const url = (): Promise<string> => new Promise(resolve => answers.push(resolve))
    const { clock, server } = story({ url })
    await clock.advance(11_000)
    answers[0]?.('wss://feed.example/late')
    await clock.advance(500)
    expect(server.dials).toEqual([])
  })

  it('that fails too late is not reported', async () => {
    let fail = (_: Error): void => {}
    const url = (): Promise<string> =>
      new Promise((_, reject) => {
        fail = reject
      })
    const { clock, socket, problems, journal } = story({ url })
    await clock.advance(0)
    socket.close()
    fail(new Error('late'))
    await clock.advance(60_000)
    expect(problems).toEqual([])
    expect(journal).toEqual(['error', 'close 1006, final'])
  })
})

describe('providers after close()', () => {
  it.each([
    ['while one is being asked', never, 100],
    ['while the dial hangs', () => 'wss://feed.example', 100],
    ['during backoff', () => Promise.reject(new Error('no')), 100],
    ['in the task of the constructor', () => Promise.resolve('wss://feed.example'), 0],
  ])('are not called any more: closed %s', async (_, provider, afterMs) => {
    const url = vi.fn<(dial: DialContext) => string | Promise<string>>(provider)
    const told = story({ url, behaviour: hangs() })
    const { clock, socket, server, page } = told
    if (afterMs) await clock.advance(afterMs)
    const calls = url.mock.calls.length
    const dials = server.dials.length
    socket.close()
    page.say('online')
    await clock.advance(600_000)
    expect(url).toHaveBeenCalledTimes(calls)
    expect(server.dials).toHaveLength(dials)
    await expectNothingLeft(told)
  })

  it('that are still running are aborted at once', async () => {
    const signals: AbortSignal[] = []
    const url = ({ signal }: DialContext): Promise<string> => {
      signals.push(signal)
      return never()
    }
    const { socket } = story({ url })
    socket.close()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('that are still running are aborted by reconnect() too, and asked again', async () => {
    const signals: AbortSignal[] = []
    const url = ({ signal }: DialContext): Promise<string> => {
      signals.push(signal)
      return never()
    }
    const { clock, socket } = story({ url })
    await clock.advance(10)
    socket.reconnect()
    await clock.advance(0)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })
})

describe('protocols from a function', () => {
  it('are asked for anew for every dial', async () => {
    let dial = 0
    const { clock, server, socket } = story({ protocols: () => Promise.resolve([`v${++dial}`]), behaviour: accepts() })
    await clock.advance(0)
    expect(socket.protocol).toBe('v1')
    server.latest.reset()
    await clock.advance(2_000)
    expect(socket.protocol).toBe('v2')
  })

  it('that are invalid are a failed attempt, reported with what the platform said', async () => {
    const { clock, problems, journal } = story({ protocols: () => ['a b'] })
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(problems[0]?.code).toBe('ERR_PROVIDER')
    expect(problems[0]?.cause).toMatchObject({ name: 'SyntaxError' })
  })

  it('that fail abort the url that is still being fetched', async () => {
    const signals: AbortSignal[] = []
    const { clock } = story({
      url: ({ signal }) => {
        signals.push(signal)
        return never()
      },
      protocols: () => Promise.reject(new Error('no')),
    })
    await clock.advance(0)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })
})

describe('what a provider hears', () => {
  it('after its answer was used is nothing: the signal is not aborted while the connection lives', async () => {
    const signals: AbortSignal[] = []
    const url = ({ signal }: DialContext): string => {
      signals.push(signal)
      return 'wss://feed.example'
    }
    const { clock } = await openStory({ url })
    await clock.advance(600_000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  })
})
