import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import { deadline } from '../../../src/core/deadline.ts'
import { transition } from '../../../src/core/transition.ts'
import { everyStep, isPaused } from '../walks.ts'

/** Law 9: a tick that is due changes the state. */
export function progress(): void {
  it('makes progress whenever the deadline has come', () => {
    everyStep(({ state, now, wall }, { rules }) => {
      const due = Math.max(now, deadline(state))
      if (due === Infinity) return true
      const [after] = transition(rules, state, { type: 'tick' }, { now: due, wall, roll: 0.5 })
      return !isDeepStrictEqual(after, state)
    })
  })

  it('has nothing left to do after a few ticks at the same instant', () => {
    everyStep(({ state, now, wall }, { rules }) => {
      const late = now + 120_000
      let current = state
      let ticks = 0
      for (; deadline(current) <= late && ticks < 8; ticks++) {
        current = transition(rules, current, { type: 'tick' }, { now: late, wall, roll: 0.5 })[0]
      }
      return ticks < 8
    })
  })

  it('always comes back to life by itself, unless it is closed or paused', () => {
    everyStep(({ state, now }) => {
      const { intent, serving, dial } = state
      if (intent !== 'run' || serving || (dial && dial.deadlineAt === null)) return true
      return deadline({ ...state, down: null }) < Infinity || isPaused(state, now)
    })
  })
}
