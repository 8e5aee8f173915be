import { it } from 'vitest'
import type { Rules } from '../../../src/core/rules.ts'
import type { WalkStep } from '../../../src/testing/random-walk.ts'
import { decision, everyStep, everyWalk, mayForget, only } from '../walks.ts'

const EAGER: Partial<Rules> = {
  backoff: () => 0,
  decide: () => 'retry',
  stableMs: 0,
  authorizes: false,
  credentials: false,
}

/** Law 4: attempts are forgotten by a stable connection, and the dial guard holds. */
export function attemptsAndGuard(): void {
  it('forgets attempts, refusals and delays only then', () => {
    everyStep((step, { rules }) => {
      const { before, state } = step
      const fewer = state.retry.attempt < before.retry.attempt || state.session.refusals < before.session.refusals
      return !fewer || mayForget(step, rules)
    })
  })

  it('counts every failure that a policy was asked about, and nothing else', () => {
    everyStep((step, { rules }) => {
      const { before, state } = step
      const counted = decision(step) === undefined ? 0 : 1
      const kept = before.retry.attempt + counted
      return state.retry.attempt === kept || (mayForget(step, rules) && state.retry.attempt === counted)
    })
  })

  it('has forgotten everything once a connection was up for the stable window', () => {
    everyStep(({ before, event, state, now }) => {
      const due = before.intent === 'run' && before.serving?.stableAt
      if (event.type !== 'tick' || typeof due !== 'number' || due > now) return true
      return state.retry.attempt === 0 && state.retry.previousMs === 0 && state.session.refusals === 0
    })
  })

  const dialsAtMostSixTimes = ({ steps }: { readonly steps: readonly WalkStep[] }): boolean => {
    const dials = steps.flatMap(({ effects, now }) => only(effects, 'dial').map(() => now))
    return dials.every((now, index) => index < 6 || now - (dials[index - 6] ?? 0) >= 10_250)
  }

  it('dials at most six times in ten seconds, whatever happens', () => {
    everyWalk(dialsAtMostSixTimes)
  })

  it('dials at most six times in ten seconds, even when a policy never wants to wait', () => {
    everyWalk(dialsAtMostSixTimes, EAGER)
  })
}
