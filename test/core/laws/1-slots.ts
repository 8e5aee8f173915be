import { it } from 'vitest'
import { everyStep, everyWalk, live, only } from '../walks.ts'

/** Law 1: one serves, one is on its way up, or one waits. */
export function slots(): void {
  it('never waits while it dials', () => {
    everyStep(({ state: { dial, wait } }) => !(dial && wait))
  })

  it('keeps nothing once it is closed', () => {
    everyStep(({ state: { intent, ...slots } }) => {
      return intent !== 'closed' || !(slots.serving || slots.dial || slots.wait || slots.down || slots.renewal)
    })
  })

  it('keeps at most the connection that it closes while it is closing', () => {
    everyStep(({ state: { intent, ...slots } }) => {
      return intent !== 'closing' || !(slots.wait || slots.down || slots.renewal || (slots.serving && slots.dial))
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

  it('retires a connection once', () => {
    everyStep(({ effects }) => {
      const retired = only(effects, 'retire').map(({ number }) => number)
      return new Set(retired).size === retired.length
    })
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

  it('gives every connection a number of its own, in the order they are begun', () => {
    everyWalk(({ steps }) => {
      let last = 0
      return steps.every(({ effects }) =>
        effects.every(({ type, ...effect }) => {
          if ((type !== 'authorize' && type !== 'dial') || !('number' in effect)) return true
          const { number } = effect
          // What was authorizing dials under the same number.
          const fresh = number === last + 1 || (type === 'dial' && number === last)
          last = number
          return fresh
        }),
      )
    })
  })
}
