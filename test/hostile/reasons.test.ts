import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { log } from '../../src/observe/index.ts'
import { closes } from '../../src/testing/index.ts'
import { story } from '../scenarios/story.ts'

// Hundreds of lives take seconds where a single one takes none.
vi.setConfig({ testTimeout: 30_000 })

/** What could break a line, forge one, or steer a terminal: controls, line ends, and what turns the direction of text. */
const DANGEROUS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u

/** The reason that the app is told, and the lines that the log has of that end. */
async function told(
  reason: string,
  code = 4000,
): Promise<readonly [reason: string | undefined, lines: readonly string[]]> {
  const lines: string[] = []
  const watch = log({ write: line => lines.push(line) })
  const { clock, closings, socket } = story({ behaviour: closes({ code, reason }), options: { watch } })
  await clock.advance(1)
  socket.close()
  return [closings[0]?.reason, lines.filter(line => line.includes('closed by server'))]
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte)

describe('a close reason', () => {
  it('with any of 256 characters at its beginning, in its middle, at its end is told as it is, and is one line without a raw control character', async () => {
    for (const byte of BYTES) {
      const character = String.fromCharCode(byte)
      const given = `${character}some${character}rest${character}`
      const [reason, lines] = await told(given)
      expect(reason).toBe(given)
      expect(lines).toHaveLength(1)
      expect(lines[0]).not.toMatch(DANGEROUS)
    }
  })

  it.each(['\u0000', '\u001b', '"', '\\', '\u0085'])('of 123 times %j is one line', async character => {
    const [reason, lines] = await told(character.repeat(123))
    expect(reason).toHaveLength(123)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(DANGEROUS)
  })

  it.each([
    ['a line of its own', 'bye\r\n#2 8000 00:00:00Z websocket closed by server: 1000'],
    ['a colour', '\u001b[31mred\u001b[0m'],
    ['a title for the terminal', '\u001b]0;owned\u0007'],
    ['an eight-bit escape', '\u009b31m'],
    ['text from right to left', 'bye \u202e"nwod si revres eht" \u2066'],
    ['a closing quote', '"; next try in 0 ms'],
    ['a line separator', 'bye\u2028next'],
    ['half of a pair', 'bye \ud800'],
    ['a NUL', 'bye\u0000hidden'],
    ['backspaces', `bye${'\b'.repeat(60)}`],
  ])('cannot put %s into the log', async (_, reason) => {
    const [, lines] = await told(reason)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(DANGEROUS)
    // What the log itself says comes after the closing quote: one that is not escaped.
    expect(lines[0]?.match(/(?<!\\)"/g)).toHaveLength(2)
  })

  it('of any text is one line', async () => {
    const reason = fc.string({ unit: 'binary', maxLength: 123 })
    await fc.assert(
      fc.asyncProperty(reason, fc.constantFrom(1000, 1012, 4000, 4401), async (given, code) => {
        const [, lines] = await told(given, code)
        expect(lines).toHaveLength(1)
        expect(lines[0]).not.toMatch(DANGEROUS)
      }),
      { numRuns: 100, seed: Number(process.env.HOLDFAST_SEED ?? 20_250_108) },
    )
  })
})
