import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ABNORMAL, askedDelayMs } from '../../src/core/close-codes.ts'

describe('the code of an end without a close frame', () => {
  it('is 1006 [RFC 6455 §7.4.1]', () => {
    expect(ABNORMAL).toBe(1006)
  })
})

describe('the delay that a server asks for', () => {
  it.each([1012, 1013, 4300, 4399])('is read from the reason of %i, in seconds', code => {
    expect(askedDelayMs(code, 'after=20')).toBe(20_000)
  })

  it.each([1000, 1006, 1011, 1014, 4299, 4400])('means nothing with %i', code => {
    expect(askedDelayMs(code, 'after=20')).toBeNull()
  })

  it.each([
    ['draining, after=7, see you', 7_000],
    ['after=0', 0],
    ['after=1.5', 1_000],
    ['', null],
    ['after=', null],
    ['after=-5', null],
    ['after=soon', null],
    ['hereafter=5', null],
    ['AFTER=5', null],
  ])('in %o is %o ms', (reason, delayMs) => {
    expect(askedDelayMs(1013, reason)).toBe(delayMs)
  })

  it('is null or at least nought, whatever a hostile server writes', () => {
    const reason = fc.oneof(
      fc.string(),
      fc.string().map(text => `after=${text}`),
      fc.nat().map(n => `after=${n}`),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 4999 }), reason, (code, text) => {
        const delayMs = askedDelayMs(code, text)
        return delayMs === null || delayMs >= 0
      }),
    )
  })
})
