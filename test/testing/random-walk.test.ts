import { describe, expect, it } from 'vitest'
import { stateOf } from '../../src/core/state.ts'
import { randomWalk, seededChoices, type WalkStep } from '../../src/testing/random-walk.ts'

function stepsOf(walks: number): readonly WalkStep[] {
  return Array.from({ length: walks }, (_, seed) => randomWalk(seededChoices(seed, 300)).steps).flat()
}

/** How often each name occurs. */
function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

describe('seeded choices', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(seededChoices(7, 50)).toEqual(seededChoices(7, 50))
    expect(seededChoices(7, 50)).not.toEqual(seededChoices(8, 50))
  })

  it('lie in [0, 1) and are spread evenly', () => {
    const choices = seededChoices(1, 10_000)
    expect(choices.every(choice => choice >= 0 && choice < 1)).toBe(true)
    const tenths = Object.values(tally(choices.map(choice => `${Math.floor(choice * 10)}`)))
    expect(tenths).toHaveLength(10)
    expect(Math.min(...tenths)).toBeGreaterThan(850)
  })
})

describe('a random walk', () => {
  it('goes the same way again with the same choices', () => {
    expect(randomWalk(seededChoices(3, 200)).steps).toEqual(randomWalk(seededChoices(3, 200)).steps)
  })

  it('takes a step per choice, after the one for the rules', () => {
    expect(randomWalk([]).steps).toEqual([])
    expect(randomWalk([0.3]).steps).toEqual([])
    expect(randomWalk(seededChoices(3, 21)).steps).toHaveLength(20)
  })

  it('begins with a socket that starts and is well when all choices are nought', () => {
    const { steps, rules } = randomWalk(Array(6).fill(0))
    expect(steps.map(({ event }) => event.type)).toEqual(['start', 'connected', 'ready', 'tick', 'tick'])
    expect(rules).toMatchObject({ transports: ['websocket'], authorizes: false, credentials: false })
  })

  it('never goes back in time, and every step begins where the last one ended', () => {
    const { steps, initial } = randomWalk(seededChoices(11, 500))
    let [state, now] = [initial, 0]
    for (const step of steps) {
      expect(step.before).toBe(state)
      expect(step.now).toBeGreaterThanOrEqual(now)
      ;({ state, now } = step)
    }
  })

  it('keeps to rules that are fixed', () => {
    const fixed = {
      life: null,
      transports: ['a', 'b'],
      maxAttempts: 7,
      decide: () => 'retry' as const,
      backoff: () => 123,
    }
    const { rules, steps } = randomWalk(seededChoices(5, 300), fixed)
    expect(rules).toMatchObject(fixed)
    expect(new Set(steps.flatMap(({ answers }) => answers))).toEqual(new Set(['retry', 123]))
  })

  it('reaches every event, every effect, every state and every reason to wait', () => {
    const steps = stepsOf(200)
    const changed = steps.filter(({ before, state }) => state !== before)
    const events = tally(changed.map(({ event }) => event.type))
    const effects = tally(steps.flatMap(step => step.effects.map(({ type }) => type)))
    const states = tally(steps.map(({ state }) => stateOf(state)))
    const reasons = tally(steps.flatMap(({ state }) => state.wait?.by ?? []))
    const origins = tally(steps.flatMap(({ state }) => state.cause?.origin ?? []))
    const purposes = tally(steps.flatMap(({ state }) => state.dial?.purpose ?? []))
    for (const [reached, expected] of [
      [events, 18],
      [effects, 14],
      [states, 6],
      [reasons, 10],
      [origins, 9],
      [purposes, 4],
    ] as const) {
      expect(Object.keys(reached)).toHaveLength(expected)
      // Two cuts after the same silence, and a life sign after a sleep, take more luck than most.
      const { learnt = 3, trust = 3, ...common } = reached
      expect(Math.min(...Object.values(common))).toBeGreaterThan(20)
      expect(Math.min(learnt, trust)).toBeGreaterThan(2)
    }
  })

  it('sends late reports, which change nothing', () => {
    const stale = stepsOf(50).filter(({ before, event }) => {
      return 'number' in event && ![before.serving?.number, before.dial?.number].includes(event.number)
    })
    expect(stale.length).toBeGreaterThan(500)
    expect(stale.every(({ before, state }) => before === state)).toBe(true)
  })
})
