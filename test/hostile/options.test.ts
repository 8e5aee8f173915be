import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type Options, ping, ResilientError, ResilientWebSocket } from '../../src/index.ts'
import { session } from '../../src/session/index.ts'
import { closes, echoes, type ScriptedServer, scriptedServer, sequence, virtualClock } from '../../src/testing/index.ts'
import { uncaughtWhile } from '../scenarios/uncaught.ts'

// Many lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 120_000 })

const SECRET = 'eyJhbGciOi.secret.token'
const fn = (): undefined => undefined

const GETTERS_THROW = 'getters that throw'

/** An object on which every name of an option is a getter that throws. */
function throwing(...names: readonly string[]): object {
  const getters = names.map(name => [
    name,
    {
      get: () => {
        throw new Error(GETTERS_THROW)
      },
      enumerable: true,
    },
  ])
  return Object.defineProperties({}, Object.fromEntries(getters))
}

/** Wrong wherever it stands, mostly. */
const ANYTHING: readonly unknown[] = [
  null,
  true,
  '',
  '5',
  '1e21',
  'Infinity',
  SECRET,
  `wss://feed.example/?ticket=${SECRET}`,
  'x'.repeat(100_000),
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  -1,
  0.5,
  2 ** 31,
  1e21,
  5n,
  10n ** 400n,
  Symbol(SECRET),
  [],
  [null],
  {},
  Object.create(null),
  Object.freeze({ key: SECRET }),
  fn,
  class {},
  new Date(Number.NaN),
  new Map([[SECRET, SECRET]]),
  Promise.resolve(SECRET),
]

/** Right ones, and those that are nearly so. */
const VALUES: Readonly<Record<keyof Required<Options>, readonly unknown[]>> = {
  reconnect: [true, false],
  transports: [[{ name: 'a', dial: throwing('x') }], [{ name: SECRET }], [throwing('name')], [Symbol('x')]],
  outbox: [
    false,
    { maxMessages: 5, maxBytes: 100, overflow: 'drop-oldest', ttlMs: 1_000, maxMessageBytes: 50 },
    { maxMessages: '5' },
    { overflow: SECRET },
    { ttlMs: Number.NaN },
    { maxMessages: 5, of: SECRET },
    throwing('maxBytes'),
    Object.assign(Object.create(null), { maxBytes: 100 }),
    Object.freeze({ maxBytes: 1e21 }),
  ],
  closePolicy: [
    fn,
    () => 'retry',
    { 4000: 'retry' },
    [{ '4000-4999': { afterMs: 5 } }, fn],
    { 4000: SECRET },
    { never: 'stop' },
    { 4000: { afterMs: Number.NaN } },
    [[fn]],
    throwing('4000'),
    { 4000: throwing('afterMs') },
    Object.freeze({ 1001: 'stop' }),
  ],
  auth: [
    () => 'token',
    { provider: () => 'token' },
    { provider: () => ({ token: 'token', expiresAt: 1e21 }), onRotate: 'keep' },
    { provider: SECRET },
    { provider: fn, onRotate: SECRET },
    { provider: fn, token: SECRET },
    throwing('provider'),
    { provider: fn, ...{ carry: SECRET } },
  ],
  beforeOpen: [fn, async () => {}],
  resume: [
    { cursorOf: fn, since: fn },
    { cursorOf: () => Promise.resolve(SECRET), since: async () => {} },
    {
      cursorOf: () => {
        throw new Error('cursorOf')
      },
      since: () => Promise.reject(new Error('since')),
    },
    { cursorOf: fn, since: SECRET },
    { cursorOf: fn },
    { cursorOf: fn, since: fn, token: SECRET },
    throwing('cursorOf'),
    Object.assign(throwing('since'), { cursorOf: fn }),
  ],
  dedupe: [
    { keyOf: fn },
    { keyOf: ({ data }: MessageEvent) => data, window: 5 },
    { keyOf: () => ({}), window: 1e21 },
    {
      keyOf: () => {
        throw new Error('keyOf')
      },
    },
    { keyOf: fn, window: Number.NaN },
    { keyOf: fn, window: '5' },
    { keyOf: fn, of: SECRET },
    throwing('keyOf'),
    Object.assign(throwing('window'), { keyOf: fn }),
  ],
  heartbeat: [
    ping(),
    { judge: () => ({ type: 'wait', ms: 5_000 }) },
    { judge: fn },
    { judge: SECRET },
    { judge: fn, message: SECRET },
    { judge: fn, isPong: 5 },
    throwing('judge'),
    throwing('judge', 'message'),
    Object.assign(throwing('message'), { judge: fn }),
  ],
  maxAgeMs: [1, 3_600_000, 1e21],
  backoff: [fn, () => 10, () => Number.NaN],
  maxAttempts: [5, 1e21],
  connectTimeoutMs: [1_000, 1e21],
  stableMs: [0, 1e21],
  session: [session(), session({ topic: 'own' }), fn, () => SECRET, { greet: fn }],
  startClosed: [true, false],
  WebSocket: [
    () => ({}),
    class {
      readonly url = ''
    },
  ],
  signal: [
    new AbortController().signal,
    throwing('addEventListener'),
    { addEventListener: fn, removeEventListener: 5 },
  ],
  watch: [
    fn,
    () => {
      throw new Error('watch')
    },
  ],
  clock: [throwing('now'), { now: fn, wall: fn }],
  pageSignals: [
    () => fn,
    fn,
    () => {
      throw new Error('page')
    },
  ],
}

const CHECKED = Object.keys(VALUES).filter(name => !['WebSocket', 'clock'].includes(name))

const URLS: readonly unknown[] = [
  'wss://feed.example',
  'https://feed.example/x',
  new URL('wss://feed.example'),
  ['wss://feed.example', 'wss://other.example'],
  () => 'wss://feed.example',
  'wss://feed.example/#fragment',
  'ftp://feed.example',
  `::${SECRET}`,
  [],
  [fn],
  null,
  5,
  {},
]
const PROTOCOLS: readonly unknown[] = [
  undefined,
  [],
  'v1',
  ['v1', 'v2'],
  () => ['v1'],
  ['v1', 'v1'],
  'v 1',
  [''],
  null,
  5,
  {},
]

const oneOf = (values: readonly unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...values)
/** Mostly what is nearly right: what is plainly wrong ends the story at once. */
const worth = (name: keyof typeof VALUES): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: oneOf(VALUES[name]) }, { weight: 1, arbitrary: oneOf(ANYTHING) })

const isName = (name: string): name is keyof typeof VALUES => name in VALUES
/** A few options at a time: one that is wrong ends the story. */
const options = fc
  .subarray(Object.keys(VALUES).filter(isName), { maxLength: 4 })
  .chain(names => fc.record(Object.fromEntries(names.map(name => [name, worth(name)]))))
/** The first few are right. */
const mostly = (right: number, values: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: oneOf(values.slice(0, right)) }, { weight: 1, arbitrary: oneOf(values) })
const unheardOf = fc.option(
  fc.tuple(fc.constantFrom('token', 'toString', 'maxRetries', 'x'.repeat(999)), oneOf(ANYTHING)),
  {
    freq: 20,
    nil: undefined,
  },
)
const shape = fc.constantFrom<(made: object) => object>(
  made => made,
  made => Object.freeze(made),
  made => Object.assign(Object.create(null), made),
  // What is inherited counts, as in the options of the platform.
  made => Object.create(made),
)

/** Opens, survives a drop and closes; or waits to be told, or has been told to stop. */
async function works(
  socket: ResilientWebSocket,
  server: ScriptedServer,
  clock: ReturnType<typeof virtualClock>,
): Promise<void> {
  let problems = 0
  socket.on('problem', () => problems++)
  if (socket.readyState === 3) socket.reconnect()
  await clock.advance(60_000)
  // A function that answers nonsense is told of; else the first connection was dropped, and another one serves.
  expect(server.dials.length + problems).toBeGreaterThan(0)
  if (socket.readyState === 1) expect(server.dials.length).toBeGreaterThan(1)
  expect([0, 1, 3]).toContain(socket.readyState)
  socket.close()
  await clock.advance(120_000)
  expect([socket.readyState, clock.timers]).toEqual([3, 0])
}

/** What an error of the constructor may be: it names the option with its path, what was expected and what was given. */
function expectTyped(error: unknown): void {
  // The platform's own, for an address or a subprotocol that is none.
  if (error instanceof DOMException) {
    expect(error.name).toBe('SyntaxError')
    return
  }
  expect(error).toBeInstanceOf(ResilientError)
  if (!(error instanceof ResilientError)) return
  if (error.code === 'ERR_NO_WEBSOCKET') return
  expect(error.code).toBe('ERR_OPTION')
  expect(error.message).toMatch(/^Expected `[^`]+` to be .+, got .+\.$/s)
  expect(error.message).not.toContain(SECRET)
  expect(error.message.length).toBeLessThan(300)
}

describe('whatever the options', () => {
  it('the constructor throws an error that names the option, or the socket opens, survives a drop and closes', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    let threw = 0
    let worked = 0
    const uncaught = await uncaughtWhile(() =>
      fc.assert(
        fc.asyncProperty(
          mostly(5, URLS),
          mostly(5, PROTOCOLS),
          options,
          unheardOf,
          shape,
          async (url, protocols, given, more, as) => {
            const clock = virtualClock()
            const server = scriptedServer(sequence(closes({ code: 4000, afterMs: 100 }), echoes()), { clock })
            const all = as({ clock, WebSocket: server.WebSocket, ...given, ...(more && { [more[0]]: more[1] }) })
            let socket: ResilientWebSocket
            try {
              socket = Reflect.construct(ResilientWebSocket, [url, protocols, all])
            } catch (error) {
              threw++
              expectTyped(error)
              expect(server.dials).toEqual([])
              return
            }
            worked++
            await works(socket, server, clock)
          },
        ),
        {
          numRuns: 1_500,
          seed: Number(process.env.HOLDFAST_SEED ?? 20_250_109),
          ...(process.env.HOLDFAST_PATH && { path: process.env.HOLDFAST_PATH }),
        },
      ),
    )
    reported.mockRestore()
    expect(uncaught).toEqual([])
    expect(Math.min(threw, worked)).toBeGreaterThan(50)
  })

  it.each(CHECKED)('`%s` alone: each value throws an error that names it, or works', async name => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    const values = [...(isName(name) ? VALUES[name] : []), ...ANYTHING, throwing(name)]
    for (const value of values) {
      const clock = virtualClock()
      const server = scriptedServer(sequence(closes({ code: 4000, afterMs: 100 }), echoes()), { clock })
      const given = { clock, WebSocket: server.WebSocket, pageSignals: () => fn, ...{ [name]: value } }
      const all =
        value === values.at(-1) ? Object.assign(throwing(name), { clock, WebSocket: server.WebSocket }) : given
      let socket: ResilientWebSocket
      try {
        socket = Reflect.construct(ResilientWebSocket, ['wss://feed.example', [], all])
      } catch (error) {
        expectTyped(error)
        expect(String(error)).toContain(`\`${name}`)
        continue
      }
      await works(socket, server, clock)
    }
    reported.mockRestore()
  })
})
