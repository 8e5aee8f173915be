import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dedupeWindow, KEY_LETTERS, type Key } from '../../src/core/dedupe-window.ts'

/** The same, as plainly as it can be said. */
function naive(keys: number): (key: Key) => boolean {
  let seen: readonly Key[] = []
  const letters = (): number => seen.reduce<number>((sum, key) => sum + `${key}`.length, 0)
  return key => {
    if (seen.includes(key)) return false
    seen = [...seen, key]
    while (seen.length > 1 && (seen.length > keys || letters() > KEY_LETTERS)) seen = seen.slice(1)
    return true
  }
}

const key = fc.oneof(fc.nat(30), fc.nat(30).map(String))

describe('a window of keys', () => {
  it('knows each of the last so many keys, and none before', () => {
    const window = dedupeWindow(3)
    expect([1, 2, 3, 4].map(window.add)).toEqual([true, true, true, true])
    expect([2, 3, 4].map(window.add)).toEqual([false, false, false])
    expect(window.add(1)).toBe(true)
  })

  it('keeps the place of a key that comes again: it pushes nothing out, and is pushed out in its turn', () => {
    const window = dedupeWindow(2)
    expect(['a', 'b', 'a', 'a', 'b'].map(window.add)).toEqual([true, true, false, false, false])
    expect(['c', 'a'].map(window.add)).toEqual([true, true])
  })

  it('takes a number and its text for two keys', () => {
    const window = dedupeWindow(10)
    expect([1, '1', 1, '1'].map(window.add)).toEqual([true, true, false, false])
  })

  it('holds at most a million letters, whatever the server takes for a key', () => {
    const window = dedupeWindow(1_024)
    const long = (name: string): string => name.padEnd(KEY_LETTERS / 2, '.')
    expect([long('a'), long('b')].map(window.add)).toEqual([true, true])
    expect([long('a'), long('b')].map(window.add)).toEqual([false, false])
    expect(window.add('c')).toBe(true)
    expect([long('b'), 'c'].map(window.add)).toEqual([false, false])
    expect(window.add(long('a'))).toBe(true)
  })

  it('takes one that is longer than that, and forgets it with the next', () => {
    const window = dedupeWindow(1_024)
    const giant = 'x'.repeat(KEY_LETTERS + 1)
    expect(['a', giant, giant, 'a'].map(window.add)).toEqual([true, true, false, true])
    expect(window.add(giant)).toBe(true)
  })

  it('may be as large as one likes', () => {
    const window = dedupeWindow(Infinity)
    const keys = Array.from({ length: 5_000 }, (_, index) => index)
    expect(keys.every(window.add)).toBe(true)
    expect(keys.some(window.add)).toBe(false)
  })

  it('does what a list that is looked through would do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(key, { maxLength: 200 }), (size, keys) => {
        expect(keys.map(dedupeWindow(size).add)).toEqual(keys.map(naive(size)))
      }),
      { numRuns: 500 },
    )
  })
})
