import { isDeepStrictEqual } from 'node:util'
import { describe, it } from 'vitest'
import { askedDelayMs } from '../../src/core/close-codes.ts'
import { deadline } from '../../src/core/deadline.ts'
import type { Rules } from '../../src/core/rules.ts'
import { type MachineState, stateOf } from '../../src/core/state.ts'
import { transition } from '../../src/core/transition.ts'
import type { WalkStep } from '../../src/testing/random-walk.ts'
import { decision, everyStep, everyWalk, isPaused, live, only } from './walks.ts'

/** What the status and the events tell the app is true, on every walk. */

/** Ticks at one instant until nothing is due. */
function catchUp(rules: Rules, state: MachineState, now: number, wall: number): MachineState {
  let current = state
  for (let ticks = 0; deadline(current) <= now; ticks++) {
    if (ticks === 100) throw new Error('Ticks without end.')
    current = transition(rules, current, { type: 'tick' }, { now, wall, roll: 0.5 })[0]
  }
  return current
}

function begun({ before, state }: WalkStep): boolean {
  return state.connections > before.connections
}

/** What the app asked for, or what replaces a connection, does not wait for somebody to look. */
function hurried({ wait }: MachineState): boolean {
  return wait?.by === 'app' || wait?.by === 'rotation'
}

describe('the next retry', () => {
  it('begins exactly when it was promised', () => {
    everyStep(({ state, now, wall }, { rules }) => {
      const until = state.wait?.until
      // What is presumed dead needs another dial than the one that would have replaced it.
      if (typeof until !== 'number' || state.serving?.heart?.sleptMs) return true
      const due = Math.max(until, now)
      const before = due > now ? catchUp(rules, state, now + (due - now) * 0.999, wall) : state
      const after = catchUp(rules, before, due, wall)
      if (before.connections !== state.connections) return false
      const paused = state.page.frozen || (isPaused(state, due) && !hurried(state))
      return paused ? after.wait?.until === null : after.connections === state.connections + 1
    })
  })

  it('is the only way to a connection, beside the constructor', () => {
    everyStep(step => {
      const { before, event, now } = step
      if (!begun(step) || event.type === 'start') return true
      const until = before.wait?.until
      return event.type === 'tick' && typeof until === 'number' && until <= now
    })
  })

  it('dials in the step that begins it, or fetches what the dial needs', () => {
    everyStep((step, { rules }) => {
      const { before, state, effects, wall } = step
      if (!begun(step)) return true
      const { credential, expiresAt } = state.session
      const lives = credential === 'held' && (expiresAt === null || expiresAt > wall)
      const ready = !rules.authorizes && lives && !before.renewal
      return isDeepStrictEqual(effects.at(-1), { type: ready ? 'dial' : 'authorize', number: state.connections })
    })
  })

  it('is not made by a page that is frozen, nor, unless the app asks or a connection is replaced, by one that was hidden for an hour', () => {
    everyStep(step => {
      if (!begun(step) || step.event.type === 'start') return true
      const { before, now } = step
      return !before.page.frozen && (hurried(before) || !isPaused(before, now))
    })
  })

  it('is made once per 30 s while offline, unless the app asks', () => {
    everyStep(step => {
      const { before, event, now } = step
      const by = before.wait?.by
      if (!begun(step) || event.type === 'start' || before.page.online || by === 'app' || by === 'dial-guard')
        return true
      return now - (before.retry.dials.at(-1) ?? now) >= 30_000
    })
  })

  it('comes at most half a second after local evidence, and that at most once in ten seconds', () => {
    everyWalk(({ steps }) => {
      let last = -Infinity
      return steps.every(({ before, state, now }) => {
        const { wait } = state
        if (wait?.by !== 'local-evidence' || wait.until === null || wait.until === before.wait?.until) return true
        const spaced = now - last >= 10_000
        last = now
        return spaced && wait.until - Math.max(now, wait.notBefore) <= 500
      })
    })
  })

  it('never comes before what the server or a policy asked for, whatever the page and the network do', () => {
    everyWalk(({ steps }) => {
      let floor = 0
      return steps.every(step => {
        const { event, state, effects, now } = step
        const early = begun(step) && event.type !== 'start' && now < floor
        const [told] = only(effects, 'disconnected')
        const answer = decision(step)
        if (told && answer !== undefined) {
          const { code, reason } = told.disconnect
          const asked = typeof answer === 'object' && answer ? answer.afterMs : (askedDelayMs(code, reason) ?? 0)
          // A refused credential is renewed at once.
          floor = answer === 'refresh-auth' ? 0 : now + Math.min(asked, 600_000)
        }
        if (state.serving || state.intent !== 'run' || event.type === 'reconnect' || event.type === 'retry-now')
          floor = 0
        return !early
      })
    })
  })

  it('waits as long as the server asked, at most ten minutes, and then draws as always', () => {
    everyStep(step => {
      const { effects, state, now, answers } = step
      const [told] = only(effects, 'disconnected')
      if (!told || decision(step) === undefined || state.wait?.by !== 'server') return true
      const asked = askedDelayMs(told.disconnect.code, told.disconnect.reason)
      const drawn = Number(answers.at(-1))
      return asked !== null && state.wait.until === now + Math.min(asked, 600_000) + drawn
    })
  })

  it('waits exactly as long as a policy said, at most ten minutes', () => {
    everyStep(step => {
      const { state, now } = step
      const answer = decision(step)
      if (typeof answer !== 'object' || answer === null || state.wait?.by !== 'policy') return true
      return state.wait.until === now + Math.min(answer.afterMs, 600_000)
    })
  })
})

describe('a disconnect', () => {
  it('is told once per connection', () => {
    everyWalk(({ steps }) => {
      const ended = steps.flatMap(({ effects }) =>
        only(effects, 'disconnected').flatMap(({ disconnect }) => disconnect.connection ?? []),
      )
      return new Set(ended).size === ended.length
    })
  })

  it('is told of every connection that served, unless another one took over', () => {
    everyStep(({ before, state, effects }) => {
      const served = before.serving?.number
      if (served === undefined || state.serving?.number === served) return true
      const told = only(effects, 'disconnected').some(({ disconnect }) => disconnect.connection === served)
      return told !== only(effects, 'serve').some(({ handover }) => handover)
    })
  })

  it('is silent exactly while another connection serves', () => {
    everyStep(({ state, effects }) =>
      only(effects, 'disconnected').every(({ silent }) => silent === (state.serving !== null)),
    )
  })

  it('is told of connections that were there', () => {
    everyStep(({ before, effects }) =>
      only(effects, 'disconnected').every(
        ({ disconnect }) => disconnect.connection === null || live(before).includes(disconnect.connection),
      ),
    )
  })

  it('tells truly what happens next', () => {
    everyStep(({ state, effects, now }) =>
      only(effects, 'disconnected').every(({ disconnect: { next }, silent }) => {
        const { wait, dial } = state
        if (next.type === 'stop') return silent ? !wait && !dial : state.intent === 'closed'
        if (next.type === 'handover') return dial?.purpose === 'recover'
        if (next.type === 'stay') return silent && !wait && !dial
        const inMs = wait && wait.until !== null ? wait.until - now : null
        return wait !== null && next.by === wait.by && next.inMs === inMs
      }),
    )
  })

  it('is the cause that the status names, until something serves or the app begins anew', () => {
    everyStep(({ before, event, state, effects }) => {
      const last = only(effects, 'disconnected')
        .filter(({ silent }) => !silent)
        .at(-1)
      if (last) return state.cause === last.disconnect
      const anew = ['reconnect', 'retry-now', 'handover'].includes(event.type) && state.cause === null
      return state.serving ? state.cause === null : state.cause === before.cause || anew
    })
  })
})

describe('the six states', () => {
  it('are open or degraded exactly while something serves, or after a minute without', () => {
    everyStep(({ state, now }) => {
      const { intent, serving, down } = state
      const shown = stateOf(state)
      if (intent !== 'run') return shown === 'closed'
      if (serving) return shown === (serving.transport === 0 ? 'open' : 'degraded')
      if (shown === 'degraded') return down?.limitedAt === null && now - down.since >= 60_000
      return down?.limitedAt === (down?.since ?? 0) + 60_000
    })
  })

  it('are left for degraded by time alone, and come back by a connection alone', () => {
    everyStep(({ before, event, state, effects }) => {
      const limited = ({ down }: MachineState): boolean => down?.limitedAt === null
      if (limited(before) === limited(state)) return true
      if (limited(state)) return event.type === 'tick' && effects.length === 0
      return state.serving !== null || state.intent !== 'run'
    })
  })

  it('renew the session while the credential is refused or expired and nothing serves', () => {
    everyStep(({ state }) => {
      const { intent, serving, down, session } = state
      const bad = session.credential === 'refused' || session.credential === 'expired'
      const renewing = intent === 'run' && !serving && down?.limitedAt !== null && bad
      return (stateOf(state) === 'auth-refresh') === renewing
    })
  })
})
