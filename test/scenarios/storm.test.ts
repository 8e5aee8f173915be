import { describe, expect, it, vi } from 'vitest'
import { DEFAULT_RULES, Machines } from '../../bench/storm/machines.ts'
import type { Outcome, Restart } from '../../bench/storm/scenario.ts'
import { SimulatedSocket } from '../../bench/storm/socket.ts'
import type { Tally } from '../../bench/storm/tally.ts'
import { type Cast, frozen, restarted } from '../../bench/storm/world.ts'
import { type Options, ping, ResilientWebSocket } from '../../src/index.ts'

// Thousands of clients take seconds where one takes none.
vi.setConfig({ testTimeout: 60_000 })

/** Clients that are the class itself. */
const sockets = (clients: number, seed: number, options: Options = {}): Cast => ({
  clients,
  seed,
  open(fleet) {
    const { clock } = fleet.page
    fleet.begin(
      () =>
        new ResilientWebSocket('wss://feed.example/live', [], {
          clock,
          WebSocket: SimulatedSocket,
          ...options,
        }),
    )
  },
})

/** What comes of a restart, after outages of 0.5 and 10 s. */
function outcomes(clients: number, ...ways: readonly Pick<Restart, 'capacity' | 'overflow'>[]): readonly Outcome[][] {
  const dropped = new Machines(clients, 1).drops(1006)
  return [500, 10_000].map(outageMs => {
    dropped.waits(outageMs)
    return ways.map(way => {
      const restart: Restart = { code: 1006, outageMs, ...way }
      return dropped.comesBack(restart).outcome(restart)
    })
  })
}

const REFUSED = { capacity: 1 / 20, overflow: 'refused' } as const
const QUEUED = { capacity: 1 / 20, overflow: 'queued' } as const

/** Every dial of the first minute, to 10 ms. */
const dialsOf = (tally: Tally): readonly number[] => tally.every(10, 6_000)

describe('many clients of a server that restarts', () => {
  it('dial at most 0.40 N times in any second and 0.05 N times in any 100 ms, and are back soon at N/20 a second', () => {
    for (const [refused, queued] of outcomes(3_000, REFUSED, QUEUED)) {
      for (const outcome of [refused, queued]) {
        expect(outcome?.peakSecond).toBeLessThanOrEqual(0.4)
        expect(outcome?.peakTenth).toBeLessThanOrEqual(0.05)
        // Less than the first window makes would mean that somebody was not counted.
        expect(outcome?.peakSecond).toBeGreaterThan(0.25)
      }
      expect(refused?.most).toBeLessThanOrEqual(1.35)
      expect(refused?.all).toBeLessThanOrEqual(1.6)
      expect(queued?.most).toBeLessThanOrEqual(1.7)
    }
  })

  it('are back at N/100 a second within 1.1 times what that takes at best, 99 % of them, with at most 7 wasted dials each', () => {
    for (const [refused] of outcomes(700, { ...REFUSED, capacity: 1 / 100 })) {
      expect(refused?.most).toBeLessThanOrEqual(1.1)
      expect(refused?.wasted).toBeLessThanOrEqual(7)
      expect(refused?.wasted).toBeGreaterThan(1)
    }
  })

  it('are back as soon after an outage of five minutes: by then nobody has slowed down', () => {
    const dropped = new Machines(400, 1).drops(1006).waits(300_000)
    const of = (way: Pick<Restart, 'capacity' | 'overflow'>): Outcome => {
      const restart: Restart = { code: 1006, outageMs: 300_000, ...way }
      return dropped.comesBack(restart).outcome(restart)
    }
    const twentieth = of(REFUSED)
    expect(twentieth.most).toBeLessThanOrEqual(1.35)
    expect(twentieth.all).toBeLessThanOrEqual(1.6)
    expect(of({ ...REFUSED, capacity: 1 / 100 }).most).toBeLessThanOrEqual(1.1)
  })

  it('would storm it with a fixed delay, or with a connect timeout that does not grow: so this is a test', () => {
    const restart: Restart = { code: 1006, outageMs: 500, capacity: 1 / 20, overflow: 'queued' }
    const of = (rules: Partial<typeof DEFAULT_RULES>): Outcome => {
      const machines = new Machines(500, 1, { ...DEFAULT_RULES, ...rules })
      return machines.drops(1006).waits(restart.outageMs).comesBack(restart).outcome(restart)
    }
    expect(of({ backoff: () => 3_000 }).peakSecond).toBe(1)
    expect(of({ connectTimeoutMs: 2_500 }).most).toBeGreaterThan(1.7)
  })

  it.each([1006, 1013] as const)(
    'dial at the same instants whether they are the class or its machine alone (%i)',
    async code => {
      for (const overflow of ['refused', '1013', 'queued'] as const) {
        const restart: Restart = { code, outageMs: 10_000, capacity: 1 / 100, overflow }
        const machines = new Machines(500, 7).drops(code).waits(restart.outageMs).comesBack(restart)
        const tally = await restarted(sockets(500, 7), restart)
        expect(tally.outcome(restart)).toEqual(machines.outcome(restart))
        expect(dialsOf(tally)).toEqual(dialsOf(machines))
        expect(tally.dials).toBeGreaterThan(500)
      }
    },
  )

  it('answer 1012, the code of a restart, as they answer the drop of a connection', () => {
    const restart: Restart = { code: 1012, outageMs: 10_000, capacity: 1 / 20, overflow: 'refused' }
    const of = (code: 1006 | 1012): Tally => new Machines(500, 3).drops(code).waits(restart.outageMs).comesBack(restart)
    expect(dialsOf(of(1012))).toEqual(dialsOf(of(1006)))
  })
})

describe('many clients with a heartbeat, of a server that freezes under a broadcast', () => {
  const clients = sockets(150, 1, { heartbeat: ping() })

  it('do not notice 5 s, and dial nothing', async () => {
    expect(await frozen(clients, 5_000, 1 / 20)).toMatchObject({ dead: 0, dials: 0 })
  })

  it('all find it dead after 20 s, and still come back without a storm', async () => {
    const { dead, peakFrozen, peakThawed, backMs } = await frozen(clients, 20_000, 1 / 20)
    expect(dead).toBe(1)
    expect(Math.max(peakFrozen, peakThawed)).toBeLessThanOrEqual(0.4)
    expect(backMs).toBeLessThan(60_000)
  })
})
