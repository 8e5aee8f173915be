import { describe, expect, it } from 'vitest'
import { type Heartbeat, type Pulse, ping } from '../../src/index.ts'
import { accepts, answers, goesSilent } from '../../src/testing/index.ts'
import { openStory, story } from './story.ts'

describe("an app's own heartbeat", () => {
  it('is asked about the connection, and done as it says', async () => {
    const asked: Pulse[] = []
    const heartbeat: Heartbeat = {
      message: () => '{"type":"ping"}',
      isPong: ({ data }) => data === '{"type":"pong"}',
      judge(pulse) {
        asked.push(pulse)
        if (pulse.pings >= 3) return { type: 'dead' }
        return pulse.silentMs >= 4_000 ? { type: 'ping', ms: 1_000 } : { type: 'wait', ms: 4_000 - pulse.silentMs }
      },
    }
    const { clock, server, closings } = await openStory({ behaviour: accepts(), options: { heartbeat } })
    await clock.advance(6_999)
    expect(server.received).toEqual(Array(3).fill('{"type":"ping"}'))
    expect(closings).toEqual([])
    await clock.advance(1)
    expect(closings[0]?.disconnect.origin).toBe('heartbeat')
    expect(asked[0]).toEqual({
      openMs: 0,
      silentMs: 0,
      askedMs: null,
      pings: 0,
      roundTripMs: null,
      flowing: false,
      awaitedMs: null,
      sleptMs: null,
      learntMs: null,
      lateMs: 0,
    })
    expect(asked.at(-1)).toMatchObject({ openMs: 7_000, silentMs: 7_000, askedMs: 3_000, pings: 3 })
  })

  it('that throws is reported, and asked again 15 s later; the connection stays', async () => {
    const heartbeat: Heartbeat = {
      judge() {
        throw new Error('a bug')
      },
    }
    const { clock, problems, journal } = await openStory({ options: { heartbeat } })
    await clock.advance(44_000)
    expect(problems.map(({ code }) => code)).toEqual(['ERR_POLICY', 'ERR_POLICY', 'ERR_POLICY'])
    expect(journal).toEqual([])
  })

  it.each([
    undefined,
    null,
    5,
    {},
    { type: 'kill' },
    { type: 'wait' },
    { type: 'wait', ms: Number.NaN },
    { type: 'wait', ms: -1 },
    { type: 'ping', ms: null },
    { type: 'ping', ms: Infinity },
  ])('that answers %o is reported, and does no harm', async answer => {
    const heartbeat = { judge: () => answer, message: () => 'ping' } as unknown as Heartbeat
    const { clock, problems, journal, server } = await openStory({ behaviour: goesSilent(), options: { heartbeat } })
    await clock.advance(30_500)
    const wait = JSON.stringify(answer) === '{"type":"wait"}'
    expect(problems.length).toBe(wait ? 0 : 3)
    expect(journal).toEqual([])
    expect(server.received).toEqual([])
  })

  it('that wants a ping and has nothing to send is reported, and nothing is expected', async () => {
    const heartbeat: Heartbeat = { judge: () => ({ type: 'ping', ms: 1_000 }) }
    const { clock, problems, journal } = await openStory({ options: { heartbeat } })
    await clock.advance(44_000)
    expect(problems).toHaveLength(3)
    expect(journal).toEqual([])
  })

  it('that asks nothing after a sleep holds nothing back', async () => {
    const heartbeat: Heartbeat = { judge: () => ({ type: 'wait', ms: null }) }
    const { clock, socket, server } = await openStory({ options: { heartbeat } })
    clock.sleep(8 * 3_600_000)
    socket.send('order')
    await clock.advance(0)
    expect(server.received).toEqual(['order'])
  })

  it('that cannot make its ping after a sleep holds nothing back', async () => {
    const heartbeat = ping({
      message() {
        throw new Error('a bug')
      },
    })
    const { clock, socket, server } = await openStory({ options: { heartbeat } })
    await clock.advance(5_000)
    clock.sleep(8 * 3_600_000)
    socket.send('order')
    await clock.advance(0)
    expect(server.received).toEqual(['order'])
  })

  it('that never wants to wait does not spin', async () => {
    let asked = 0
    const heartbeat: Heartbeat = {
      judge() {
        asked++
        return { type: 'wait', ms: 0 }
      },
    }
    const { clock } = await openStory({ options: { heartbeat } })
    await clock.advance(10_000)
    expect(asked).toBeLessThanOrEqual(201)
  })

  it('that finds everything dead does not storm: the dial guard and the backoff hold', async () => {
    const { clock, dialTimes } = story({ options: { heartbeat: { judge: () => ({ type: 'dead' }) } } })
    await clock.advance(600_000)
    expect(dialTimes().length).toBeLessThan(95)
  })
})

describe('a ping that cannot be made', () => {
  it('is reported, and a live connection is not killed for it', async () => {
    const heartbeat = ping({
      message() {
        throw new Error('a bug')
      },
    })
    const { clock, problems, journal } = await openStory({ options: { heartbeat } })
    await clock.advance(120_000)
    expect(problems.length).toBeGreaterThan(2)
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['ERR_POLICY']))
    expect(journal).toEqual([])
  })

  it('for want of a test that works lets the answer through as a message', async () => {
    const heartbeat = ping({
      pong() {
        throw new Error('a bug')
      },
    })
    const { clock, problems, journal } = await openStory({ behaviour: answers(), options: { heartbeat } })
    await clock.advance(16_000)
    expect(journal).toEqual(['message pong'])
    expect(problems.map(({ code }) => code)).toEqual(['ERR_POLICY'])
  })
})
