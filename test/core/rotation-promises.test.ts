import { describe, it } from 'vitest'
import { deadline } from '../../src/core/deadline.ts'
import type { Rules } from '../../src/core/rules.ts'
import type { MachineState } from '../../src/core/state.ts'
import { transition } from '../../src/core/transition.ts'
import { everyStep, everyWalk } from './walks.ts'

/** How a connection that serves is replaced, on every walk. */

const BREAKS: Partial<Rules> = { life: null, presumes: false, overlaps: false }
const HANDS_OVER: Partial<Rules> = { overlaps: true, life: null, presumes: false }

/** Ticks at every deadline until then, on a connection that is never quiet. */
function passTo(rules: Rules, state: MachineState, until: number, now: number, wall: number): MachineState {
  let current = state
  let at = now
  for (let ticks = 0; deadline(current) <= until; ticks++) {
    if (ticks === 10_000) throw new Error('Ticks without end.')
    at = Math.max(at, deadline(current))
    const instant = { now: at, wall: wall + at - now, roll: 0.5 }
    current = transition(rules, current, { type: 'tick', traffic: -1 }, instant)[0]
    if (current.serving?.number !== state.serving?.number) return current
  }
  return current
}

describe('a connection that is to be replaced', () => {
  it('is replaced at the latest when that was promised, however busy it is', () => {
    everyStep(({ state, now, wall }, { rules }) => {
      const { intent, serving } = state
      if (intent !== 'run' || !serving?.rotation) return true
      const { checkAt, latestAt } = serving.rotation
      // Looked at every quarter of a second until then: walking there would take hours.
      const late = Math.max(now, latestAt)
      return checkAt <= late && passTo(rules, state, late, late, wall).serving === null
    }, BREAKS)
  })

  it('goes on serving until then, unless it is silent for a quarter of a second', () => {
    everyWalk(({ steps }) => {
      let looks: readonly (readonly [now: number, traffic: number])[] = []
      return steps.every(({ before, event, state, now }) => {
        const rotation = before.serving?.rotation
        if (event.type !== 'tick' || !rotation || state.serving?.rotation === rotation) return true
        // One thing at a time: that it is too old was due before.
        if (state.serving && state.serving.agedAt !== before.serving?.agedAt) return true
        const traffic = event.traffic ?? -1
        const quiet = looks.some(([at, heard]) => heard === traffic && now - at >= 250)
        looks = [...looks, [now, traffic]]
        if (state.serving) return now < rotation.latestAt
        looks = []
        return now >= rotation.latestAt || (traffic >= 0 && quiet)
      })
    }, BREAKS)
  })

  it('looks for silence at once, and then every quarter of a second', () => {
    everyStep(({ before, state, now }) => {
      const [was, is] = [before.serving?.rotation, state.serving?.rotation]
      if (!is || is === was) return true
      if (was && is.latestAt === was.latestAt && is.checkAt !== now) {
        return is.checkAt === Math.min(now + 250, is.latestAt)
      }
      return is.checkAt === now && is.traffic === -1 && is.latestAt <= (was?.latestAt ?? Infinity)
    }, BREAKS)
  })

  it('is gone before another one is dialled where two may not overlap', () => {
    everyStep(({ state: { serving, dial, wait } }) => !(serving && (dial || wait)), BREAKS)
  })

  it('serves until the other one is ready where two may overlap: no tick takes it down', () => {
    everyStep(({ before, event, state }) => {
      if (event.type !== 'tick' || before.intent !== 'run' || !before.serving) return true
      return state.serving?.number === before.serving.number && state.serving.rotation === null
    }, HANDS_OVER)
  })

  it('is told of as what this side does on purpose, which is no failure', () => {
    everyStep(({ before, event, state, effects }) => {
      if (event.type !== 'tick' || !before.serving?.rotation || state.serving) return true
      const told = effects.flatMap(effect => (effect.type === 'disconnected' ? effect.disconnect : []))
      return told.length === 1 && told[0]?.origin === 'client' && state.retry.attempt === before.retry.attempt
    }, BREAKS)
  })
})

describe('a fresh credential', () => {
  const AUTH: Partial<Rules> = { credentials: true }

  it('replaces the connection by the time at which the old one expires, or in a minute', () => {
    everyStep(
      ({ before, event, state, now, wall }) => {
        if (event.type !== 'renewed' || event.same || before.intent !== 'run' || !before.serving) return true
        if (event.changed) return state.serving === null
        const { expiresAt } = before.session
        const latestAt = now + (expiresAt === null ? 60_000 : Math.max(0, expiresAt - wall))
        const promised = Math.min(latestAt, before.serving.rotation?.latestAt ?? Infinity)
        return state.serving?.rotation?.latestAt === promised
      },
      { ...AUTH, ...BREAKS, rotates: true },
    )
  })

  it('is dialled with beside the connection where two may overlap', () => {
    everyStep(
      ({ before, event, state: { serving, dial, wait } }) => {
        if (event.type !== 'renewed' || event.same || before.intent !== 'run' || !before.serving) return true
        if (event.changed) return serving === null
        return serving?.number === before.serving.number && (dial ?? wait)?.purpose === 'replace'
      },
      { ...AUTH, ...HANDS_OVER, rotates: true },
    )
  })

  it('is kept for the next dial when the app says so, unless it is of another identity', () => {
    everyStep(
      ({ before, event, state }) => {
        if (event.type !== 'renewed' || before.intent !== 'run' || !before.serving) return true
        if (event.changed) return state.serving === null
        const { number, rotation } = before.serving
        return state.serving?.number === number && state.serving.rotation === rotation
      },
      { ...AUTH, rotates: false },
    )
  })

  it('of another identity leaves no dial that was made for the one before', () => {
    everyStep(({ before, event, state }) => {
      if (event.type !== 'renewed' || !event.changed || before.intent !== 'run') return true
      return state.serving === null && state.dial === null
    }, AUTH)
  })
})

describe('the maximum age', () => {
  it('is drawn between 80 and 100 % for every connection', () => {
    everyStep(
      ({ effects, state: { serving }, roll }) => {
        if (!serving || !effects.some(({ type }) => type === 'serve')) return true
        return serving.agedAt === serving.openedAt + 60_000 * (1 - 0.2 * roll)
      },
      { maxAgeMs: 60_000 },
    )
  })

  it('is exceeded by a minute at most, however busy the connection is', () => {
    everyStep(
      ({ state, now, wall }, { rules }) => {
        const { intent, serving } = state
        if (intent !== 'run' || !serving) return true
        const { number, openedAt } = serving
        const aged = Math.max(now, openedAt + rules.maxAgeMs)
        const rotating = passTo(rules, state, aged, aged, wall)
        if (rotating.serving?.number !== number) return true
        return (rotating.serving.rotation?.latestAt ?? Infinity) <= aged + 60_000
      },
      { ...BREAKS, maxAgeMs: 60_000 },
    )
  })

  it('is never, when the app says so', () => {
    everyStep(({ state: { serving } }) => serving === null || serving.agedAt === null, { maxAgeMs: Infinity })
  })
})
