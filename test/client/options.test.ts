import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type Options, ResilientError, ResilientWebSocket } from '../../src/index.ts'
import { refuses, scriptedServer, virtualClock } from '../../src/testing/index.ts'

// Many lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 30_000 })

const SECRET = 'eyJhbGciOi.secret.token'
const fn = (): undefined => undefined

function errorOf(options: unknown): unknown {
  const clock = virtualClock()
  const server = scriptedServer(refuses(), { clock })
  const given = typeof options === 'object' && options ? { clock, WebSocket: server.WebSocket, ...options } : options
  try {
    new ResilientWebSocket('wss://feed.example', [], given as Options)
  } catch (error) {
    return error
  }
  return undefined
}

const wrong: Readonly<Record<keyof Required<Options>, readonly unknown[]>> = {
  reconnect: [SECRET, 1, null, {}, fn],
  outbox: [SECRET, 1, true, null, fn],
  backoff: [SECRET, 1, true, null, {}],
  maxAttempts: [SECRET, '5', -1, Number.NaN, true, null, {}, fn, 5n],
  connectTimeoutMs: [SECRET, '5', -1, 0, Number.NaN, true, null, {}, fn, 5n],
  stableMs: [SECRET, '5', -1, Number.NaN, true, null, {}, fn, 5n],
  startClosed: [SECRET, 1, null, {}, fn],
  WebSocket: [SECRET, 1, true, null, {}],
  signal: [SECRET, 1, true, null, {}, fn],
  watch: [SECRET, 1, true, null, {}],
  clock: [SECRET, 1, true, null, {}, fn],
  pageSignals: [SECRET, 1, true, null, {}],
}

const right: Readonly<Record<keyof Required<Options>, readonly unknown[]>> = {
  reconnect: [true, false],
  outbox: [false, {}, { maxMessages: 0 }, { maxBytes: Infinity, maxMessages: 1.5 }, { maxBytes: undefined }],
  backoff: [fn, () => 10],
  maxAttempts: [0, 1, Infinity],
  connectTimeoutMs: [1, 10_000, 1e9],
  stableMs: [0, 5],
  startClosed: [true, false],
  WebSocket: [],
  signal: [new AbortController().signal, AbortSignal.abort()],
  watch: [fn],
  clock: [],
  pageSignals: [() => fn],
}

const pairsOf = (table: typeof wrong): readonly (readonly [string, unknown])[] =>
  Object.entries(table).flatMap(([name, values]) => values.map(value => [name, value] as const))

describe('a wrong option', () => {
  it.each(pairsOf(wrong).map(([name, value]) => [name, typeof value, value] as const))(
    '`%s` that is a %s throws ERR_OPTION, names the option and what was expected, and shows no secret (%s)',
    (name, _, value) => {
      const error = errorOf({ [name]: value })
      expect(error).toBeInstanceOf(ResilientError)
      expect(error).toMatchObject({
        code: 'ERR_OPTION',
        message: expect.stringMatching(new RegExp(`^Expected \`${name}\` to be .+, got .+\\.$`)),
      })
      expect(String(error)).not.toContain(SECRET)
    },
  )

  it.each([
    ['maxMessages', -1],
    ['maxMessages', '10'],
    ['maxBytes', Number.NaN],
    ['maxBytes', null],
  ])('`outbox.%s` that is %j is named with its path', (name, value) => {
    expect(errorOf({ outbox: { [name]: value } })).toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining(`\`outbox.${name}\``),
    })
  })

  it.each([
    [{ reconect: true }, 'reconect'],
    [{ maxRetries: 5 }, 'maxRetries'],
    [{ outbox: { size: 5 } }, 'outbox.size'],
    [{ constructor: fn }, 'constructor'],
    [{ toString: fn }, 'toString'],
  ])('that does not exist is named: %j', (options, name) => {
    expect(errorOf(options)).toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining(`\`${name}\``) })
  })

  it.each([null, 5, 'text'])('object itself throws ERR_OPTION: %j', options => {
    expect(errorOf(options)).toMatchObject({ code: 'ERR_OPTION' })
  })

  it('dials nothing and listens to nothing', () => {
    const clock = virtualClock()
    const server = scriptedServer(undefined, { clock })
    const pageSignals = vi.fn(() => fn)
    const options = { clock, WebSocket: server.WebSocket, pageSignals, stableMs: -1 }
    expect(() => new ResilientWebSocket('wss://feed.example', [], options)).toThrow(ResilientError)
    expect([server.dials.length, clock.timers, pageSignals.mock.calls.length]).toEqual([0, 0, 0])
  })
})

describe('a right option', () => {
  it.each(pairsOf(right))('`%s` is taken: %o', (name, value) => {
    expect(errorOf({ [name]: value })).toBeUndefined()
  })

  it.each(Object.keys(wrong))('`%s` that is undefined is as good as absent', name => {
    vi.useFakeTimers()
    vi.stubGlobal('WebSocket', scriptedServer(refuses()).WebSocket)
    try {
      const socket = new ResilientWebSocket('wss://feed.example', [], { [name]: undefined })
      expect(socket.readyState).toBe(0)
      socket.close()
    } finally {
      vi.unstubAllGlobals()
      vi.useRealTimers()
    }
  })
})

describe('all options together', () => {
  const anything = fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    0,
    -1,
    3,
    2.5,
    Number.NaN,
    Infinity,
    SECRET,
    '',
    {},
    [],
    fn,
    () => fn,
    5n,
    Symbol('x'),
    { maxMessages: 2 },
    { maxBytes: -1 },
    new AbortController().signal,
  )
  // A function that is no constructor, or answers nonsense as a page, is not told from a right one.
  const names = Object.keys(wrong).filter(name => !['WebSocket', 'pageSignals', 'clock'].includes(name))
  const anyOf = fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 2 })
  const rightOf = fc.record(
    Object.fromEntries(
      Object.entries(right).flatMap(([name, values]) => (values.length ? [[name, fc.constantFrom(...values)]] : [])),
    ),
    { requiredKeys: [] },
  )
  const unheardOf = fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    fc.dictionary(fc.string(), anything, { maxKeys: 1 }),
  )

  it('either throw ERR_OPTION, or make a socket that lives and ends', async () => {
    let threw = 0
    let lived = 0
    await fc.assert(
      fc.asyncProperty(rightOf, anyOf, unheardOf, async (good, any, more) => {
        const clock = virtualClock()
        const server = scriptedServer(refuses(), { clock })
        const given = { ...more, ...good, ...any, clock, WebSocket: server.WebSocket }
        let socket: ResilientWebSocket
        try {
          socket = new ResilientWebSocket('wss://feed.example', [], given as Options)
        } catch (error) {
          threw++
          expect(error).toMatchObject({ code: 'ERR_OPTION' })
          expect(String(error)).not.toContain(SECRET)
          expect(server.dials).toEqual([])
          return
        }
        lived++
        socket.on('problem', fn)
        await clock.advance(20_000)
        socket.close()
        await clock.advance(60_000)
        expect([socket.readyState, clock.timers]).toEqual([3, 0])
      }),
      { numRuns: 2_000, seed: 20_250_103 },
    )
    expect(Math.min(threw, lived)).toBeGreaterThan(200)
  })
})
