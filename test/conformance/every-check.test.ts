import { describe, expect, it } from 'vitest'
import { RULES } from '../../src/conformance/rules.ts'
import { brokenServer, OTHERS, TEN } from './broken-servers.ts'
import { checksThat, EVERYTHING, examine } from './examine.ts'

describe.concurrent('a server that', { timeout: 30_000 }, () => {
  it.for(OTHERS)('$it fails', async (broken, { expect }) => {
    const start = await brokenServer(broken)
    const only = broken.fails[0] === 'frames' ? ['garbage', 'frames'] : broken.fails
    const outcomes = await examine(start(broken.options ?? EVERYTHING), { slow: true, only }, { patienceMs: 500 })
    expect(checksThat(outcomes, 'failed')).toEqual(expect.arrayContaining([...broken.fails]))
  })
})

describe('every check', () => {
  it('is failed by one of the broken servers', () => {
    const failed = new Set([...TEN, ...OTHERS].flatMap(({ fails }) => fails))
    expect(RULES.map(({ check }) => check).filter(check => !failed.has(check))).toEqual([])
  })

  it('has a number of its own', () => {
    expect(new Set(RULES.map(({ rule }) => rule)).size).toBe(RULES.length)
    expect(new Set(RULES.map(({ check }) => check)).size).toBe(RULES.length)
  })
})
