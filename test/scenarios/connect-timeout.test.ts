import { describe, expect, it } from 'vitest'
import { accepts, hangs, sequence } from '../../src/testing/index.ts'
import { gaps, story } from './story.ts'

describe('a dial that nobody answers', () => {
  it('is given up after 10 s, and reported as what it is', async () => {
    const { clock, journal, closings } = story({ behaviour: hangs() })
    await clock.advance(9_999)
    expect(journal).toEqual([])
    await clock.advance(1)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]).toMatchObject({
      code: 1006,
      reason: '',
      wasClean: false,
      willReconnect: true,
      retryInMs: 2_000,
    })
    expect(closings[0]?.disconnect.origin).toBe('dial-timeout')
  })

  it('is closed before the next one is made: a browser holds a second handshake until the first is done', async () => {
    const { clock, server } = story({ behaviour: hangs() })
    await clock.advance(600_000)
    expect(server.dials.length).toBeGreaterThan(5)
    expect(server.dials.map(({ unanswered }) => unanswered)).toEqual(server.dials.map(() => 0))
  })

  it('gets half as long again with every failed attempt, up to 65 s', async () => {
    const { clock, dialTimes } = story({ behaviour: hangs(), options: { backoff: () => 0 } })
    await clock.advance(320_000)
    expect(gaps(dialTimes())).toEqual([10_000, 15_000, 22_500, 33_750, 50_625, 65_000, 65_000])
  })

  it('is given up at the `connectTimeoutMs` of the app', async () => {
    const { clock, journal } = story({ behaviour: hangs(), options: { connectTimeoutMs: 500 } })
    await clock.advance(500)
    expect(journal).toEqual(['error', 'close 1006'])
  })

  it('is never given less than an app asks for, even above 65 s', async () => {
    const { clock, dialTimes } = story({
      behaviour: hangs(),
      options: { connectTimeoutMs: 120_000, backoff: () => 0 },
    })
    await clock.advance(360_000)
    expect(gaps(dialTimes())).toEqual([120_000, 120_000, 120_000])
  })

  it('is waited for as long as the platform does with `reconnect: false`', async () => {
    const { clock, socket, journal } = story({ behaviour: hangs(), options: { reconnect: false } })
    await clock.advance(3_600_000)
    expect(journal).toEqual([])
    expect(socket.readyState).toBe(0)
    expect(clock.timers).toBe(0)
  })
})

describe('a late answer', () => {
  it('in the last millisecond before the timeout opens the socket', async () => {
    const { clock, journal, dialTimes } = story({ behaviour: accepts({ afterMs: 9_999 }) })
    await clock.advance(60_000)
    expect(journal).toEqual(['open'])
    expect(dialTimes()).toEqual([0])
  })

  it('to a dial that was given up changes nothing', async () => {
    const { clock, server, journal } = story({ behaviour: sequence(hangs(), accepts({ afterMs: 500 })) })
    await clock.advance(12_600)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
    expect(server.connections[0]?.state).toBe('ended')
    expect(server.open).toHaveLength(1)
  })

  it('does not make the timer of dial 1 fire on dial 2', async () => {
    const { clock, socket, journal } = story({
      behaviour: sequence(hangs(), accepts()),
      options: { backoff: () => 60_000 },
    })
    await clock.advance(9_000)
    socket.reconnect()
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
    await clock.advance(60_000)
    expect(journal).toHaveLength(3)
    expect(socket.readyState).toBe(1)
  })

  it('does not make the timer of a dial fire on the connection it became', async () => {
    const { clock, journal } = story({ behaviour: accepts({ afterMs: 9_000 }) })
    await clock.advance(100_000)
    expect(journal).toEqual(['open'])
  })
})
