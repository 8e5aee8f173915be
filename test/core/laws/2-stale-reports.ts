import { it } from 'vitest'
import type { WalkStep } from '../../../src/testing/random-walk.ts'
import { everyStep, live } from '../walks.ts'

function unchanged({ before, state, effects }: WalkStep): boolean {
  return state === before && effects.length === 0
}

/** Law 2: a report from a connection that is neither serving nor dialling changes nothing. */
export function staleReports(): void {
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
}
