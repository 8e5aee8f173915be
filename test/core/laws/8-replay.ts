import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import type { Beat, Rules } from '../../../src/core/rules.ts'
import type { MachineState } from '../../../src/core/state.ts'
import { isBeat, replay } from '../../../src/core/trace.ts'
import { transition } from '../../../src/core/transition.ts'
import { randomWalk } from '../../../src/testing/random-walk.ts'
import { everyChoices, everyStep, everyWalk } from '../walks.ts'

/** Law 8: same inputs, same outputs. */
export function sameAgain(): void {
  const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

  function freeze(value: unknown): void {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
    Object.freeze(value)
    Object.values(value).forEach(freeze)
  }

  it('goes the same way twice', () => {
    everyChoices(choices => isDeepStrictEqual(randomWalk(choices).steps, randomWalk(choices).steps))
  })

  it('changes nothing that it is given', () => {
    everyStep(({ before, event, now, wall, roll, answers, state, effects }, { rules }) => {
      const at = { now, wall, roll }
      for (const value of [before, event, at]) freeze(value)
      const stored = [...answers]
      const decide: Rules['decide'] = () => {
        const answer = stored.shift()
        return typeof answer === 'number' || isBeat(answer) ? undefined : (answer ?? undefined)
      }
      const backoff = (): number => Number(stored.shift())
      const judge = (): Beat => {
        const answer = stored.shift()
        return isBeat(answer) ? answer : { type: 'wait', ms: null }
      }
      const life = rules.life && { ...rules.life, judge }
      const again = transition({ ...rules, decide, backoff, life }, before, event, at)
      return isDeepStrictEqual(again, [state, effects])
    })
  })

  it('keeps nothing in a state that JSON does not keep', () => {
    everyStep(({ state }) => isDeepStrictEqual(asJson(state), state))
  })

  it('replays a saved trace to the same states', () => {
    everyWalk(({ rules, initial, steps }) => {
      const saved = asJson(steps.map(({ event, now, wall, roll, answers }) => ({ event, now, wall, roll, answers })))
      const states: readonly MachineState[] = replay(rules, asJson(initial), saved)
      return isDeepStrictEqual(
        states,
        steps.map(({ state }) => state),
      )
    })
  })
}
