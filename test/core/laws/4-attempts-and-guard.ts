import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import type { Rules } from '../../../src/core/rules.ts'
import type { WalkStep } from '../../../src/testing/random-walk.ts'
import { everyStep, everyWalk, mayForget, only, verdict } from '../walks.ts'

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

  it('counts every failure that something was decided about, and nothing else', () => {
    everyStep((step, { rules }) => {
      const { before, state } = step
      const counted = verdict(step) === undefined ? 0 : 1
      const kept = before.retry.attempt + counted
      return state.retry.attempt === kept || (mayForget(step, rules) && state.retry.attempt === counted)
    })
  })

  it('has forgotten them once a connection was up for the stable window, even if the tick was late', () => {
    everyStep((step, { rules }) => {
      const { before, event, state, now } = step
      const { intent, serving, dial } = before
      if (intent !== 'run' || !serving || now - serving.openedAt < rules.stableMs) return true
      if (event.type === 'tick' && serving.stableAt !== null) {
        return state.retry.attempt === 0 && state.retry.previousMs === 0 && state.session.refusals === 0
      }
      const lost = event.type === 'ended' && event.number === serving.number && !dial
      return !lost || (state.retry.attempt === 1 && state.session.refusals <= 1)
    })
  })

  it('has forgotten them when the app begins a new life', () => {
    everyStep(({ before, state: { intent, retry, session } }) => {
      if (before.intent !== 'closed' || intent !== 'run') return true
      return retry.attempt === 0 && retry.previousMs === 0 && session.refusals === 0
    })
  })

  it('takes notice of the end of the stable window, as long as a connection serves', () => {
    everyStep(({ state: { intent, serving }, now }, { rules }) => {
      if (intent !== 'run' || !serving) return true
      const { openedAt, stableAt } = serving
      if (rules.stableMs === Infinity) return stableAt === null
      return stableAt === null ? now - openedAt >= rules.stableMs : stableAt === openedAt + rules.stableMs
    })
  })

  it('remembers how the last ten connections failed, and shows a policy those before', () => {
    everyStep(step => {
      const { before, state, effects, wall } = step
      const [was, is] = [before.retry.history, state.retry.history]
      const [told] = only(effects, 'disconnected')
      if (told && !isDeepStrictEqual(told.disconnect.history, was)) return false
      if (verdict(step) === undefined || !told) return is === was
      const { origin, code, openMs } = told.disconnect
      return isDeepStrictEqual(is, [...was, { origin, code, openMs, endedAt: wall }].slice(-10))
    })
  })

  const dialsAtMostSixTimes = ({ steps }: { readonly steps: readonly WalkStep[] }): boolean => {
    const dials = steps.flatMap(({ effects, now }) => only(effects, 'dial').map(() => now))
    return dials.every((now, index) => index < 6 || now - (dials[index - 6] ?? 0) >= 10_000)
  }

  it('dials at most six times in ten seconds, whatever happens', () => {
    everyWalk(dialsAtMostSixTimes)
  })

  it('dials at most six times in ten seconds, even when a policy never wants to wait', () => {
    everyWalk(dialsAtMostSixTimes, EAGER)
  })
}
