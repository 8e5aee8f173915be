import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type Options, ping, ResilientError, ResilientWebSocket, expect as watchFor } from '../../src/index.ts'
import { session } from '../../src/session/index.ts'
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

/** A transport that never opens, and reports its end as every carrier has to. */
const way = (name: unknown) => ({
  name,
  dial: () => {
    const closed = Object.assign(new Event('close'), { code: 1006, reason: '', wasClean: false })
    return {
      send: fn,
      readyState: 0,
      onclose: null as ((event: Event) => void) | null,
      close() {
        // Nobody listens any more where the socket has left it.
        queueMicrotask(() => this.onclose?.(closed))
      },
    }
  },
})

const wrong: Readonly<Record<keyof Required<Options>, readonly unknown[]>> = {
  reconnect: [SECRET, 1, null, {}, fn],
  outbox: [SECRET, 1, true, null, fn],
  closePolicy: [SECRET, '4401', 1, 0, true, false, null, [null], [fn, 5], 5n],
  auth: [SECRET, 1, true, false, null, 5n],
  beforeOpen: [SECRET, 1, true, false, null, {}],
  resume: [SECRET, 1, true, false, null, {}, fn, { cursorOf: fn }, { since: fn }, { cursorOf: fn, since: 5 }],
  dedupe: [SECRET, 1, true, false, null, {}, fn, { keyOf: 'id' }],
  heartbeat: [SECRET, 1, true, false, null, {}, fn, { judge: 5 }],
  transports: [
    SECRET,
    1,
    true,
    null,
    {},
    fn,
    [],
    [fn],
    [{}],
    [{ dial: fn }],
    [way('a'), way('a')],
    [way('')],
    [way(1)],
  ],
  maxAgeMs: [SECRET, '5', -1, 0, Number.NaN, true, null, {}, fn, 5n],
  backoff: [SECRET, 1, true, null, {}],
  maxAttempts: [SECRET, '5', -1, Number.NaN, true, null, {}, fn, 5n],
  connectTimeoutMs: [SECRET, '5', -1, 0, Number.NaN, true, null, {}, fn, 5n],
  stableMs: [SECRET, '5', -1, Number.NaN, true, null, {}, fn, 5n],
  session: [SECRET, 1, true, null, {}, fn, () => ({})],
  startClosed: [SECRET, 1, null, {}, fn],
  WebSocket: [SECRET, 1, true, null, {}],
  signal: [SECRET, 1, true, null, {}, fn],
  watch: [SECRET, 1, true, null, {}],
  clock: [SECRET, 1, true, null, {}, fn],
  pageSignals: [SECRET, 1, true, null, {}],
}

const right: Readonly<Record<keyof Required<Options>, readonly unknown[]>> = {
  reconnect: [true, false],
  outbox: [
    false,
    {},
    { maxMessages: 0 },
    { maxBytes: Infinity, maxMessages: 1.5 },
    { maxBytes: undefined },
    { overflow: 'throw', ttlMs: 0, maxMessageBytes: 0 },
    { overflow: 'drop-newest', ttlMs: Infinity },
    { overflow: undefined },
  ],
  closePolicy: [fn, {}, [], { 4401: 'stop' }, { '4000-4099': { afterMs: 0 } }, [fn, { 1000: 'stop' }, () => 'retry']],
  auth: [
    fn,
    { provider: fn },
    { provider: () => 'token', carry: () => ({}), onRotate: 'keep' },
    { provider: () => null },
  ],
  beforeOpen: [fn, async () => {}],
  resume: [
    { cursorOf: fn, since: fn },
    { cursorOf: () => 5, since: async () => {} },
  ],
  dedupe: [{ keyOf: fn }, { keyOf: () => 'id', window: 1 }, { keyOf: () => 5, window: Infinity }],
  heartbeat: [ping(), watchFor({ everyMs: 5_000 }), { judge: () => ({ type: 'dead' }) }],
  transports: [[way('a')], [way('a'), way('b')]],
  maxAgeMs: [1, 3_600_000, Infinity],
  backoff: [fn, () => 10],
  maxAttempts: [0, 1, Infinity],
  connectTimeoutMs: [1, 10_000, 1e9],
  stableMs: [0, 5],
  session: [session(), session({ optional: true, topic: null, schema: 3 })],
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
        message: expect.stringMatching(new RegExp(`^Expected \`${name}(\\[\\d\\](\\.\\w+)?)?\` to be .+, got .+\\.$`)),
      })
      expect(String(error)).not.toContain(SECRET)
    },
  )

  it.each([
    ['maxMessages', -1],
    ['maxMessages', '10'],
    ['maxBytes', Number.NaN],
    ['maxBytes', null],
    ['overflow', 'drop'],
    ['overflow', 'drop-oldest-and-newest'],
    ['overflow', ''],
    ['overflow', true],
    ['overflow', null],
    ['ttlMs', -1],
    ['ttlMs', '1s'],
    ['ttlMs', Number.NaN],
    ['maxMessageBytes', -1],
    ['maxMessageBytes', '1k'],
    ['maxMessageBytes', null],
  ])('`outbox.%s` that is %j is named with its path', (name, value) => {
    expect(errorOf({ outbox: { [name]: value } })).toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining(`\`outbox.${name}\``),
    })
  })

  it.each<readonly [object, string]>([
    [{ dedupe: { keyOf: fn, window: 0 } }, 'dedupe.window'],
    [{ dedupe: { keyOf: fn, window: '1024' } }, 'dedupe.window'],
    [{ dedupe: { keyOf: fn, window: Number.NaN } }, 'dedupe.window'],
    [{ dedupe: { keyOf: fn, size: 5 } }, 'dedupe.size'],
    [{ resume: { cursorOf: fn, since: fn, cursor: SECRET } }, 'resume.cursor'],
  ])('%o is named with its path, and shows no secret', (options, name) => {
    const error = errorOf(options)
    expect(error).toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining(`\`${name}\``) })
    expect(String(error)).not.toContain(SECRET)
  })

  it.each<readonly [unknown, string]>([
    [{}, 'provider'],
    [{ provider: SECRET }, 'provider'],
    [{ provider: fn, carry: SECRET }, 'carry'],
    [{ provider: fn, carry: {} }, 'carry'],
    [{ provider: fn, onRotate: SECRET }, 'onRotate'],
    [{ provider: fn, onRotate: true }, 'onRotate'],
    [{ provider: fn, token: SECRET }, 'token'],
  ])('`auth` that is %o is named with its path, and shows no secret', (auth, name) => {
    const error = errorOf({ auth })
    expect(error).toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining(`\`auth.${name}\``) })
    expect(String(error)).not.toContain(SECRET)
  })

  it.each([
    [{ 999: 'stop' }, '999'],
    [{ 5000: 'stop' }, '5000'],
    [{ '4000-5000': 'stop' }, '4000-5000'],
    [{ '4099-4000': 'stop' }, '4099-4000'],
    [{ 4401: 'refresh' }, '4401'],
    [{ 4401: { afterMs: -1 } }, '4401'],
    [{ 4401: undefined }, '4401'],
    [[{ 4000: 'stop' }, { never: 'stop' }], 'never'],
  ])('`closePolicy` that is %j is named with its row', (closePolicy, row) => {
    expect(errorOf({ closePolicy })).toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining(`\`closePolicy[${row}]\``),
    })
  })

  it('says which words are allowed, where only some are', () => {
    expect(errorOf({ outbox: { overflow: 'drop' } })).toMatchObject({
      message: 'Expected `outbox.overflow` to be throw or drop-oldest or drop-newest, got "drop".',
    })
    expect(errorOf({ auth: { provider: fn, onRotate: 'drop' } })).toMatchObject({
      message: 'Expected `auth.onRotate` to be replace or keep, got string.',
    })
  })

  it.each([
    [{ reconect: true }, 'reconect'],
    [{ maxRetries: 5 }, 'maxRetries'],
    [{ outbox: { size: 5 } }, 'outbox.size'],
    [{ outbox: { ttl: 5 } }, 'outbox.ttl'],
    [{ maxAge: 5 }, 'maxAge'],
    [{ beforeopen: fn }, 'beforeopen'],
    [{ constructor: fn }, 'constructor'],
    [{ toString: fn }, 'toString'],
  ])('that does not exist is named: %j', (options, name) => {
    expect(errorOf(options)).toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining(`\`${name}\``) })
  })

  // As the platform's constructor ignores further arguments, and `send()` does.
  it.each([null, 5, 'text', true, fn])('object itself is ignored when it is none: %s', options => {
    vi.stubGlobal('WebSocket', scriptedServer(refuses(), { clock: virtualClock() }).WebSocket)
    expect(errorOf(options)).toBeUndefined()
    vi.unstubAllGlobals()
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
