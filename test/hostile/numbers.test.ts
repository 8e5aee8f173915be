import { describe, expect, it } from 'vitest'
import type { Options } from '../../src/index.ts'
import { log } from '../../src/observe/index.ts'
import { accepts, type Behaviour, closes, sequence } from '../../src/testing/index.ts'
import { type Story, story } from '../scenarios/story.ts'

const LONGEST_MS = 600_000
/** The widest window of the backoff, on top of what was asked for. */
const WINDOW_MS = 60_000

const NUMBERS = [
  'NaN',
  'Infinity',
  '-Infinity',
  '-1',
  '-0',
  '0',
  '+5',
  '1e309',
  '1e9',
  '0x7fffffff',
  '0b11',
  '0o17',
  '1_000',
  '2147483648',
  '9007199254740993',
  '18446744073709551616',
  '٣',
  '5'.repeat(110),
  '9'.repeat(400),
  ' 5',
  '5;after=900',
  '[object Object]',
  '',
]

interface Logged extends Story {
  readonly lines: readonly string[]
}

function logged(behaviour: Behaviour, options: Options = {}): Logged {
  const lines: string[] = []
  return { ...story({ behaviour, options: { watch: log({ write: line => lines.push(line) }), ...options } }), lines }
}

describe('a delay that a server asks for', () => {
  it.each(NUMBERS.flatMap(number => [1012, 1013, 4300].map(code => [number, code] as const)))(
    'after=%s with %i is never longer than 10 min and a window, and never spins',
    async (number, code) => {
      const { clock, server, socket, closings, lines, problems } = logged(
        sequence(closes({ code, reason: `after=${number}` }), accepts()),
      )
      await clock.advance(0)
      const { retryInMs } = closings[0] ?? expect.unreachable()
      expect(retryInMs).toBeGreaterThanOrEqual(0)
      expect(retryInMs).toBeLessThanOrEqual(LONGEST_MS + WINDOW_MS)
      expect(socket.status.nextRetryAt).toBe(clock.wall() + (retryInMs ?? Number.NaN))
      expect(lines.filter(line => line.includes(`${code}`))).toHaveLength(1)
      await clock.advance(LONGEST_MS + WINDOW_MS)
      expect([server.dials.length, socket.readyState]).toEqual([2, 1])
      expect(problems).toEqual([])
      socket.close()
    },
  )

  it.each(['1e309', '9'.repeat(120)])(
    'after=%s from a server that closes for ever does not park it for ever',
    async number => {
      const { clock, server, socket } = logged(closes({ code: 4300, reason: `after=${number}` }))
      await clock.advance(3_600_000)
      expect(server.dials.length).toBeGreaterThanOrEqual(5)
      socket.close()
    },
  )
})

describe('a number of the app', () => {
  it.each([0, -0, 5e-324, 2 ** 31, 1e21, 1e300, Number.MAX_VALUE])(
    'as the answer of a backoff is taken, shown and told: %d',
    async delay => {
      const { clock, socket, closings, lines, problems } = logged(closes({ code: 4000 }), { backoff: () => delay })
      await clock.advance(100)
      expect(closings[0]?.retryInMs).toBe(delay + 0)
      expect(lines.filter(line => line.includes('closed by server'))).not.toEqual([])
      expect(problems).toEqual([])
      expect(socket.status.state).toBe(delay < 1 ? socket.status.state : 'reconnecting')
      socket.close()
      await clock.advance(60_000)
      expect(clock.timers).toBe(0)
    },
  )

  it.each([Number.NaN, Infinity, -1, -Infinity])('as the answer of a backoff is refused: %d', async delay => {
    const { clock, problems, closings, socket } = logged(closes({ code: 4000 }), { backoff: () => delay })
    await clock.advance(0)
    expect(closings[0]?.retryInMs).toBe(2_000)
    expect(problems[0]?.message).toBe(`Expected \`backoff()\` to be ms or undefined, got ${delay}.`)
    socket.close()
  })

  it('as the expiry of a credential may lie beyond every date', async () => {
    const { clock, lines, socket, problems } = logged(accepts(), {
      auth: () => ({ token: 'x', expiresAt: Number.MAX_VALUE }),
    })
    await clock.advance(10_000)
    socket.refreshAuth()
    await clock.advance(10_000)
    expect(problems).toEqual([])
    expect(lines.some(line => line.includes('expires'))).toBe(true)
    socket.close()
  })
})
