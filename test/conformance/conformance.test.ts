import { describe, expect, it } from 'vitest'
import { RULES } from '../../src/conformance/rules.ts'
import { lineOf, sumOf } from '../../src/conformance/run.ts'
import { brokenServer, TEN } from './broken-servers.ts'
import { BUSY, checksThat, EVERYTHING, examine, HURRIED } from './examine.ts'
import { referenceServer } from './reference-server.ts'

const slow = RULES.filter(rule => rule.slow).map(({ check }) => check)

describe('a server that keeps every rule', { timeout: 30_000 }, () => {
  it('passes', async () => {
    const outcomes = await examine(referenceServer(EVERYTHING))
    expect(checksThat(outcomes, 'failed')).toEqual([])
    expect(checksThat(outcomes, 'not offered')).toEqual(['later-order'])
    expect(checksThat(outcomes, 'not run')).toEqual(slow)
    expect(outcomes).toHaveLength(RULES.length)
    expect(sumOf(outcomes)).toBe(`${RULES.length - slow.length - 1} passed, 0 failed, 1 not offered`)
  })

  it('passes what needs waiting, when that is asked for', async () => {
    const outcomes = await examine(referenceServer(HURRIED), { slow: true, only: slow })
    expect(outcomes.map(lineOf).filter(line => !line.startsWith('ok'))).toEqual([])
    expect(outcomes).toHaveLength(slow.length)
  })

  it('passes while it refuses messages for now', async () => {
    const outcomes = await examine(referenceServer(BUSY), {
      only: ['dense', 'resend', 'later-order', 'credit-returns'],
    })
    expect(checksThat(outcomes, 'ok')).toEqual(['dense', 'resend', 'later-order', 'credit-returns'])
  })
})

describe('a server that offers little', () => {
  it('is told what was not checked', async () => {
    const nothing = { token: undefined, otherToken: undefined, forbiddenTopic: undefined, origin: undefined }
    const only = ['origin', 'topic-forbidden', 'token-refused', 'auth', 'auth-refused', 'auth-identity', 'gap-expired']
    const outcomes = await examine(referenceServer(), { only }, nothing)
    expect(new Set(checksThat(outcomes, 'not offered'))).toEqual(new Set(only))
    expect(outcomes.map(lineOf)[0]).toBe('not offered R11: origin: no --origin was given')
  })
})

describe.concurrent('a server that', { timeout: 30_000 }, () => {
  it.for(TEN)('$it fails, and the rule is named', async (broken, { expect }) => {
    const start = await brokenServer(broken)
    const outcomes = await examine(start(EVERYTHING), {}, { patienceMs: 500 })
    expect(checksThat(outcomes, 'failed')).toEqual(expect.arrayContaining([...broken.fails]))
    const [named] = outcomes.filter(({ check }) => check === broken.fails[0]).map(lineOf)
    expect(named).toMatch(/^FAILED R\d+: [\w-]+: expected .+; came .+$/)
  })
})
