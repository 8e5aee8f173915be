import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import type { BackoffQuestion } from '../../../src/core/rules.ts'
import { isBeat } from '../../../src/core/trace.ts'
import { randomWalk } from '../../../src/testing/random-walk.ts'
import { beat, decision, everyChoices, everyStep, mayForget, only } from '../walks.ts'

/** Law 7: policies are asked in one place each. */
export function policies(): void {
  it('asks each policy once at most: first whether it lives, then what to do, then how long to wait', () => {
    everyStep(step => {
      const lives = beat(step)
      const answers = step.answers.slice(lives ? 1 : 0)
      if (lives && (step.answers[0] !== lives || answers.some(isBeat))) return false
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

  it('counts how long it has been failing from the first failure, and forgets that with the attempts', () => {
    everyChoices(choices =>
      randomWalk(choices).steps.every(({ before, state, now }) => {
        const [was, is] = [before.retry, state.retry]
        if (is.attempt === 0) return is.failingSince === null
        // A stable connection that is lost forgets and fails in one step.
        return is.failingSince === was.failingSince || (is.failingSince === now && is.attempt === 1)
      }),
    )
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
          const { attempt, previousMs, failingMs, slow, roll: chance } = questions.shift() ?? { attempt: NaN }
          const { failingSince } = state.retry
          return (
            attempt === state.retry.attempt &&
            (previousMs === before.retry.previousMs || (previousMs === 0 && mayForget(step, rules))) &&
            state.retry.previousMs === answers.at(-1) &&
            failingMs === (failingSince === null ? 0 : now - failingSince) &&
            slow === (decision(step) === 'retry-slowly') &&
            chance === roll
          )
        })
    })
  })
}
