import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tokens } from '../../../examples/dashboard/server/tokens.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('the tokens of the demo', () => {
  it('are good for their life, and called expired after it', () => {
    const issuer = tokens({ lifeMs: 60_000 })
    const token = issuer.issue('Ada')
    expect(issuer.admit(token)).toEqual({ account: 'Ada', expiresAt: Date.now() + 60_000 })
    vi.advanceTimersByTime(59_999)
    expect(issuer.admit(token)).toMatchObject({ account: 'Ada' })
    vi.advanceTimersByTime(1)
    expect(issuer.admit(token)).toEqual({ refusal: 'token expired' })
  })

  it('are different every time, and only those that were issued are good', () => {
    const issuer = tokens({ lifeMs: 60_000 })
    expect(new Set(Array.from({ length: 100 }, () => issuer.issue('Ada'))).size).toBe(100)
    expect(issuer.admit('made up')).toEqual({ refusal: 'token unknown' })
    expect(issuer.admit(null)).toEqual({ refusal: 'token missing' })
  })

  it('expire early for one account, and a fresh one is good', () => {
    const issuer = tokens({ lifeMs: 60_000 })
    const [ada, grace] = [issuer.issue('Ada'), issuer.issue('Grace')]
    issuer.expire('Ada')
    expect(issuer.admit(ada)).toEqual({ refusal: 'token expired' })
    expect(issuer.admit(grace)).toMatchObject({ account: 'Grace' })
    expect(issuer.admit(issuer.issue('Ada'))).toMatchObject({ account: 'Ada' })
  })

  it('are refused while their account is revoked, and none of those comes back when it is restored', () => {
    const issuer = tokens({ lifeMs: 60_000 })
    const before = issuer.issue('Ada')
    issuer.revoke('Ada')
    const during = issuer.issue('Ada')
    expect([before, during].map(issuer.admit)).toEqual([{ refusal: 'token revoked' }, { refusal: 'token revoked' }])
    issuer.restore('Ada')
    expect([before, during].map(issuer.admit)).toEqual([{ refusal: 'token unknown' }, { refusal: 'token unknown' }])
    expect(issuer.admit(issuer.issue('Ada'))).toMatchObject({ account: 'Ada' })
  })

  it('are forgotten, the oldest first, before there are too many', () => {
    const issuer = tokens({ lifeMs: 60_000 })
    const [first = '', second = ''] = Array.from({ length: 1_001 }, () => issuer.issue('Ada'))
    expect(issuer.admit(first)).toEqual({ refusal: 'token unknown' })
    expect(issuer.admit(second)).toMatchObject({ account: 'Ada' })
  })
})
