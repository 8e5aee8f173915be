import { it } from 'vitest'
import { deadline } from '../../../src/core/deadline.ts'
import { transition } from '../../../src/core/transition.ts'
import { everyStep } from '../walks.ts'

/** Law 3: a deadline is a field of the slot that needs it. */
export function deadlines(): void {
  it('changes nothing on a tick before the deadline', () => {
    everyStep(({ state, now, wall }, { rules }) => {
      const due = deadline(state)
      if (due <= now) return true
      const early = due === Infinity ? now + 1e9 : now + (due - now) * 0.999
      if (early >= due) return true
      const [after, effects] = transition(rules, state, { type: 'tick' }, { now: early, wall, roll: 0.5 })
      return after === state && effects.length === 0
    })
  })

  it('is due at the soonest of the instants in its slots', () => {
    everyStep(({ state }) => {
      const { intent, serving, dial, wait, down, renewal } = state
      if (intent === 'closing' && !serving && !dial) return deadline(state) === 0
      const { stableAt, renewAt, agedAt, rotation, heart } = serving ?? {}
      const ofServing = [stableAt, renewAt, agedAt, rotation?.checkAt, heart?.lookAt]
      const instants = [...ofServing, dial?.deadlineAt, wait?.until, down?.limitedAt, renewal?.deadlineAt]
      const [soonest = Infinity] = instants.flatMap(instant => instant ?? []).sort((a, b) => a - b)
      return deadline(state) === soonest
    })
  })
}
