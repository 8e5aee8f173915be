import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientFrame, serverFrame } from '../../src/server/schema.ts'
import { isServerFrame } from '../../src/session/frames.ts'

const TYPES = ['welcome', 'subbed', 'gap', 'event', 'ok', 'err', 'authok', 'reauth', 'goaway', 'ping', 'pong']

/** A frame that is right, of each type. */
const RIGHT: readonly Readonly<Record<string, unknown>>[] = [
  {
    t: 'welcome',
    conn: 'c',
    now: 1,
    identity: 'me',
    heartbeatMs: 15_000,
    authExpiresInMs: 1,
    schema: 3,
    limits: { messageBytes: 1, inFlight: 2, unacked: 3, dedupeMs: 4 },
  },
  { t: 'subbed', topic: 'a', epoch: 'e', seq: 0, recovered: false },
  { t: 'gap', topic: 'a', from: 1, to: 2, reason: 'expired' },
  { t: 'event', topic: 'a', epoch: 'e', seq: 1, id: 'c-1', data: { deep: [1] } },
  { t: 'ok', id: 'c-1', dup: true, data: null },
  { t: 'err', id: 'c-1', topic: 'a', code: 'x', message: 'y', retry: 'later', afterMs: 1 },
  { t: 'authok', expiresInMs: 1 },
  { t: 'reauth' },
  { t: 'goaway', afterMs: 0, spreadMs: 1_000, reason: 'drain' },
  { t: 'ping', n: 1 },
  { t: 'pong', n: 1 },
]

const value = fc.oneof(
  fc.constantFrom(null, undefined, true, false, 0, -0, -1, 1.5, 2 ** 53, 1e300, Number.NaN, Infinity, '', 'a', 'later'),
  fc.integer(),
  fc.jsonValue(),
  fc.record({ messageBytes: fc.jsonValue(), unacked: fc.jsonValue() }, { requiredKeys: [] }),
)
const names = [...new Set([...RIGHT.flatMap(frame => Object.keys(frame)), 'toString', '__proto__', 'other'])]

/** A right frame with fields taken away, changed, or added; or anything at all. */
const frame = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...RIGHT),
        fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 3 }),
        fc.subarray(names),
      )
      .map(([right, changed, gone]) => {
        // As JSON.parse makes it: `__proto__` is a field like any other.
        const made = JSON.parse(JSON.stringify(right))
        for (const [name, to] of changed)
          Object.defineProperty(made, name, { value: to, enumerable: true, configurable: true })
        if (gone.length < 3) for (const name of gone) delete made[name]
        return made
      }),
  },
  { weight: 1, arbitrary: fc.record({ t: fc.oneof(fc.constantFrom(...TYPES), fc.string()) }) },
  { weight: 1, arbitrary: fc.jsonValue() },
)

describe('the guard of the client', () => {
  it('takes every frame that the schema takes, and no other', () => {
    const taken = { yes: 0, no: 0 }
    fc.assert(
      fc.property(frame, made => {
        const { success } = serverFrame.safeParse(made)
        taken[success ? 'yes' : 'no']++
        expect(isServerFrame(made)).toBe(success)
      }),
      { numRuns: 1_500, seed: Number(process.env.HOLDFAST_SEED ?? 20_251_125) },
    )
    // Neither side of it is idle.
    expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(300)
  })

  it.each(RIGHT)('takes %o', right => {
    expect(serverFrame.safeParse(right).success).toBe(true)
    expect(isServerFrame(right)).toBe(true)
  })
})

describe('the schema of what a client sends', () => {
  const hello = { t: 'hello', v: 1, client: 'c', conn: 'k', topics: [] }
  const takes = (made: object): boolean => clientFrame.safeParse(made).success

  it.each([
    hello,
    { ...hello, topics: [{ topic: 'a' }, { topic: 'b', epoch: 'e', seq: 0 }], schema: 2, token: 't', more: 1 },
    { t: 'sub', topic: 'a'.repeat(256) },
    { t: 'unsub', topic: 'ä'.repeat(128) },
    { t: 'msg', id: 'c-1' },
    { t: 'msg', id: 'c-1', topic: 'a', data: null, request: true },
    { t: 'ack', topic: 'a', seq: 0 },
    { t: 'auth', token: '' },
    { t: 'ping' },
    { t: 'pong', n: 1 },
    { t: 'bye' },
  ])('takes %o', made => expect(takes(made)).toBe(true))

  it.each([
    { ...hello, client: 'with space' },
    { ...hello, client: 'c'.repeat(65) },
    { ...hello, client: '' },
    { ...hello, conn: 'k'.repeat(129) },
    { ...hello, topics: [{ topic: '' }] },
    { ...hello, topics: Array.from({ length: 10_001 }, () => ({ topic: 'a' })) },
    { ...hello, topics: undefined },
    { t: 'sub', topic: 'ä'.repeat(129) },
    { t: 'sub', topic: 'a', seq: 1.5 },
    { t: 'sub', topic: 'a', seq: -1 },
    { t: 'sub', topic: 'a', epoch: 'e'.repeat(129), seq: 1 },
    { t: 'msg', id: '' },
    { t: 'msg', id: 'ä'.repeat(65) },
    { t: 'msg', id: 1 },
    { t: 'msg', id: 'c-1', request: 'yes' },
    { t: 'ack', topic: 'a', seq: 2 ** 53 },
    { t: 'auth' },
    { t: 'ping', n: 'x' },
    { t: 'other' },
    {},
    [],
  ])('refuses %o', made => expect(takes(made)).toBe(false))
})
