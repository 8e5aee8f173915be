import { describe, expect, it } from 'vitest'
import { deviations } from './deviations.ts'
import { differences } from './differences.ts'
import { expectationsOf } from './expected.ts'

const tables = {
  deviations: {
    'readyState on Sundays': { implementations: ['ours with defaults'], why: 'for this test', expected: 9 },
  },
  differences: [{ key: 'a code on Sundays', engines: ['firefox'], why: 'for this test', expected: 1009 }],
} as const

describe('expectations', () => {
  it('follow the standard where the tables say nothing', () => {
    const { expected, inThisEngine } = expectationsOf('ours with defaults', 'firefox', tables)
    expect([expected('readyState on Mondays', 1), inThisEngine('a code on Mondays', 1001)]).toEqual([1, 1001])
  })

  it('follow the deviations where they name the implementation', () => {
    expect(expectationsOf('ours with defaults', 'webkit', tables).expected('readyState on Sundays', 1)).toBe(9)
    expect(expectationsOf('native', 'webkit', tables).expected('readyState on Sundays', 1)).toBe(1)
  })

  it('follow the differences where they name the engine, for every implementation', () => {
    for (const name of ['native', 'ours without reconnect and outbox', 'ours with defaults'] as const) {
      expect(expectationsOf(name, 'firefox', tables).inThisEngine('a code on Sundays', 1001)).toBe(1009)
      expect(expectationsOf(name, 'chromium', tables).inThisEngine('a code on Sundays', 1001)).toBe(1001)
    }
  })

  it('list what no test has asked for', () => {
    const { expected, inThisEngine, unused } = expectationsOf('ours with defaults', 'firefox', tables)
    expect(unused()).toEqual(['readyState on Sundays', 'a code on Sundays'])
    expected('readyState on Sundays', 1)
    expect(unused()).toEqual(['a code on Sundays'])
    inThisEngine('a code on Sundays', 1001)
    expect(unused()).toEqual([])
  })

  it('allow no deviation to anything but the defaults', () => {
    const named = new Set(Object.values(deviations).flatMap(({ implementations }) => implementations))
    expect([...named]).toEqual(['ours with defaults'])
  })

  it('have one difference for a key in an engine', () => {
    const claims = differences.flatMap(({ key, engines }) => engines.map(engine => `${engine}: ${key}`))
    expect(claims).toEqual([...new Set(claims)])
  })
})
