import { describe, expect, it } from 'vitest'
import { type Deviation, deviations } from './deviations.ts'
import { expectationsOf } from './expected.ts'

const table: Readonly<Record<string, Deviation>> = {
  'readyState on Sundays': { implementations: ['ours with defaults'], why: 'for this test', expected: 9 },
}

describe('expectations', () => {
  it('follow the standard where the table says nothing', () => {
    expect(expectationsOf('ours with defaults', table).expected('readyState on Mondays', 1)).toBe(1)
  })

  it('follow the table where it names the implementation', () => {
    expect(expectationsOf('ours with defaults', table).expected('readyState on Sundays', 1)).toBe(9)
  })

  it('follow the standard for implementations that the table does not name', () => {
    expect(expectationsOf('native', table).expected('readyState on Sundays', 1)).toBe(1)
  })

  it('list deviations that no test has asked for', () => {
    const { expected, unused } = expectationsOf('ours with defaults', table)
    expect(unused()).toEqual(['readyState on Sundays'])
    expected('readyState on Sundays', 1)
    expect(unused()).toEqual([])
  })

  it('allow no deviation to anything but the defaults', () => {
    const named = new Set(Object.values(deviations).flatMap(({ implementations }) => implementations))
    expect([...named]).toEqual(['ours with defaults'])
  })
})
