import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import type { Signal } from '../../../src/core/event.ts'
import type { Rules } from '../../../src/core/rules.ts'
import type { WalkStep } from '../../../src/testing/random-walk.ts'
import { everyStep, everyWalk, lost, only, verdict } from '../walks.ts'

const WITH_PROVIDER: Partial<Rules> = { credentials: true }
/** A credential arrived in this step. */
function heard({ before, event, state }: WalkStep): boolean {
  if (before === state) return false
  return event.type === 'renewed' || (event.type === 'authorized' && event.expiresAt !== undefined)
}

const EVIDENCE: readonly Signal[] = ['online', 'woke', 'resumed', 'network-changed', 'visible']

/** Law 6: no dial with a credential that is known to be bad. */
export function credentials(): void {
  it('dials only with a credential that is held, has not expired, and is not being renewed', () => {
    everyStep(({ state: { session, renewal }, effects, wall }) => {
      const fresh = session.expiresAt === null || session.expiresAt > wall
      return only(effects, 'dial').length === 0 || (session.credential === 'held' && fresh && !renewal)
    })
  })

  it('knows of nothing but a credential that is held for ever without an auth provider', () => {
    everyStep(
      ({ state: { session, renewal } }) => session.credential === 'held' && session.expiresAt === null && !renewal,
      { credentials: false },
    )
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

  it('fetches none beside a dial that is being fetched for: the dial waits for it, or begins anew', () => {
    everyStep(({ state: { renewal, dial } }) => !renewal || dial?.phase !== 'authorizing', WITH_PROVIDER)
  })

  it('begins a renewal while another one is under way only when the app wants a fresh one', () => {
    everyStep(({ before, state, effects, now }) => {
      const [renewing, second] = only(effects, 'renew')
      if (!renewing) return true
      return !second && (renewing.fresh || !before.renewal) && state.renewal?.deadlineAt === now + 10_000
    }, WITH_PROVIDER)
  })

  it('ends a renewal by its answer, by giving it up, by a dial that waits for it, or with the life', () => {
    everyStep(({ before, event, state, effects }) => {
      if (!before.renewal || state.renewal) return true
      const told = effects.some(({ type }) => ['abandon', 'authorize', 'discard'].includes(type))
      return told || event.type === 'renewed' || event.type === 'not-renewed'
    }, WITH_PROVIDER)
  })

  it('plans the renewal of a credential at 80 % of its life, counted from when it arrived', () => {
    everyStep(step => {
      const { before, state, wall } = step
      const { expiresAt, renewAt } = state.session
      const failed = before.renewal !== null && state.renewal === null && renewAt === wall + 10_000
      if (!heard(step)) return renewAt === before.session.renewAt || failed
      return renewAt === (expiresAt === null ? null : wall + Math.max((expiresAt - wall) * 0.8, 10_000))
    }, WITH_PROVIDER)
  })

  it('renews what serves then, however late it was made, and never sooner than in ten seconds', () => {
    everyStep(step => {
      const { before, state, now, wall } = step
      const { serving, renewal, session } = state
      const opened = serving?.number !== before.serving?.number
      if (state.intent !== 'run' || !serving || !(heard(step) || opened)) return true
      const { renewAt } = session
      return serving.renewAt === (renewal || renewAt === null ? null : now + Math.max(renewAt - wall, 10_000))
    }, WITH_PROVIDER)
  })

  it('plans every renewal at least ten seconds ahead, unless local evidence brings it forward', () => {
    everyStep(({ before, event, state, now, wall }) => {
      const [was, is] = [before.serving?.renewAt ?? null, state.serving?.renewAt ?? null]
      if (is === null || is === was) return true
      if (event.type !== 'signal') return is >= now + 10_000
      const { expiresAt, renewAt } = state.session
      const [left, inMs] = [Math.max(0, (expiresAt ?? Infinity) - wall), (renewAt ?? 0) - wall]
      const sooner = is === now + (inMs > 0 ? inMs : left * 0.8)
      return EVIDENCE.includes(event.signal) && was !== null && is < was && sooner
    }, WITH_PROVIDER)
  })

  it('never forgets to renew what serves, as long as it knows when the credential expires', () => {
    everyStep(({ state: { intent, serving, dial, renewal, session } }) => {
      if (intent !== 'run' || !serving || dial || renewal || session.expiresAt === null) return true
      return serving.renewAt !== null
    }, WITH_PROVIDER)
  })

  it('remembers which credential a connection was dialled with', () => {
    everyStep(({ before, state, effects }) => {
      const begun = state.connections > before.connections || only(effects, 'dial').length > 0
      if (begun && state.dial?.credential !== state.session.issued) return false
      return only(effects, 'serve').length === 0 || state.serving?.credential === before.dial?.credential
    }, WITH_PROVIDER)
  })

  it('tells credentials apart: each counts that is not the one that there was', () => {
    everyStep(step => {
      const { before, event, state } = step
      const another = heard(step) && !('same' in event)
      return state.session.issued === before.session.issued + (another ? 1 : 0)
    }, WITH_PROVIDER)
  })

  it('knows that what has expired has', () => {
    everyStep(step => {
      const { before, state, wall } = step
      const { credential, expiresAt } = state.session
      return credential !== 'held' || expiresAt === null || expiresAt > wall || before === state || heard(step)
    }, WITH_PROVIDER)
  })

  it('begins a renewal by saying so, or goes on with what was being fetched for a dial', () => {
    everyStep(({ before, state, effects }) => {
      if (before.renewal || !state.renewal) return true
      return only(effects, 'renew').length > 0 || before.dial?.phase === 'authorizing'
    }, WITH_PROVIDER)
  })

  it('counts refusals in a row', () => {
    everyStep((step, { rules }) => {
      const { before, state } = step
      const { refusals } = before.session
      if (verdict(step) !== 'refresh-auth' || !rules.credentials) return state.session.refusals <= refusals
      return [1, refusals + 1].includes(state.session.refusals)
    })
  })

  it('holds a refusal against the credential that was refused, and not against one that has arrived since', () => {
    everyStep(step => {
      const { before, state } = step
      const { issued, credential } = state.session
      const refused = verdict(step) === 'refresh-auth' && lost(step)?.credential === issued
      return refused ? credential === 'refused' : credential !== 'refused' || before.session.credential === 'refused'
    }, WITH_PROVIDER)
  })

  it('keeps a credential refused or expired until a fresh one arrives, or is asked for', () => {
    everyStep(step => {
      const { before, event, state } = step
      const { credential } = before.session
      if (credential !== 'refused' && credential !== 'expired') return true
      if (heard(step)) return true
      const asked = ['renew', 'signed-out', 'reconnect', 'retry-now'].includes(event.type)
      return [credential, 'refused', asked && 'missing'].includes(state.session.credential)
    }, WITH_PROVIDER)
  })

  it('goes 1, 2, closed on refusals: at once, after a backoff, never', () => {
    everyStep(
      step => {
        const { before, state, now, effects } = step
        const { refusals } = state.session
        if (verdict(step) === undefined || state.serving || refusals === before.session.refusals) return true
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
    everyStep(step => verdict(step) === undefined || step.state.intent === 'closed' || step.state.serving !== null, {
      decide: () => 'refresh-auth',
      credentials: false,
    })
  })
}
