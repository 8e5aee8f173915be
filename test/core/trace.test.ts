import { describe, expect, it } from 'vitest'
import type { MachineEvent } from '../../src/core/event.ts'
import type { Rules } from '../../src/core/rules.ts'
import { initialState, type MachineState } from '../../src/core/state.ts'
import { replay } from '../../src/core/trace.ts'

/** A trace is enough to see again what happened. */

const rules: Rules = {
  transports: ['websocket'],
  authorizes: false,
  credentials: false,
  overlaps: false,
  rotates: true,
  maxAgeMs: Infinity,
  life: null,
  presumes: false,
  maxAttempts: Infinity,
  stableMs: 10_000,
  connectTimeoutMs: 10_000,
  decide() {
    throw new Error('A replay asks no policy.')
  },
  backoff() {
    throw new Error('A replay asks no backoff.')
  },
}
const start: MachineEvent = { type: 'start' }
const lost: MachineEvent = { type: 'ended', number: 1, code: 4000, reason: '', wasClean: true }
const at = { now: 0, wall: 0, roll: 0 }

function last(states: readonly MachineState[]): MachineState | undefined {
  return states.at(-1)
}

describe('replaying a trace', () => {
  it('gives a state per record', () => {
    const states = replay(rules, initialState(), [
      { ...at, event: start, answers: [] },
      { ...at, event: lost, answers: [null, 700] },
    ])
    expect(states).toHaveLength(2)
    expect(states[0]?.dial?.number).toBe(1)
  })

  it('takes the delay that the backoff answered then', () => {
    const states = replay(rules, initialState(), [
      { ...at, event: start, answers: [] },
      { ...at, event: lost, answers: [null, 700] },
    ])
    expect(last(states)?.wait).toMatchObject({ until: 700, by: 'backoff' })
  })

  it('takes the decision that the policy made then', () => {
    const states = replay(rules, initialState(), [
      { ...at, event: start, answers: [] },
      { ...at, event: lost, answers: [{ afterMs: 5_000 }] },
    ])
    expect(last(states)?.wait).toMatchObject({ until: 5_000, by: 'policy' })
  })

  it('leaves the records as they are, so that they can be replayed again', () => {
    const records = [
      { ...at, event: start, answers: [] },
      { ...at, event: lost, answers: ['retry' as const, 700] },
    ]
    expect(replay(rules, initialState(), records)).toEqual(replay(rules, initialState(), records))
  })

  it('of nothing gives nothing', () => {
    expect(replay(rules, initialState(), [])).toEqual([])
  })
})
