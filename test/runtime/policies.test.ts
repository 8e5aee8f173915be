import { describe, expect, it } from 'vitest'
import type { Answer, CloseRule, Ending, ResilientError } from '../../src/index.ts'
import { guardedPolicy } from '../../src/runtime/policies.ts'
import { ending } from '../../src/testing/index.ts'

/** What these policies answer, and what is reported meanwhile. */
function asked(
  rules: readonly CloseRule[],
  facts: Partial<Ending> = {},
): { readonly answer: Answer | undefined; readonly problems: readonly ResilientError[] } {
  const problems: ResilientError[] = []
  const answer = guardedPolicy(rules, problem => problems.push(problem))(ending(facts))
  return { answer, problems }
}

/** A policy as JavaScript may write it. */
function says(answer: unknown): CloseRule {
  return new Proxy(() => undefined, { apply: () => answer })
}

describe('a close policy', () => {
  it('that throws abstains and is reported with what it threw; the next one is asked', () => {
    const cause = new TypeError('codes is undefined')
    const { answer, problems } = asked([
      () => {
        throw cause
      },
      { 1006: 'retry-slowly' },
    ])
    expect(answer).toBe('retry-slowly')
    expect(problems).toEqual([expect.objectContaining({ code: 'ERR_POLICY', cause })])
  })

  it.each([
    ['NaN as a delay', { afterMs: Number.NaN }],
    ['an endless delay', { afterMs: Infinity }],
    ['a delay below 0', { afterMs: -1 }],
    ['a delay in words', { afterMs: '5 s' }],
    ['an unknown word', 'reconnect'],
    ['a number', 5_000],
    ['null', null],
    ['false', false],
    ['a promise', Promise.resolve('stop')],
    ['an object without a delay', {}],
  ])('that answers %s abstains and is reported; the next one is asked', (_, said) => {
    const { answer, problems } = asked([says(said), { 1006: 'stop' }])
    expect(answer).toBe('stop')
    expect(problems).toEqual([expect.objectContaining({ code: 'ERR_POLICY' })])
    expect(problems[0]?.message).toMatch(/^Expected `closePolicy\(\)` to be one of retry, /)
  })

  it('whose answer cannot be read abstains and is reported', () => {
    const trap = Object.defineProperty({}, 'afterMs', {
      get() {
        throw new Error('trap')
      },
    })
    const { answer, problems } = asked([says(trap)])
    expect(answer).toBeUndefined()
    expect(problems).toEqual([expect.objectContaining({ code: 'ERR_POLICY' })])
  })

  it('that abstains is not reported', () => {
    expect(asked([() => undefined, {}])).toEqual({ answer: undefined, problems: [] })
  })

  it.each(['retry', 'retry-slowly', 'refresh-auth', 'fall-back', 'stop', { afterMs: 0 }, { afterMs: 250.5 }] as const)(
    'may answer %j',
    said => {
      expect(asked([says(said)])).toEqual({ answer: said, problems: [] })
    },
  )

  it('never shows in a problem what it answered: that may be a secret', () => {
    const { problems } = asked([says('eyJhbGciOi'), says({ token: 'eyJhbGciOi' })])
    expect(problems).toHaveLength(2)
    expect(problems.map(String).join()).not.toContain('eyJhbGciOi')
  })

  it('is not asked after another one that has answered', () => {
    let count = 0
    const counts = (): undefined => {
      count++
    }
    asked([counts, { 1006: 'stop' }, counts])
    expect(count).toBe(1)
  })
})
