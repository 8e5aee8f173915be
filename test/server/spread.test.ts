import { describe, expect, it } from 'vitest'
import type { ServerFrame } from '../../src/session/frames.ts'
import { Rotation } from '../../src/session/rotation.ts'
import { Timers } from '../../src/session/timers.ts'
import { mulberry32 } from '../../src/testing/seeded.ts'
import { endpoint } from './wired.ts'

type Goaway = ServerFrame & { readonly t: 'goaway' }

const seeds = Array.from({ length: 100 }, (_, index) => index + 1)

function isGoaway(frame: object): frame is Goaway {
  return 't' in frame && frame.t === 'goaway'
}

/** What a server that is drained tells so many clients. */
async function goaways(count: number, withinMs: number): Promise<readonly Goaway[]> {
  const { greeted, drain, context } = endpoint()
  const all = await Promise.all(Array.from({ length: count }, (_, index) => greeted({ client: `c${index}` })))
  drain.begin({ withinMs }, context.roster)
  const frames: object[] = all.flatMap(({ of }) => of('goaway'))
  return frames.filter(isGoaway)
}

/** When clients that are told that dial, sorted; the network takes up to `latencyMs`. */
function dials(frames: readonly Goaway[], seed: number, latencyMs = 0): readonly number[] {
  const roll = mulberry32(seed)
  const moments = frames.map(frame => {
    let now = roll() * latencyMs
    let dialled = -1
    const timers = new Timers(
      () => now,
      () => {},
    )
    const rotation = new Rotation(
      {
        clock: { roll },
        credentials: false,
        get epochMs() {
          return now
        },
        dispatch() {
          dialled = now
        },
      },
      timers,
    )
    rotation.goaway(frame)
    now = timers.at
    timers.due()
    return dialled
  })
  return moments.sort((a, b) => a - b)
}

/** The most that lie within any 100 ms. */
function mostWithin(moments: readonly number[]): number {
  let from = 0
  return moments.reduce((most, at, index) => {
    while (at - (moments[from] ?? at) >= 100) from++
    return Math.max(most, index - from + 1)
  }, 0)
}

const bound = (count: number, spreadMs: number): number => (2 * count * 100) / spreadMs

describe('the dials of a fleet whose server is drained', () => {
  it.each([
    [1_000, 30_000],
    [1_000, 10_000],
    [600, 30_000],
    [2_000, 60_000],
    [1_000, 3_000],
  ])('are at most twice the mean in any 100 ms: %i clients within %i ms', async (count, withinMs) => {
    const frames = await goaways(count, withinMs)
    const spreadMs = withinMs * 0.8
    for (const seed of seeds) {
      const moments = dials(frames, seed)
      expect(moments).toHaveLength(count)
      expect(moments[0]).toBeGreaterThanOrEqual(1_000)
      expect(moments.at(-1)).toBeLessThanOrEqual(spreadMs)
      expect(mostWithin(moments)).toBeLessThanOrEqual(bound(count, spreadMs))
    }
  })

  it('are so too where the network takes up to 50 ms', async () => {
    const frames = await goaways(1_000, 30_000)
    for (const seed of seeds) expect(mostWithin(dials(frames, seed, 50))).toBeLessThanOrEqual(bound(1_000, 24_000))
  })

  it('would not be, did all of them draw from the whole time', () => {
    const frames = Array.from({ length: 1_000 }, (): Goaway => ({ t: 'goaway', afterMs: 0, spreadMs: 24_000 }))
    const over = seeds.filter(seed => mostWithin(dials(frames, seed)) > bound(1_000, 24_000))
    expect(over.length).toBeGreaterThan(90)
  })

  it('are spread over a second, whatever little time a server gives all of them', () => {
    const frames = Array.from({ length: 1_000 }, (): Goaway => ({ t: 'goaway', afterMs: 200, spreadMs: 0 }))
    for (const seed of seeds) {
      const moments = dials(frames, seed)
      expect(moments[0]).toBeGreaterThanOrEqual(200)
      expect(moments.at(-1)).toBeGreaterThan(950)
      expect(moments.at(-1)).toBeLessThanOrEqual(1_000)
    }
  })

  it('end within what a client believes, however long the server takes', async () => {
    const frames = await goaways(100, 3_600_000)
    expect(frames.every(({ afterMs, spreadMs }) => afterMs + spreadMs <= 600_000)).toBe(true)
    expect(mostWithin(dials(frames, 1))).toBeLessThanOrEqual(2)
  })
})
