import { isDeepStrictEqual } from 'node:util'
import { it } from 'vitest'
import { everyStep, lost, only } from '../walks.ts'

/** Law 11: looking for a better transport costs the connection that serves nothing. */
export function lookingUp(): void {
  it('leaves everything as it was when it comes to nothing', () => {
    everyStep(({ before, state, effects }) => {
      const [told] = only(effects, 'disconnected')
      if (told?.disconnect.next.type !== 'stay') return true
      return (
        state.serving === before.serving && isDeepStrictEqual(state.retry, before.retry) && !state.dial && !state.wait
      )
    })
  })

  it('comes to nothing whenever it fails, but for a refused credential', () => {
    everyStep(step => {
      const { before, state, effects } = step
      const was = lost(step)
      const looked = before.serving && was === before.dial && before.dial?.purpose === 'promote'
      if (!looked || !state.serving || only(effects, 'refuse').length) return true
      const [told] = only(effects, 'disconnected')
      return told?.disconnect.next.type === 'stay'
    })
  })

  it('is for better ones only', () => {
    everyStep(({ state: { serving, dial } }) => {
      return dial?.purpose !== 'promote' || !serving || dial.transport < serving.transport
    })
  })

  it('is undone by nothing but a fall while nothing serves', () => {
    everyStep(({ before, state, event }) => {
      if (event.type !== 'fall-back' || isDeepStrictEqual(before, state)) return true
      return !before.serving && !state.serving && state.retry.transport === event.transport
    })
  })
}
