import { describe, expect, it } from 'vitest'
import { parseBreakage } from '../../../examples/dashboard/server/breakage.ts'

describe('a request to break the line', () => {
  it.each([
    [{ type: 'reset' }],
    [{ type: 'fin' }],
    [{ type: 'heal' }],
    [{ type: 'close', code: 4401, reason: 'token expired' }],
    [{ type: 'refuse-upgrade', status: 401, seconds: 2 }],
    [{ type: 'black-hole', direction: 'up', seconds: 0.1 }],
    [{ type: 'black-hole', direction: 'down', seconds: 5 }],
    [{ type: 'refuse-tcp', seconds: 60 }],
    [{ type: 'cut-after', seconds: 5 }],
    [{ type: 'silence', seconds: 5 }],
    [{ type: 'stall', seconds: 5 }],
    [{ type: 'latency', seconds: 5 }],
    [{ type: 'slow-line', seconds: 5 }],
    [{ type: 'packet-loss', seconds: 5 }],
    [{ type: 'restart', seconds: 5 }],
    [{ type: 'accept-then-close', seconds: 5 }],
  ])('is taken as it is: %j', body => {
    expect(parseBreakage(body)).toEqual(body)
  })

  it('may leave out the reason of a close', () => {
    expect(parseBreakage({ type: 'close', code: 1000 })).toEqual({ type: 'close', code: 1000, reason: '' })
  })

  it('may leave out the direction of a black hole', () => {
    expect(parseBreakage({ type: 'black-hole', seconds: 5 })).toEqual({
      type: 'black-hole',
      direction: 'both',
      seconds: 5,
    })
  })

  it('is stripped of what nobody asked for', () => {
    expect(parseBreakage({ type: 'reset', seconds: 3, also: 'this' })).toEqual({ type: 'reset' })
  })

  it.each([
    [undefined, /JSON object/],
    [null, /JSON object/],
    [['reset'], /JSON object/],
    [{}, /`type` to be one of reset, fin.*got nothing/],
    [{ type: 'explode' }, /got "explode"/],
    [{ type: 'x'.repeat(60) }, /got "x{39}…\.$/],
    [{ type: 'close', code: 1006 }, /`code`.*got 1006/],
    [{ type: 'close', code: 1005 }, /`code`/],
    [{ type: 'close', code: 1015 }, /`code`/],
    [{ type: 'close', code: 2999 }, /`code`/],
    [{ type: 'close', code: 5000 }, /`code`/],
    [{ type: 'close', code: 1000.5 }, /`code`/],
    [{ type: 'close', code: '1000' }, /`code`.*got "1000"/],
    [{ type: 'close', code: 1000, reason: '€'.repeat(42) }, /`reason`.*123 bytes/],
    [{ type: 'close', code: 1000, reason: 7 }, /`reason`/],
    [{ type: 'refuse-upgrade', status: 200, seconds: 5 }, /`status` to be 503 or 401, got 200/],
    [{ type: 'black-hole', direction: 'sideways', seconds: 5 }, /`direction` to be up, down or both, got "sideways"/],
    [{ type: 'black-hole' }, /`seconds` to be a number from 0\.1 to 60, got nothing/],
    [{ type: 'black-hole', seconds: 0 }, /`seconds`/],
    [{ type: 'restart', seconds: 61 }, /`seconds`/],
    [{ type: 'restart', seconds: Number.NaN }, /`seconds`/],
    [{ type: 'refuse-tcp', seconds: '5' }, /`seconds`/],
    [{ type: 'stall' }, /`seconds`/],
  ])('is refused with a sentence: %j', (body, sentence) => {
    expect(parseBreakage(body)).toEqual({ error: expect.stringMatching(sentence) })
  })
})
