import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import { decision, everyStep, everyWalk, only } from '../walks.ts'

/** Law 6: no dial with a credential that is known to be bad. */
export function credentials(): void {
  it('dials only with a credential that is held and has not expired', () => {
    everyStep(({ state: { session }, effects, wall }) => {
      const fresh = session.expiresAt === null || session.expiresAt > wall
      return only(effects, 'dial').length === 0 || (session.credential === 'held' && fresh)
    })
  })

  it('knows of no expiry without an auth provider', () => {
    everyStep(({ state: { session } }) => session.credential === 'held' && session.expiresAt === null, {
      credentials: false,
    })
  })

  it('fetches one credential at a time', () => {
    everyWalk(({ steps }) => {
      let pending: number | null = null
      return steps.every(({ event, effects }) => {
        if ('number' in event && event.number === pending) pending = null
        return effects.every(({ type, ...effect }) => {
          if (!('number' in effect)) return true
          if (type === 'retire' && effect.number === pending) pending = null
          if (type !== 'authorize') return true
          const alone = pending === null
          pending = effect.number
          return alone
        })
      })
    })
  })

  it('counts refusals in a row', () => {
    everyStep((step, { rules }) => {
      const { before, state } = step
      if (decision(step) !== 'refresh-auth' || !rules.credentials)
        return state.session.refusals <= before.session.refusals
      return [1, before.session.refusals + 1].includes(state.session.refusals) && state.session.credential === 'refused'
    })
  })

  it('goes 1, 2, closed on refusals: at once, after a backoff, never', () => {
    everyStep(
      step => {
        const { before, state, now, effects } = step
        const { refusals } = state.session
        if (decision(step) === undefined || state.serving || refusals === before.session.refusals) return true
        const [told] = only(effects, 'disconnected')
        if (refusals >= 3) return isDeepStrictEqual(told?.disconnect.next, { type: 'stop', by: 'unauthorized' })
        const { wait } = state
        if (!wait || wait.until === null || !state.page.online || wait.by === 'dial-guard') return wait !== null
        if (refusals === 1) return wait.by === 'policy' && wait.until === now
        return wait.by !== 'policy' && wait.until >= now
      },
      { decide: () => 'refresh-auth', credentials: true, maxAttempts: Infinity, stableMs: 10_000 },
    )
  })

  it('is closed, unauthorized, by the first refusal without an auth provider', () => {
    everyStep(step => decision(step) === undefined || step.state.intent === 'closed' || step.state.serving !== null, {
      decide: () => 'refresh-auth',
      credentials: false,
    })
  })
}
