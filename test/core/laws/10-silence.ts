import { it } from 'vitest'
import type { WalkStep } from '../../../src/testing/random-walk.ts'
import { beat, everyStep, everyWalk, only } from '../walks.ts'

/** Whether this step ended the serving connection because nothing was heard. */
function diesOfSilence({ before, effects }: WalkStep): boolean {
  const [told] = only(effects, 'disconnected')
  return told?.disconnect.origin === 'heartbeat' && told.disconnect.connection === before.serving?.number
}

function heard({ before, event }: WalkStep): boolean {
  const heart = before.serving?.heart
  if (!heart || !('vitals' in event) || !event.vitals) return false
  const { received, buffered } = event.vitals
  // A backlog that shrinks is a sign of life, but for a connection that slept.
  return received > heart.received || (heart.sleptMs === null && heart.buffered > 65_536 && buffered < heart.buffered)
}

/** Law 10: a connection dies of silence only when its heartbeat said so at two looks, with nothing heard between. */
export function silence(): void {
  const byItself = ({ event }: WalkStep): boolean => event.type !== 'ended'

  it('ends nothing that was heard since it was last looked at', () => {
    everyStep(step => !(byItself(step) && diesOfSilence(step) && heard(step) && beat(step)?.type !== 'dead'))
  })

  it('ends nothing at the first look that finds it dead, nor on any other answer', () => {
    everyStep((step, { rules }) => {
      if (!byItself(step) || !diesOfSilence(step)) return true
      return step.before.serving?.heart?.spared === true && (!rules.life || beat(step)?.type === 'dead')
    })
  })

  it('does end what is found dead twice', () => {
    everyWalk(({ steps }) =>
      steps.every(step => {
        const { before, event } = step
        const again = event.type === 'tick' && before.serving?.heart?.spared && beat(step)?.type === 'dead'
        return !again || heard(step) || before.intent !== 'run' || diesOfSilence(step)
      }),
    )
  })

  it('spares nothing that was heard since', () => {
    everyStep(({ before, event, state, ...step }) => {
      const here = { before, event, state, ...step }
      const same = before.serving?.number === state.serving?.number && before.serving?.heart
      return !same || !heard(here) || !beat(here) || beat(here)?.type === 'dead' || !state.serving?.heart?.spared
    })
  })

  it('pings only the connection that serves, and only when the heartbeat says so', () => {
    everyStep(step => {
      const pings = only(step.effects, 'ping')
      const asked = beat(step)?.type === 'ping' ? 1 : 0
      return pings.length === asked && pings.every(({ number }) => number === step.state.serving?.number)
    })
  })

  it('asks the heartbeat only while a connection serves, and never where there is none', () => {
    everyStep((step, { rules }) => !beat(step) || (rules.life !== null && step.before.serving !== null))
  })

  it('trusts a connection after a sleep only when it was heard, or when nobody asks', () => {
    everyStep(step => {
      const trusts = only(step.effects, 'trust').length
      if (trusts === 0) return true
      const slept = (step.before.serving?.heart?.sleptMs ?? 0) > 0 || ('sleptMs' in step.event && step.event.sleptMs)
      // A sleep begins the questions anew; between two, what was asked is still owed.
      const owed = step.event.type !== 'signal' && step.before.serving?.heart?.askedAt !== null
      const nobodyAsks = step.event.type === 'not-pinged' || (beat(step)?.type === 'wait' && !owed)
      return trusts === 1 && !!slept && (heard(step) || nobodyAsks)
    })
  })

  it('holds nothing back unless it asked, or is about to end it', () => {
    everyStep(({ state: { serving } }) => {
      const heart = serving?.heart
      return !heart?.sleptMs || heart.askedAt !== null || heart.spared
    })
  })

  it('watches no connection that slept less than a minute where nobody asks for life', () => {
    everyStep(({ state: { serving } }, { rules }) => {
      const { heart } = serving ?? {}
      return rules.life !== null || !heart || (rules.presumes && (heart.sleptMs ?? 0) >= 60_000)
    })
  })

  it('learns only from a cut in a silence of ten seconds or more, and forgets it with the network', () => {
    everyStep(({ before, event, state }) => {
      if (event.type === 'signal' && event.signal === 'network-changed') return state.lesson === null
      if (state.lesson === before.lesson) return true
      return event.type === 'ended' && (state.lesson?.silentMs ?? 0) >= 10_000
    })
  })

  it('asks at most every ten seconds on account of what it learnt', () => {
    everyStep(({ state: { lesson } }) => (lesson?.everyMs ?? 10_000) >= 10_000)
  })
}
