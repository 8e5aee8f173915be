import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Answer, type ClosePolicy, type CloseTable, closePolicy } from '../../src/index.ts'
import { ending } from '../../src/testing/index.ts'

/** What a policy of one table answers to a code. */
function answer(table: CloseTable, code: number): Answer | undefined {
  return closePolicy(table)(ending({ code }))
}

describe('a table', () => {
  it('answers for its codes and ranges, ends included, and abstains for every other code', () => {
    const policy = closePolicy({ 4401: 'refresh-auth', '4000-4099': 'stop', '4290-4290': { afterMs: 5_000 } })
    const answered = Array.from({ length: 4_000 }, (_, index) => 1_000 + index).flatMap(code => {
      const answer = policy(ending({ code }))
      return answer === undefined ? [] : [[code, answer]]
    })
    expect(answered).toEqual([
      ...Array.from({ length: 100 }, (_, index) => [4_000 + index, 'stop']),
      [4_290, { afterMs: 5_000 }],
      [4_401, 'refresh-auth'],
    ])
  })

  it('asks a single code before a range, wherever it stands', () => {
    const table: CloseTable = { '4000-4999': 'stop', 4003: 'retry' }
    expect(answer(table, 4003)).toBe('retry')
    expect(answer(table, 4002)).toBe('stop')
    expect(answer(table, 4004)).toBe('stop')
  })

  it('asks the first of two ranges first', () => {
    expect(answer({ '4000-4499': 'stop', '4400-4999': 'retry' }, 4450)).toBe('stop')
    expect(answer({ '4400-4999': 'retry', '4000-4499': 'stop' }, 4450)).toBe('retry')
  })

  it('of nothing abstains', () => {
    expect(answer({}, 1006)).toBeUndefined()
  })

  it.each(['retry', 'retry-slowly', 'refresh-auth', 'fall-back', 'stop', { afterMs: 0 }, { afterMs: 1e9 }] as const)(
    'may answer %j',
    said => {
      expect(answer({ 1006: said }, 1006)).toEqual(said)
    },
  )

  it.each([
    '999',
    '0999',
    '0999-1001',
    '5000',
    '0',
    '-1',
    '44',
    '44010',
    '4401.5',
    'foo',
    '',
    '4000-',
    '-4000',
    '4000-3999',
    '4000-5000',
  ])('with the key %j throws, and the error names it', key => {
    const table: Readonly<Record<string, Answer>> = { [key]: 'stop' }
    expect(() => closePolicy(table)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(`closePolicy[${key}]`) }),
    )
  })

  it.each([
    ['an unknown word', 'reconnect'],
    ['nothing', undefined],
    ['null', null],
    ['a number', 5_000],
    ['a delay that is no number', { afterMs: '5' }],
    ['a delay below 0', { afterMs: -1 }],
    ['NaN', { afterMs: Number.NaN }],
    ['an endless delay', { afterMs: Infinity }],
    ['another object', { delayMs: 5 }],
  ])('that answers %s throws, and the error names the key', (_, said) => {
    const table = Object.fromEntries([['4401', said]])
    expect(() => Reflect.apply(closePolicy, null, [table])).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining('closePolicy[4401]') }),
    )
  })

  it.each([null, undefined, 5, 'stop', true])('that is %j throws', table => {
    expect(() => Reflect.apply(closePolicy, null, [table])).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
  })
})

describe('several policies', () => {
  it('are asked in order; the first answer wins, and nobody is asked after it', () => {
    const asked: string[] = []
    const says =
      (name: string, said: Answer | undefined): ClosePolicy =>
      () => {
        asked.push(name)
        return said
      }
    const policy = closePolicy(says('a', undefined), { 4000: 'retry' }, says('b', 'stop'), says('c', 'retry-slowly'))
    expect(policy(ending({ code: 4001 }))).toBe('stop')
    expect(asked).toEqual(['a', 'b'])
    expect(policy(ending({ code: 4000 }))).toBe('retry')
    expect(asked).toEqual(['a', 'b', 'a'])
  })

  it('abstain when all of them do: the standard table is no part of them', () => {
    expect(closePolicy(() => undefined, {})(ending({ code: 1002 }))).toBeUndefined()
    expect(closePolicy()(ending())).toBeUndefined()
  })

  it('are a policy again, so that teams can share theirs', () => {
    const shared = closePolicy({ 4401: 'refresh-auth' })
    const ours = closePolicy(shared, { '4400-4499': 'stop' })
    expectTypeOf(ours).toEqualTypeOf<ClosePolicy>()
    expect(ours(ending({ code: 4401 }))).toBe('refresh-auth')
    expect(ours(ending({ code: 4402 }))).toBe('stop')
  })

  it('may look at everything that is known of the disconnect', () => {
    const policy = closePolicy(({ origin, openMs, history }) =>
      origin === 'network' && (openMs ?? 0) < 1_000 && history.length > 2 ? 'retry-slowly' : undefined,
    )
    const past = { origin: 'network', code: 1006, openMs: 5, endedAt: 0 } as const
    expect(policy(ending({ openMs: 500, history: [past, past, past] }))).toBe('retry-slowly')
    expect(policy(ending({ openMs: 500, history: [past, past] }))).toBeUndefined()
    expect(policy(ending({ history: [past, past, past] }))).toBeUndefined()
  })
})
