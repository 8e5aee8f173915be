import { describe, expect, it } from 'vitest'
import { closeCode, meaningOf } from '../../src/observe/index.ts'
import { STANDARD_TABLE } from '../../src/policies/close-policy.ts'

/** The codes of RFC 6455 §7.4.1, of the registry of the IANA, and the two of the 4000s that everybody uses. */
const KNOWN = [
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 3000, 3003, 3008, 4401,
  4403,
]
const CODES = Array.from({ length: 4_000 }, (_, index) => 1_000 + index)

describe('an entry', () => {
  it('has a name, a meaning, a hint and a section for every code from 1000 to 4999', () => {
    const lacking = CODES.filter(code => {
      const { name, meaning, hint, section } = closeCode(code)
      return !name || !/^[A-Z].*\.$/.test(meaning) || !/^[A-Z].*\.$/.test(hint) || !section
    })
    expect(lacking).toEqual([])
    expect(closeCode(4242).code).toBe(4242)
  })

  it('of a known code is its own, and its name is the one that lines say', () => {
    expect(CODES.filter(code => meaningOf(code) !== null)).toEqual(KNOWN)
    for (const code of KNOWN) expect(closeCode(code).name).toBe(meaningOf(code))
    const meanings = new Set(KNOWN.map(code => closeCode(code).meaning))
    // 4401 and 4403 say what 3000 and 3003 say.
    expect(meanings.size).toBe(KNOWN.length - 2)
  })

  it('is there for every row of the standard table', () => {
    expect(Object.keys(STANDARD_TABLE).filter(code => meaningOf(Number(code)) === null)).toEqual([])
  })

  it.each([
    ['reserved', [999, 1004, 1016, 2000, 2999, 5000, 0, -1, Number.NaN]],
    ['of a library', [3001, 3002, 3999]],
    ['of the app', [4000, 4400, 4402, 4999]],
  ])('of a code without a meaning says that it is %s', (name, codes) => {
    expect(codes.map(code => closeCode(code).name)).toEqual(codes.map(() => name))
  })

  it.each([
    ['RFC 6455 §7.4.1', [1000, 1004, 1006, 1011, 1015]],
    ['IANA registry', [1012, 1013, 1014, 3000, 3003, 3008]],
    ['RFC 6455 §7.4.2', [1016, 2999, 3001, 3999, 4000, 4401, 4403, 4999]],
  ])('names the section of the standard: %s', (section, codes) => {
    expect(codes.map(code => closeCode(code).section)).toEqual(codes.map(() => section))
  })

  it.each([
    [1000, "Nobody's fault"],
    [1002, 'A bug of the server or a proxy'],
    [1003, 'A bug of the app'],
    [1007, 'A bug of the app'],
    [1009, 'A bug of the app'],
    [1010, 'A bug of the server'],
    [1011, 'A bug of the server'],
    [1012, "Nobody's fault"],
    [1016, 'A bug of the server'],
  ])('says whose fault %i is', (code, whose) => {
    expect(closeCode(code).hint.startsWith(whose)).toBe(true)
  })
})
