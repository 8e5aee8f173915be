import { describe, expect, it } from 'vitest'
import type { Answer, Ending } from '../../src/index.ts'
import { STANDARD_TABLE, standardPolicy, violatesProtocol } from '../../src/policies/close-policy.ts'
import { ending } from '../../src/testing/index.ts'

/** Written by hand from the description of the product, beside the code: with an auth provider, and without. */
const SPECIAL: Readonly<Record<number, readonly [withProvider: Answer, without: Answer]>> = {
  1002: ['stop', 'stop'],
  1003: ['stop', 'stop'],
  1007: ['stop', 'stop'],
  1008: ['refresh-auth', 'stop'],
  1010: ['stop', 'stop'],
  1013: ['retry-slowly', 'retry-slowly'],
  1015: ['retry-slowly', 'retry-slowly'],
  3000: ['refresh-auth', 'refresh-auth'],
  3003: ['stop', 'stop'],
  3008: ['retry-slowly', 'retry-slowly'],
  4401: ['refresh-auth', 'refresh-auth'],
  4403: ['stop', 'stop'],
}

/** Connections that ended like that, one after the other; what the policy is shown of the last one. */
function last(...endings: readonly Partial<Ending>[]): Ending {
  const history = endings.slice(0, -1).map(facts => {
    const { origin, code, openMs } = ending(facts)
    return { origin, code, openMs, endedAt: 0 }
  })
  return ending({ attempt: history.length, history, ...endings.at(-1) })
}

const CODES = Array.from({ length: 4_000 }, (_, index) => 1_000 + index)

describe('the standard table', () => {
  it.each([
    ['with an auth provider', 0],
    ['without an auth provider', null],
  ])('has exactly one answer to every code from 1000 to 4999, %s', (_, refusals) => {
    const answers = CODES.map(code => [code, standardPolicy(ending({ code, refusals }))])
    const column = refusals === null ? 1 : 0
    expect(answers).toEqual(CODES.map(code => [code, SPECIAL[code]?.[column] ?? 'retry']))
  })

  it('has no row that is not asked for', () => {
    const rows = Object.keys(STANDARD_TABLE).map(Number)
    expect(rows.filter(code => !(code in SPECIAL))).toEqual([])
    expect(Object.keys(SPECIAL).filter(code => !(code in STANDARD_TABLE))).toEqual(['1008'])
  })

  it.each(['network', 'dial-failed', 'dial-timeout', 'heartbeat', 'provider', 'hook'] as const)(
    'retries when the origin is %s',
    origin => {
      expect(standardPolicy(ending({ origin }))).toBe('retry')
      expect(standardPolicy(ending({ origin, refusals: 0 }))).toBe('retry')
      const often = Array.from({ length: 8 }, () => ({ origin }))
      expect(standardPolicy(last(...often))).toBe('retry')
    },
  )

  it('judges a code by itself, whoever ended the connection with it', () => {
    expect(standardPolicy(ending({ origin: 'hook', code: 4401 }))).toBe('refresh-auth')
  })
})

describe('a policy violation, 1008', () => {
  it('refreshes the credential once, and stops when that did not help', () => {
    expect(standardPolicy(ending({ code: 1008, refusals: 0 }))).toBe('refresh-auth')
    expect(standardPolicy({ ...last({ code: 1008 }, { code: 1008 }), refusals: 1 })).toBe('stop')
  })

  it('stops the second time also when a dial failed between', () => {
    expect(standardPolicy({ ...last({ code: 1008 }, { origin: 'dial-failed' }, { code: 1008 }), refusals: 1 })).toBe(
      'stop',
    )
  })

  it('refreshes again after a connection that was stable', () => {
    const long = { ...last({ code: 1008 }, { code: 1008 }), attempt: 0, refusals: 0 }
    expect(standardPolicy(long)).toBe('refresh-auth')
  })
})

describe('a message that is too big, 1009', () => {
  it('is retried once, and stops at the second in a row', () => {
    expect(standardPolicy(last({ code: 1009 }))).toBe('retry')
    expect(standardPolicy(last({ code: 1009 }, { code: 1009 }))).toBe('stop')
  })

  it('is no second in a row after another end, or after a connection that was stable', () => {
    expect(standardPolicy(last({ code: 1009 }, { code: 1006 }, { code: 1009 }))).toBe('retry')
    expect(standardPolicy({ ...last({ code: 1009 }, { code: 1009 }), attempt: 0 })).toBe('retry')
  })
})

describe('connections that the browser fails', () => {
  const failed: Partial<Ending> = { origin: 'browser-failed' }

  it('are retried twice, and go slow at the third in a row: the server breaks the protocol', () => {
    expect(standardPolicy(last(failed))).toBe('retry')
    expect(standardPolicy(last(failed, failed))).toBe('retry')
    expect(standardPolicy(last(failed, failed, failed))).toBe('retry-slowly')
    expect(standardPolicy(last(...Array.from({ length: 11 }, () => failed)))).toBe('retry-slowly')
    expect(violatesProtocol(last(failed, failed))).toBe(false)
    expect(violatesProtocol(last(failed, failed, failed))).toBe(true)
  })

  it('are counted anew after any other end, and after a connection that was stable', () => {
    expect(violatesProtocol(last(failed, failed, {}, failed))).toBe(false)
    expect(violatesProtocol(last(failed, failed, failed, {}))).toBe(false)
    expect(violatesProtocol({ ...last(failed, failed, failed), attempt: 0 })).toBe(false)
    expect(violatesProtocol({ ...last(failed, failed, failed), attempt: 1 })).toBe(false)
  })
})
