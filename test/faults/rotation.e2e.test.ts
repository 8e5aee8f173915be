// Parts of `npm run soak`, for seconds.
import { describe, expect, it } from 'vitest'
import { violationLines } from '../soak/report.ts'
import { beyondRetention } from '../soak/retention.ts'
import { rotation } from '../soak/rotation.ts'

const seed = 1
const patience = 120_000

describe.concurrent('two nodes, one Redis, nginx without stickiness', () => {
  it('tell of one gap beyond retention, before later events', { timeout: patience }, async () => {
    const { told, expected, kept, expectedKept } = await beyondRetention()
    expect(told).toEqual(expected)
    expect(kept).toEqual(expectedKept)
  })

  it('take fresh credentials every second, and stay open', { timeout: patience }, async () => {
    const { ledger, taken, handovers } = await rotation({
      how: 'in-band',
      everyMs: 1_000,
      seconds: 6,
      perSecond: 200,
      seed,
    })
    expect(violationLines(ledger.violations)).toEqual([])
    expect(taken).toBeGreaterThan(2)
    expect(handovers).toBe(0)
  })

  it('are given fresh credentials by second connections, and stay open', { timeout: patience }, async () => {
    const { ledger, taken, handovers } = await rotation({
      how: 'second connection',
      everyMs: 2_000,
      // Five of them pass before nobody waits for an answer to the first `auth`.
      seconds: 10,
      perSecond: 200,
      seed,
    })
    expect(violationLines(ledger.violations)).toEqual([])
    expect(taken).toBe(0)
    expect(handovers).toBeGreaterThan(0)
  })
})
