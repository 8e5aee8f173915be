import { isDeepStrictEqual } from 'node:util'
import { describe, it } from 'vitest'
import { deadline } from '../../src/core/deadline.ts'
import type { MachineEvent } from '../../src/core/event.ts'
import type { BackoffQuestion, Rules } from '../../src/core/rules.ts'
import type { MachineState } from '../../src/core/state.ts'
import { replay } from '../../src/core/trace.ts'
import { transition } from '../../src/core/transition.ts'
import { randomWalk, type WalkStep } from '../../src/testing/random-walk.ts'
import { decision, everyChoices, everyStep, everyWalk, isPaused, live, only } from './walks.ts'

/** The laws at the head of src/core/transition.ts, one by one. */

const DIALS_ANEW: readonly MachineEvent['type'][] = ['start', 'reconnect', 'retry-now']
const EAGER: Partial<Rules> = {
  backoff: () => 0,
  decide: () => 'retry',
  stableMs: 0,
  authorizes: false,
  credentials: false,
}

function unchanged({ before, state, effects }: WalkStep): boolean {
  return state === before && effects.length === 0
}

describe('law 1: one serves, one is on its way up, or one waits', () => {
  it('never waits while it dials', () => {
    everyStep(({ state: { dial, wait } }) => !(dial && wait))
  })

  it('keeps nothing once it is closed', () => {
    everyStep(({ state: { intent, ...slots } }) => {
      return intent !== 'closed' || !(slots.serving || slots.dial || slots.wait || slots.down)
    })
  })

  it('keeps at most the connection that it closes while it is closing', () => {
    everyStep(({ state: { intent, ...slots } }) => {
      return intent !== 'closing' || !(slots.wait || slots.down || (slots.serving && slots.dial))
    })
  })

  it('is never idle while it runs', () => {
    everyStep(({ state: { intent, serving, dial, wait } }) => intent !== 'run' || !!(serving || dial || wait))
  })

  it('is down exactly while it runs and nothing serves', () => {
    everyStep(({ state: { intent, serving, down } }) => (down !== null) === (intent === 'run' && !serving))
  })

  it('dials beside a connection that serves only to replace it', () => {
    everyStep(({ state: { intent, serving, dial, wait, session } }) => {
      const purpose = (dial ?? wait)?.purpose
      if (intent !== 'run' || !purpose) return true
      if (serving) return purpose === 'replace' || purpose === 'promote'
      return purpose === 'recover' || (purpose === 'first' && !session.everOpen)
    })
  })

  it('never leaks a connection: what leaves its slot has ended, was handed nothing to dial with, or is retired', () => {
    everyStep(({ before, event, state, effects }) => {
      const retired = only(effects, 'retire').map(({ number }) => number)
      const reported = event.type === 'ended' || event.type === 'authorized' ? event.number : null
      const gone = live(before).filter(number => !live(state).includes(number))
      return gone.every(number => number === reported || retired.includes(number))
    })
  })

  it('retires and shuts only connections that are live', () => {
    everyStep(({ before, effects }) =>
      [...only(effects, 'retire'), ...only(effects, 'shut')].every(({ number }) => live(before).includes(number)),
    )
  })

  it('dials, greets and serves only with the connection that is on its way up', () => {
    everyStep(({ state: { dial, serving }, effects }) =>
      effects.every(effect => {
        if (effect.type === 'serve') return effect.number === serving?.number
        const phases = { authorize: 'authorizing', dial: 'connecting', greet: 'greeting' } as const
        if (effect.type !== 'authorize' && effect.type !== 'dial' && effect.type !== 'greet') return true
        return effect.number === dial?.number && phases[effect.type] === dial.phase
      }),
    )
  })

  it('numbers connections in the order they are begun', () => {
    everyStep(({ before, state }) => {
      const begun = state.connections - before.connections
      return begun === 0 || (begun === 1 && state.dial?.number === state.connections)
    })
  })
})

describe('law 2: a report from a connection that is neither serving nor dialling changes nothing', () => {
  it('answers a late report with the same state object and no effects', () => {
    everyStep(step => {
      const { before, event } = step
      return !('number' in event) || live(before).includes(event.number) || unchanged(step)
    })
  })

  it('ignores a report that does not fit the phase of the dial', () => {
    everyStep(step => {
      const { event, before } = step
      const phase = { authorized: 'authorizing', connected: 'connecting', ready: 'greeting' } as const
      if (event.type !== 'authorized' && event.type !== 'connected' && event.type !== 'ready') return true
      return (before.intent === 'run' && before.dial?.phase === phase[event.type]) || unchanged(step)
    })
  })
})

describe('law 3: a deadline is a field of the slot that needs it', () => {
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
      const { intent, serving, dial, wait, down } = state
      if (intent === 'closing' && !serving && !dial) return deadline(state) === 0
      const instants = [serving?.stableAt, dial?.deadlineAt, wait?.until, down?.limitedAt]
      const [soonest = Infinity] = instants.flatMap(instant => instant ?? []).sort((a, b) => a - b)
      return deadline(state) === soonest
    })
  })
})

describe('law 4: attempts are forgotten by a stable connection, and the dial guard holds', () => {
  /** A connection was up for the stable window, or a new life begins. */
  function mayForget({ before, state, now }: WalkStep, { stableMs }: Rules): boolean {
    const { intent, serving } = before
    if (intent === 'closed') return state.intent === 'run'
    return intent === 'run' && serving !== null && now - serving.openedAt >= stableMs
  }

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
})

describe('law 5: a terminal decision dials nothing until the app asks', () => {
  it('does nothing while closed until it is started anew', () => {
    everyStep(({ before, event, state, effects }) => {
      if (before.intent !== 'closed' || DIALS_ANEW.includes(event.type)) return true
      return state.intent === 'closed' && effects.length === 0
    })
  })

  it('neither dials nor serves while closing, unless the app wants it back', () => {
    everyStep(({ before, event, state, effects }) => {
      if (before.intent !== 'closing' || DIALS_ANEW.includes(event.type)) return true
      const types = effects.map(({ type }) => type)
      return state.intent !== 'run' && !types.some(type => ['authorize', 'dial', 'greet', 'serve'].includes(type))
    })
  })

  it('closes when a policy says stop, unless another connection serves', () => {
    everyStep(step => decision(step) !== 'stop' || step.state.serving !== null || step.state.intent === 'closed')
  })

  it('gives up a handover when a policy says stop, and goes on serving', () => {
    everyStep(step => {
      const { before, state } = step
      if (decision(step) !== 'stop' || !state.serving) return true
      return state.serving === before.serving && !state.dial && !state.wait
    })
  })

  it('tries no more often than it may', () => {
    everyStep(({ before, state, effects }, { rules }) => {
      const exhausted = state.retry.attempt > before.retry.attempt && state.retry.attempt > rules.maxAttempts
      if (!exhausted) return true
      const [told] = only(effects, 'disconnected')
      return told?.disconnect.next.type === 'stop' && (state.serving !== null || state.intent === 'closed')
    })
  })

  it('tells the end of a life once, after everything that waited was discarded', () => {
    everyStep(({ before, state, effects }) => {
      const finals = effects.filter(e => e.type === 'disconnected' && e.disconnect.next.type === 'stop' && !e.silent)
      if (before.intent === 'closed' || state.intent !== 'closed') return finals.length === 0
      const [discard, last] = effects.slice(-2)
      return finals.length === 1 && last === finals[0] && discard?.type === 'discard'
    })
  })
})

describe('law 6: no dial with a credential that is known to be bad', () => {
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
})

describe('law 7: policies are asked in one place each', () => {
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
      const { steps } = randomWalk(choices, { backoff })
      return steps
        .filter(({ answers }) => typeof answers.at(-1) === 'number')
        .every(step => {
          const { state, before, now, roll, answers } = step
          const { attempt, previousMs, downMs, slow, roll: chance } = questions.shift() ?? { attempt: NaN }
          const downSince = state.down?.since ?? now
          const forgot = state.retry.attempt <= before.retry.attempt && decision(step) !== undefined
          return (
            attempt === state.retry.attempt &&
            previousMs === (forgot ? 0 : before.retry.previousMs) &&
            state.retry.previousMs === answers.at(-1) &&
            downMs === now - downSince &&
            slow === (decision(step) === 'retry-slowly') &&
            chance === roll
          )
        })
    })
  })
})

describe('law 8: same inputs, same outputs', () => {
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
        return typeof answer === 'number' ? undefined : (answer ?? undefined)
      }
      const backoff = (): number => Number(stored.shift())
      const again = transition({ ...rules, decide, backoff }, before, event, at)
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
})

describe('law 9: a tick that is due changes the state', () => {
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
      for (; deadline(current) <= late && ticks < 6; ticks++) {
        current = transition(rules, current, { type: 'tick' }, { now: late, wall, roll: 0.5 })[0]
      }
      return ticks < 6
    })
  })

  it('always comes back to life by itself, unless it is closed or paused', () => {
    everyStep(({ state, now }) => {
      const { intent, serving, dial } = state
      if (intent !== 'run' || serving || (dial && dial.deadlineAt === null)) return true
      return deadline({ ...state, down: null }) < Infinity || isPaused(state, now)
    })
  })
})
