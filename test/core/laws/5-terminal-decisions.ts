import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import type { MachineEvent } from '../../../src/core/event.ts'
import { decision, everyStep, only } from '../walks.ts'

const BEGINS: readonly MachineEvent['type'][] = ['start', 'reconnect', 'retry-now']

/** Law 5: a terminal decision dials nothing until the app asks. */
export function terminalDecisions(): void {
  it('does nothing while closed until it is started anew', () => {
    everyStep(({ before, event, state, effects }) => {
      if (before.intent !== 'closed' || BEGINS.includes(event.type)) return true
      return state.intent === 'closed' && effects.length === 0
    })
  })

  it('neither dials nor serves while closing, unless the app wants it back', () => {
    everyStep(({ before, event, state, effects }) => {
      if (before.intent !== 'closing' || BEGINS.includes(event.type)) return true
      const types = effects.map(({ type }) => type)
      return state.intent !== 'run' && !types.some(type => ['authorize', 'dial', 'greet', 'serve'].includes(type))
    })
  })

  it('closes when nobody is signed in, whatever was under way', () => {
    everyStep(
      ({ before, event, state, effects }) => {
        if (event.type !== 'signed-out' || before.intent !== 'run') return true
        const [told] = only(effects, 'disconnected')
        return state.intent === 'closed' && isDeepStrictEqual(told?.disconnect.next, { type: 'stop', by: 'signed-out' })
      },
      { credentials: true },
    )
  })

  it('closes when a policy says stop, unless another connection serves', () => {
    everyStep(step => decision(step) !== 'stop' || step.state.serving !== null || step.state.intent === 'closed')
  })

  it('gives up a handover when a policy says stop, and goes on serving', () => {
    everyStep(step => {
      const { before, state } = step
      if (decision(step) !== 'stop' || !state.serving) return true
      return state.serving.number === before.serving?.number && !state.dial && !state.wait
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
}
