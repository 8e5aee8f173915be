import { describe, expect, it } from 'vitest'
import type { Vitals } from '../../src/core/event.ts'
import type { Beat, Pulse } from '../../src/core/rules.ts'
import { type Machine, machine } from './machine.ts'

/** What a heartbeat is asked, and what it answers: the beats in turn, the last one for all that follow. */
interface Doctor {
  readonly asked: Pulse[]
  readonly m: Machine
}

const WAIT: Beat = { type: 'wait', ms: 15_000 }
const PING: Beat = { type: 'ping', ms: 2_000 }
const DEAD: Beat = { type: 'dead' }

// Stable at no time: a tick does one thing, and here it is always the look.
function watched(beats: readonly Beat[], pings = true, stableMs = Infinity): Doctor {
  const asked: Pulse[] = []
  const said = [...beats]
  const judge = (pulse: Pulse): Beat => {
    asked.push(pulse)
    return (said.length > 1 ? said.shift() : said[0]) ?? WAIT
  }
  const m = machine({ life: { pings, judge }, stableMs })
  m.start()
  m.open()
  return { asked, m }
}

/** Nobody asks, and sleepers are presumed dead. */
function unwatched(): Machine {
  const m = machine({ presumes: true })
  m.start()
  m.open()
  return m
}

function vitals(m: Machine, facts: Partial<Vitals> = {}): Vitals {
  const { received = 0, messages = 0 } = m.state.serving?.heart ?? {}
  return { received, messages, heardAt: 0, awaitedAt: null, roundTripMs: null, buffered: 0, ...facts }
}

/** Time passes, and a tick comes with those facts. */
function tick(m: Machine, ms: number, facts: Partial<Vitals> = {}, lateMs?: number): void {
  m.stall(ms)
  m.on({ type: 'tick', vitals: vitals(m, facts), ...(lateMs !== undefined && { lateMs }) })
}

const types = ({ effects }: Machine): readonly string[] => effects.map(({ type }) => type)

describe('a connection that serves', () => {
  it('is looked at in the task after it opened, and then when the heartbeat wants', () => {
    const { m, asked } = watched([WAIT])
    expect(m.state.serving?.heart?.lookAt).toBe(0)
    tick(m, 0)
    expect(asked).toHaveLength(1)
    expect(m.state.serving?.heart?.lookAt).toBe(15_000)
    tick(m, 14_999)
    expect(asked).toHaveLength(1)
    tick(m, 1)
    expect(asked).toHaveLength(2)
  })

  it('is watched by nobody where there is no heartbeat', () => {
    const m = machine()
    m.start()
    m.open()
    expect(m.state.serving?.heart).toBeNull()
    expect(m.state.lesson).toBeNull()
  })

  it('is asked about with what is known of it', () => {
    const { m, asked } = watched([WAIT, PING, PING, WAIT])
    tick(m, 0)
    tick(m, 15_000, { roundTripMs: 44, awaitedAt: 12_000 }, 30)
    tick(m, 2_000)
    expect(asked[1]).toEqual({
      openMs: 15_000,
      silentMs: 15_000,
      askedMs: null,
      pings: 0,
      roundTripMs: 44,
      flowing: false,
      awaitedMs: 3_000,
      sleptMs: null,
      learntMs: null,
      lateMs: 30,
    })
    expect(asked[2]).toMatchObject({ openMs: 17_000, silentMs: 17_000, askedMs: 2_000, pings: 1 })
    tick(m, 2_000)
    expect(asked[3]).toMatchObject({ askedMs: 4_000, pings: 2 })
  })

  it('is as silent as the clock on the wall says, from when it opened at the earliest, and never in the future', () => {
    const { m, asked } = watched([WAIT])
    tick(m, 0, { heardAt: -1e12 })
    tick(m, 15_000, { heardAt: 11_000 })
    tick(m, 15_000, { heardAt: 1e12 })
    expect(asked.map(({ silentMs }) => silentMs)).toEqual([0, 4_000, 0])
  })

  it('is pinged when the heartbeat says so', () => {
    const { m } = watched([WAIT, PING])
    tick(m, 0)
    expect(types(m)).toEqual([])
    tick(m, 15_000)
    expect(m.effects).toEqual([{ type: 'ping', number: 1 }])
    expect(m.state.serving?.heart).toMatchObject({ askedAt: 15_000, pings: 1, lookAt: 17_000 })
  })

  it('owes no answer any more once anything was heard', () => {
    const { m, asked } = watched([WAIT, PING, WAIT])
    tick(m, 0)
    tick(m, 15_000)
    tick(m, 2_000, { received: 1 })
    expect(asked.at(-1)).toMatchObject({ askedMs: null, pings: 0 })
    expect(m.state.serving?.heart).toMatchObject({ askedAt: null, pings: 0, received: 1 })
  })

  it('lives while a backlog of more than 64 KiB drains, and is not said to by less', () => {
    const { m, asked } = watched([WAIT, PING, WAIT])
    tick(m, 0)
    tick(m, 15_000, { buffered: 65_537 })
    tick(m, 2_000, { buffered: 65_536 })
    expect(asked.at(-1)).toMatchObject({ pings: 0 })
    const still = watched([WAIT, PING, WAIT])
    tick(still.m, 0)
    tick(still.m, 15_000, { buffered: 65_536 })
    tick(still.m, 2_000, { buffered: 0 })
    expect(still.asked.at(-1)).toMatchObject({ pings: 1 })
    const stuck = watched([WAIT, PING, WAIT])
    tick(stuck.m, 0)
    tick(stuck.m, 15_000, { buffered: 70_000 })
    tick(stuck.m, 2_000, { buffered: 70_000 })
    expect(stuck.asked.at(-1)).toMatchObject({ pings: 1 })
  })

  it('is asked about at most every 50 ms, and not at all when the heartbeat leaves it to events', () => {
    const { m } = watched([
      { type: 'wait', ms: 0 },
      { type: 'ping', ms: 0 },
      { type: 'wait', ms: null },
    ])
    tick(m, 0)
    expect(m.state.serving?.heart?.lookAt).toBe(50)
    tick(m, 50)
    expect(m.state.serving?.heart?.lookAt).toBe(100)
    tick(m, 50)
    expect(m.state.serving?.heart?.lookAt).toBeNull()
  })

  it('counts as stable before it is looked at', () => {
    const { m } = watched([{ type: 'wait', ms: 10_000 }, DEAD], true, 10_000)
    tick(m, 0)
    tick(m, 10_000)
    expect(m.state.serving?.stableAt).toBeNull()
    expect(m.state.serving?.heart?.spared).toBe(false)
    tick(m, 0)
    expect(m.state.serving?.heart?.spared).toBe(true)
  })

  it('is not watched any more once the app closes it', () => {
    const { m } = watched([WAIT])
    m.on({ type: 'close' })
    expect(m.state.serving).toMatchObject({ heart: null })
  })
})

describe('a connection that is found dead', () => {
  it('is looked at once more in a task of its own, and then ends: retired, 1006, told as what it is', () => {
    const { m } = watched([WAIT, DEAD])
    tick(m, 0)
    tick(m, 15_000, { heardAt: 3_000 })
    expect(types(m)).toEqual([])
    expect(m.state.serving?.heart).toMatchObject({ spared: true, lookAt: 15_000 })
    tick(m, 0, { heardAt: 3_000 })
    expect(types(m)).toEqual(['retire', 'disconnected'])
    expect(m.disconnects[0]).toMatchObject({
      origin: 'heartbeat',
      code: 1006,
      reason: '',
      wasClean: false,
      silentMs: 12_000,
      openMs: 15_000,
    })
    expect(m.shows).toBe('reconnecting')
    expect(m.state.wait?.by).toBe('backoff')
  })

  it('is given a second when the timer was more than 250 ms late, once', () => {
    const { m } = watched([WAIT, DEAD])
    tick(m, 0)
    tick(m, 15_251, {}, 251)
    expect(m.state.serving?.heart).toMatchObject({ spared: true, lookAt: 16_251 })
    tick(m, 1_000, {}, 900)
    expect(types(m)).toContain('disconnected')
    const punctual = watched([WAIT, DEAD]).m
    tick(punctual, 0)
    tick(punctual, 15_250, {}, 250)
    expect(punctual.state.serving?.heart?.lookAt).toBe(15_250)
  })

  it('is spared when something was heard meanwhile, and found dead anew after that', () => {
    const { m } = watched([WAIT, DEAD, WAIT, DEAD])
    tick(m, 0)
    tick(m, 15_000)
    tick(m, 0, { received: 1 })
    expect(m.state.serving?.heart).toMatchObject({ spared: false, lookAt: 30_000 })
    tick(m, 15_000)
    expect(m.state.serving?.heart?.spared).toBe(true)
    expect(m.disconnects).toEqual([])
  })

  it('leaves the rest to a handover that is under way', () => {
    const said: Beat[] = [{ type: 'wait', ms: 1_000 }]
    const m = machine({ overlaps: true, life: { pings: true, judge: () => said.shift() ?? DEAD } })
    m.start()
    m.open()
    m.on({ type: 'handover', purpose: 'replace' })
    m.pass(1_000)
    expect(m.state.serving).toBeNull()
    expect(m.state.dial).toMatchObject({ number: 2, purpose: 'recover' })
    expect(m.disconnects[0]).toMatchObject({ origin: 'heartbeat', next: { type: 'handover' } })
  })
})

describe('traffic', () => {
  const stirred = (m: Machine, facts: Partial<Vitals> = {}): void =>
    m.on({ type: 'stirred', number: 1, vitals: vitals(m, facts) })

  it('that begins is looked at within 3 s, and is regular with three messages in nine', () => {
    const { m, asked } = watched([{ type: 'wait', ms: 60_000 }])
    tick(m, 0)
    m.stall(9_000)
    stirred(m, { received: 3, messages: 3 })
    expect(m.state.serving?.heart).toMatchObject({ lookAt: 12_000, flowing: true, countedAt: 9_000, messages: 3 })
    tick(m, 3_000)
    expect(asked.at(-1)?.flowing).toBe(true)
    expect(m.state.serving?.heart?.flowing).toBe(false)
  })

  it('that is slower is counted from then on', () => {
    const { m, asked } = watched([{ type: 'wait', ms: 60_000 }])
    tick(m, 0)
    m.stall(9_001)
    stirred(m, { received: 3, messages: 3 })
    expect(m.state.serving?.heart).toMatchObject({ lookAt: 12_001, flowing: false, countedAt: 9_001, messages: 3 })
    tick(m, 3_000, { received: 5, messages: 5 })
    expect(asked.at(-1)?.flowing).toBe(false)
  })

  it('stays regular with one message in 3 s, and not with a pong', () => {
    const { m } = watched([{ type: 'wait', ms: 3_000 }])
    tick(m, 0)
    tick(m, 3_000, { received: 3, messages: 3 })
    expect(m.state.serving?.heart?.flowing).toBe(true)
    tick(m, 3_000, { received: 4, messages: 4 })
    expect(m.state.serving?.heart?.flowing).toBe(true)
    tick(m, 3_000, { received: 5, messages: 4 })
    expect(m.state.serving?.heart?.flowing).toBe(false)
  })

  it('changes nothing where it is looked at by then anyway, or where an answer is awaited', () => {
    const { m } = watched([
      { type: 'wait', ms: 3_000 },
      { type: 'ping', ms: 10_000 },
    ])
    tick(m, 0)
    const before = m.state
    stirred(m, { received: 3, messages: 3 })
    expect(m.state).toBe(before)
    tick(m, 3_000)
    m.stall(500)
    const asked = m.state
    stirred(m, { received: 3, messages: 3 })
    expect(m.state).toBe(asked)
  })

  it('brings forward a look that was not planned', () => {
    const { m } = watched([{ type: 'wait', ms: null }])
    tick(m, 0)
    m.stall(5_000)
    stirred(m)
    expect(m.state.serving?.heart?.lookAt).toBe(8_000)
  })

  it('of another connection, or of one that nobody watches, changes nothing', () => {
    const { m } = watched([WAIT])
    const before = m.state
    m.on({ type: 'stirred', number: 2 })
    m.on({ type: 'not-pinged', number: 2 })
    expect(m.state).toBe(before)
    const plain = unwatched()
    const plainly = plain.state
    plain.on({ type: 'stirred', number: 1 })
    plain.on({ type: 'not-pinged', number: 1 })
    expect(plain.state).toBe(plainly)
  })
})

describe('a ping that could not be made', () => {
  it('asked nothing: no answer is missing, and it is tried again in 15 s', () => {
    const { m, asked } = watched([WAIT, PING, WAIT])
    tick(m, 0)
    tick(m, 15_000)
    m.on({ type: 'not-pinged', number: 1 })
    expect(m.state.serving?.heart).toMatchObject({ askedAt: null, pings: 0, lookAt: 30_000 })
    tick(m, 15_000)
    expect(asked.at(-1)).toMatchObject({ askedMs: null, pings: 0 })
  })
})

describe('doubt', () => {
  it.each(['woke', 'visible', 'resumed', 'network-changed'] as const)('comes with %s: it is asked at once', signal => {
    const { m, asked } = watched([WAIT, PING])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal, vitals: vitals(m, { received: 7 }) })
    expect(m.effects).toEqual([{ type: 'ping', number: 1 }])
    expect(asked.at(-1)).toMatchObject({ sleptMs: 0, pings: 0, silentMs: 0 })
    // What was heard before is no answer.
    expect(m.state.serving?.heart).toMatchObject({ received: 7, sleptMs: 0, askedAt: 5_000, since: 5_000 })
  })

  it.each(['offline', 'hidden', 'frozen'] as const)('does not come with %s', signal => {
    const { m, asked } = watched([WAIT, PING])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal, vitals: vitals(m) })
    expect(asked).toHaveLength(1)
  })

  it('comes with coming back online, and not with being told again', () => {
    const { m, asked } = watched([WAIT, PING])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'online', vitals: vitals(m) })
    expect(asked).toHaveLength(1)
    m.on({ type: 'signal', signal: 'offline', vitals: vitals(m) })
    m.on({ type: 'signal', signal: 'online', vitals: vitals(m) })
    expect(asked).toHaveLength(2)
  })

  it('does not come within a second of something heard', () => {
    const { m, asked } = watched([WAIT, PING])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'visible', vitals: vitals(m, { heardAt: 4_001 }) })
    expect(asked).toHaveLength(1)
    m.on({ type: 'signal', signal: 'visible', vitals: vitals(m, { heardAt: 4_000 }) })
    expect(asked).toHaveLength(2)
  })

  it('does not come when something was heard after the sleep', () => {
    const { m, asked } = watched([WAIT, PING])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 60_000, vitals: vitals(m, { heardAt: 5_000 - 59_999 }) })
    expect(asked).toHaveLength(1)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 60_000, vitals: vitals(m, { heardAt: 5_000 - 60_000 }) })
    expect(asked).toHaveLength(2)
  })

  it('does not begin again while it lasts, unless the machine slept again', () => {
    const { m, asked } = watched([WAIT, PING])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 70_000, vitals: vitals(m, { heardAt: -1e6 }) })
    m.on({ type: 'signal', signal: 'visible', vitals: vitals(m, { heardAt: -1e6 }) })
    expect(asked).toHaveLength(2)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 6_000, vitals: vitals(m, { heardAt: -1e6 }) })
    expect(asked).toHaveLength(3)
    expect(m.state.serving?.heart?.sleptMs).toBe(70_000)
  })

  it('after a sleep ends with anything heard: what waited may go', () => {
    const { m } = watched([WAIT, PING, WAIT])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 70_000, vitals: vitals(m, { received: 2, heardAt: -1e6 }) })
    m.on({ type: 'stirred', number: 1, vitals: vitals(m, { received: 3 }) })
    expect(m.effects).toEqual([{ type: 'trust', number: 1 }])
    expect(m.state.serving?.heart).toMatchObject({ sleptMs: null, pings: 0 })
  })

  it('without a sleep keeps nothing waiting, so there is nothing to let go', () => {
    const { m } = watched([WAIT, PING, WAIT])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'visible', vitals: vitals(m) })
    m.on({ type: 'stirred', number: 1, vitals: vitals(m, { received: 1 }) })
    expect(m.effects).toEqual([])
    expect(m.state.serving?.heart?.sleptMs).toBeNull()
  })

  it('does not last where the heartbeat has nothing to ask: nobody else would say that it lives', () => {
    const { m } = watched([WAIT, WAIT])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 70_000, vitals: vitals(m, { heardAt: -1e6 }) })
    expect(m.effects).toEqual([{ type: 'trust', number: 1 }])
    expect(m.state.serving?.heart?.sleptMs).toBeNull()
  })

  it('lasts while its answer is awaited, whatever else the heartbeat wants: only a sign of life ends it', () => {
    const { m } = watched([WAIT, PING, WAIT])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 70_000, vitals: vitals(m, { heardAt: -1e6 }) })
    tick(m, 2_000)
    expect(m.effects).toEqual([])
    expect(m.state.serving?.heart?.sleptMs).toBe(70_000)
  })

  it('ends with a ping that could not be made: what waited may go', () => {
    const { m } = watched([WAIT, PING])
    tick(m, 0)
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 70_000, vitals: vitals(m, { heardAt: -1e6 }) })
    m.on({ type: 'not-pinged', number: 1, vitals: vitals(m) })
    expect(m.effects).toEqual([{ type: 'trust', number: 1 }])
    expect(m.state.serving?.heart?.sleptMs).toBeNull()
  })

  it('does not take a backlog that drains for life: the network takes it, dead or alive', () => {
    const { m } = watched([WAIT, PING])
    tick(m, 0, { buffered: 100_000 })
    m.stall(5_000)
    m.on({ type: 'signal', signal: 'woke', sleptMs: 70_000, vitals: vitals(m, { buffered: 100_000, heardAt: -1e6 }) })
    tick(m, 2_000, { buffered: 70_000 })
    expect(m.state.serving?.heart?.sleptMs).toBe(70_000)
  })
})

describe('a sleep of a minute or more where nobody asks', () => {
  const woke = (m: Machine, sleptMs: number): void =>
    m.on({ type: 'signal', signal: 'woke', sleptMs, vitals: vitals(m, { heardAt: m.now - sleptMs - 1_000 }) })

  it('makes the connection presumed dead, in a later task', () => {
    const m = unwatched()
    woke(m, 60_000)
    expect(m.state.serving?.heart).toMatchObject({ sleptMs: 60_000, spared: true, lookAt: 0 })
    expect(m.disconnects).toEqual([])
    tick(m, 0)
    expect(m.disconnects[0]).toMatchObject({ origin: 'heartbeat', code: 1006 })
  })

  it('does not when something is heard before that: nobody watches it then, as before', () => {
    const m = unwatched()
    woke(m, 60_000)
    tick(m, 0, { received: 1 })
    expect(m.effects).toEqual([{ type: 'trust', number: 1 }])
    expect(m.state.serving?.heart).toBeNull()
  })

  it('does not when it was shorter', () => {
    const m = unwatched()
    woke(m, 59_999)
    expect(m.state.serving?.heart).toBeNull()
  })

  it('does not where nothing is presumed', () => {
    const m = machine()
    m.start()
    m.open()
    woke(m, 8 * 3_600_000)
    expect(m.state.serving?.heart).toBeNull()
  })
})

describe('a cut', () => {
  /** The serving connection is cut after that long in silence, and the next one opens. */
  function cut(m: Machine, silentMs: number, openMs = silentMs): void {
    m.stall(openMs)
    const { connections: number } = m.state
    m.on({ type: 'ended', number, code: 1006, reason: '', wasClean: false, silentMs })
  }
  function again(m: Machine): void {
    m.passUntilDial()
    m.open()
  }
  const learnt = ({ effects }: Machine): unknown => effects.find(({ type }) => type === 'learnt')

  it('teaches with the second one at the same silence: half of it, from 10 s', () => {
    const { m, asked } = watched([WAIT])
    cut(m, 60_000)
    expect(learnt(m)).toBeUndefined()
    expect(m.state.lesson).toEqual({ silentMs: 60_000, at: 60_000, everyMs: null })
    again(m)
    cut(m, 54_000)
    expect(learnt(m)).toEqual({ type: 'learnt', silentMs: 54_000, everyMs: 27_000 })
    again(m)
    tick(m, 0)
    expect(asked.at(-1)?.learntMs).toBe(27_000)
    const short = watched([WAIT]).m
    cut(short, 12_000)
    again(short)
    cut(short, 12_000)
    expect(learnt(short)).toMatchObject({ everyMs: 10_000 })
  })

  it('teaches nothing at another silence, below 10 s, or by a server, a heartbeat or a sleep', () => {
    for (const [first, second] of [
      [60_000, 53_999],
      [60_000, 66_001],
      [9_999, 9_999],
    ] as const) {
      const { m } = watched([WAIT])
      cut(m, first)
      again(m)
      cut(m, second)
      expect(learnt(m)).toBeUndefined()
    }
    const { m } = watched([WAIT])
    m.stall(60_000)
    m.on({ type: 'ended', number: 1, code: 1000, reason: '', wasClean: true, silentMs: 60_000 })
    expect(m.state.lesson).toBeNull()
    const slept = watched([WAIT]).m
    slept.stall(60_000)
    slept.on({ type: 'signal', signal: 'woke', sleptMs: 70_000 })
    cut(slept, 60_000, 9_999)
    expect(slept.state.lesson).toBeNull()
  })

  it('is no longer than the connection was open', () => {
    const { m } = watched([WAIT])
    cut(m, 60_000, 20_000)
    expect(m.disconnects[0]).toMatchObject({ silentMs: 20_000, openMs: 20_000 })
  })

  it('is told of once, with no interval where nobody asks', () => {
    const m = unwatched()
    cut(m, 60_000)
    again(m)
    cut(m, 60_000)
    expect(learnt(m)).toEqual({ type: 'learnt', silentMs: 60_000, everyMs: null })
    again(m)
    cut(m, 60_000)
    expect(learnt(m)).toBeUndefined()
    expect(m.state.lesson?.everyMs).toBe(30_000)
    const listening = watched([WAIT], false).m
    cut(listening, 60_000)
    again(listening)
    cut(listening, 60_000)
    expect(learnt(listening)).toMatchObject({ everyMs: null })
  })

  it('at a longer silence unlearns nothing; at a shorter one it is the next lesson', () => {
    const { m } = watched([WAIT])
    for (const silentMs of [40_000, 40_000, 90_000]) {
      cut(m, silentMs)
      again(m)
    }
    expect(m.state.lesson).toMatchObject({ silentMs: 40_000, everyMs: 20_000 })
    cut(m, 24_000)
    expect(m.state.lesson).toMatchObject({ silentMs: 24_000, everyMs: 20_000 })
    again(m)
    cut(m, 24_000)
    expect(m.state.lesson).toMatchObject({ silentMs: 24_000, everyMs: 12_000 })
  })

  it('is forgotten after half an hour, and with the network', () => {
    const { m, asked } = watched([{ type: 'wait', ms: 50 }])
    cut(m, 40_000)
    again(m)
    cut(m, 40_000)
    const at = m.now
    again(m)
    tick(m, 0)
    expect(asked.at(-1)?.learntMs).toBe(20_000)
    tick(m, at + 1_800_000 - m.now)
    expect(asked.at(-1)?.learntMs).toBe(20_000)
    tick(m, 50)
    expect(asked.at(-1)?.learntMs).toBeNull()
    cut(m, 40_000)
    expect(learnt(m)).toBeUndefined()
    expect(m.state.lesson?.everyMs).toBeNull()
    m.signal('network-changed')
    expect(m.state.lesson).toBeNull()
  })
})
