// The soak in short: the same parts as `npm run soak`, for seconds.
import { describe, expect, it } from 'vitest'
import { deploy } from '../soak/deploy.ts'
import { GLOBAL, KINDS, LOCAL } from '../soak/plan.ts'
import { violationLines } from '../soak/report.ts'
import { beyondRetention } from '../soak/retention.ts'
import { rotation } from '../soak/rotation.ts'
import { soak } from '../soak/soak.ts'

const seed = 1
const patience = 120_000

describe.concurrent('two nodes, one Redis, nginx without stickiness', () => {
  it('lose nothing, double nothing and keep the order under every kind of fault', { timeout: patience }, async () => {
    const { plan, ledger } = await soak({ clients: 24, faults: 330, seconds: 15, seed, kinds: KINDS })
    expect(violationLines(ledger.violations)).toEqual([])
    // As many as the machine makes in that time: on a slow one a kind or two may never find messages both ways.
    expect(plan.hits).toBeGreaterThan(60)
    expect(GLOBAL.filter(kind => plan.count(kind).hits === 0)).toEqual([])
    expect(LOCAL.filter(kind => plan.count(kind).hits > 0).length).toBeGreaterThan(5)
    expect(ledger.received).toBeGreaterThan(1_000)
  })

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

  it('are replaced one after the other under their clients, who lose nothing and spread their dials', {
    timeout: patience,
  }, async () => {
    const clients = 100
    const { ledger, back, most, bound, dials, lateMs } = await deploy({
      clients,
      spreadMs: 2_000,
      seed,
      sayEveryMs: 1_000,
    })
    expect(violationLines(ledger.violations)).toEqual([])
    expect(back).toBe(clients)
    expect(dials).toBeGreaterThanOrEqual(clients)
    // One program plays all of them: when it is late, those whose time has come dial together.
    expect(most).toBeLessThanOrEqual(bound * (1 + lateMs / 100))
  })
})
