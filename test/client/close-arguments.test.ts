import { describe, expect, it } from 'vitest'
import { ResilientWebSocket } from '../../src/index.ts'
import { scriptedServer, virtualClock } from '../../src/testing/index.ts'

/** What the native `close()` is called with, or the name of what ours throws. */
async function outcomeOf(...args: readonly unknown[]): Promise<unknown> {
  const clock = virtualClock()
  const server = scriptedServer(undefined, { clock })
  const calls: unknown[][] = []
  class Recording extends server.WebSocket {
    override close(...given: unknown[]): void {
      calls.push(given)
    }
  }
  const socket = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: Recording })
  await clock.advance(0)
  try {
    Reflect.apply(socket.close, socket, args)
  } catch (error) {
    expect(calls).toEqual([])
    expect(socket.readyState).toBe(1)
    return error instanceof Error ? error.name : error
  }
  return calls[0]?.map(value => value ?? null).filter((value, index, all) => value !== null || index < all.length - 1)
}

const code = async (value: unknown): Promise<unknown> => {
  const outcome = await outcomeOf(value)
  return Array.isArray(outcome) ? (outcome[0] ?? 'none') : outcome
}

describe('the code of close()', () => {
  it.each([
    [undefined, 'none'],
    [1000, 1000],
    [3000, 3000],
    [4999, 4999],
    ['3001', 3001],
    [3000.4, 3000],
    [3000.5, 3000],
    [3001.5, 3002],
    [2999.5, 3000],
    [4999.4, 4999],
    [{ valueOf: () => 4000 }, 4000],
    [[4000], 4000],
  ])('%j is converted as WebIDL says, and sent', async (value, sent) => {
    expect(await code(value)).toBe(sent)
  })

  it.each([
    999,
    1001,
    1005,
    1006,
    1015,
    2999,
    2999.4,
    4999.6,
    5000,
    65_536,
    -1,
    0,
    null,
    Number.NaN,
    Infinity,
    -Infinity,
    'text',
    {},
    true,
    '',
  ])('%j is an InvalidAccessError, before anything changes', async value => {
    expect(await code(value)).toBe('InvalidAccessError')
  })

  it.each([5n, Symbol('x')])('that cannot be a number is a TypeError, before anything changes', async value => {
    expect(await code(value)).toBe('TypeError')
  })
})

describe('the reason of close()', () => {
  it.each([
    ['text', 'text'],
    ['', ''],
    [null, 'null'],
    [12, '12'],
    [{ toString: () => 'object' }, 'object'],
    ['a'.repeat(123), 'a'.repeat(123)],
    ['€'.repeat(41), '€'.repeat(41)],
  ])('%j is a string of at most 123 bytes, and sent', async (value, sent) => {
    expect(await outcomeOf(1000, value)).toEqual([1000, sent])
  })

  it.each(['a'.repeat(124), '€'.repeat(42), '👍'.repeat(31), `${'a'.repeat(121)}\ud800`])(
    'over 123 bytes of UTF-8 is a SyntaxError, before anything changes',
    async value => {
      expect(await outcomeOf(1000, value)).toBe('SyntaxError')
    },
  )

  it('that throws when it is read throws that, before anything changes', async () => {
    const throws = { toString: (): never => expect.unreachable() }
    expect(await outcomeOf(1000, throws)).toBe('AssertionError')
  })

  it('may come without a code', async () => {
    expect(await outcomeOf(undefined, 'only a reason')).toEqual([null, 'only a reason'])
  })
})
