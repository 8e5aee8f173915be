import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import type { BackoffQuestion } from '../../../src/core/rules.ts'
import { randomWalk } from '../../../src/testing/random-walk.ts'
import { decision, everyChoices, everyStep, mayForget, only } from '../walks.ts'

/** Law 7: policies are asked in one place each. */
export function policies(): void {
  it('asks each policy once at most: first what to do, then how long to wait', () => {
    everyStep(({ answers }) => {
      const delays = answers.filter(answer => typeof answer === 'number')
      return answers.length <= 2 && delays.length <= 1 && (delays.length === 0 || answers.at(-1) === delays[0])
    })
  })

  it('asks nothing of a socket that is closed or closing', () => {
    everyStep(({ before, answers }) => answers.length === 0 || before.intent === 'run')
  })

  it('shows the close policy what it then tells the app', () => {
    everyChoices(choices => {
      const shown: unknown[] = []
      const { steps } = randomWalk(choices, { decide: ending => void shown.push(ending) })
      return steps
        .filter(step => decision(step) !== undefined)
        .every(({ effects }) => {
          const [told] = only(effects, 'disconnected')
          if (!told) return false
          const { next, ...ending } = told.disconnect
          return isDeepStrictEqual(ending, shown.shift())
        })
    })
  })

  it('asks the backoff a true question', () => {
    everyChoices(choices => {
      const questions: BackoffQuestion[] = []
      const backoff = (question: BackoffQuestion): number => questions.push(question) * 10
      const { steps, rules } = randomWalk(choices, { backoff })
      return steps
        .filter(({ answers }) => typeof answers.at(-1) === 'number')
        .every(step => {
          const { state, before, now, roll, answers } = step
          const { attempt, previousMs, downMs, slow, roll: chance } = questions.shift() ?? { attempt: NaN }
          const downSince = state.down?.since ?? now
          return (
            attempt === state.retry.attempt &&
            (previousMs === before.retry.previousMs || (previousMs === 0 && mayForget(step, rules))) &&
            state.retry.previousMs === answers.at(-1) &&
            downMs === now - downSince &&
            slow === (decision(step) === 'retry-slowly') &&
            chance === roll
          )
        })
    })
  })
}
