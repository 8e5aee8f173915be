import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ResilientWebSocket, type TransitionRecord } from '../../src/index.ts'
import {
  accepts,
  closes,
  initialState,
  type Rules,
  randomWalk,
  refuses,
  replay,
  resets,
  scriptedPage,
  scriptedServer,
  seededChoices,
  sequence,
  virtualClock,
} from '../../src/testing/index.ts'

const rules: Rules = {
  transports: ['websocket'],
  authorizes: false,
  credentials: false,
  overlaps: false,
  rotates: true,
  maxAgeMs: Infinity,
  life: null,
  presumes: false,
  decide: () => undefined,
  backoff: () => 0,
  maxAttempts: Infinity,
  stableMs: 10_000,
  connectTimeoutMs: 10_000,
}

describe('a test of an app', () => {
  it('tells a whole outage in a few lines and no time', async () => {
    const clock = virtualClock({ rolls: [0.5] })
    const server = scriptedServer(sequence(accepts(), refuses(), accepts()), { clock })
    const socket = new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
    await clock.advance(0)
    server.latest.close(1012, 'deploy')
    await clock.advance(2_000 + 4_000)
    expect(socket.readyState).toBe(1)
    expect(server.dials.map(({ at }) => at)).toEqual([0, 2_000, 6_000])
  })

  it('tells the same story for the same seed, and another one for another', async () => {
    const tell = async (seed: number): Promise<readonly number[]> => {
      const clock = virtualClock({ seed })
      const server = scriptedServer(resets({ afterMs: 100 }), { clock })
      new ResilientWebSocket('wss://feed.example', [], { clock, WebSocket: server.WebSocket })
      await clock.advance(120_000)
      return server.dials.map(({ at }) => at)
    }
    expect(await tell(42)).toEqual(await tell(42))
    expect(await tell(42)).not.toEqual(await tell(43))
  })
})

describe('a test with fake timers and no clock', () => {
  beforeEach(() => {
    // After the import: everything is looked up when it is called.
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('drives socket and server together', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const server = scriptedServer(sequence(refuses(), closes({ afterMs: 1_000 }), accepts()))
    const socket = new ResilientWebSocket('wss://feed.example', [], { WebSocket: server.WebSocket })
    await vi.advanceTimersByTimeAsync(1_999)
    expect(server.dials).toHaveLength(1)
    // Fake timers take 1 ms for every task that a task makes.
    await vi.advanceTimersByTimeAsync(10)
    expect(socket.readyState).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000 + 4_000 + 10)
    expect(server.dials).toHaveLength(3)
    expect(socket.readyState).toBe(1)
    socket.close()
    await vi.advanceTimersByTimeAsync(10)
    expect(socket.readyState).toBe(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('reaches a dial that is more than 2^31-1 ms away, and not before', async () => {
    const days = 2 ** 31 + 5_000
    const server = scriptedServer(refuses())
    const socket = new ResilientWebSocket('wss://feed.example', [], {
      WebSocket: server.WebSocket,
      backoff: () => days,
    })
    await vi.advanceTimersByTimeAsync(days - 1_000)
    expect(server.dials).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(server.dials).toHaveLength(2)
    socket.close()
  })

  it('sees a machine that slept', async () => {
    const server = scriptedServer(refuses())
    const socket = new ResilientWebSocket('wss://feed.example', [], {
      WebSocket: server.WebSocket,
      backoff: () => 60_000,
    })
    const records: TransitionRecord[] = []
    socket.on('transition', record => records.push(record))
    await vi.advanceTimersByTimeAsync(1_000)
    vi.setSystemTime(Date.now() + 8 * 3_600_000)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(records.map(({ event }) => event)).toContainEqual({ type: 'signal', signal: 'woke', sleptMs: 28_800_000 })
    socket.close()
  })
})

describe('a trace', () => {
  it('of a socket goes through JSON and replays to the same states', async () => {
    const clock = virtualClock({ seed: 9 })
    const server = scriptedServer(sequence(refuses(), resets({ afterMs: 100 }), closes({ code: 1013 }), accepts()), {
      clock,
    })
    const page = scriptedPage()
    const records: TransitionRecord[] = []
    const socket = new ResilientWebSocket('wss://feed.example', [], {
      clock,
      WebSocket: server.WebSocket,
      pageSignals: page.signals,
      watch: record => records.push(record),
    })
    await clock.advance(5_000)
    page.say('offline')
    clock.sleep(3_600_000)
    await clock.advance(30_000)
    page.say('online')
    await clock.advance(120_000)
    socket.close(4000, 'end')
    await clock.advance(0)
    const saved: TransitionRecord[] = JSON.parse(JSON.stringify(records))
    const states = replay(rules, initialState(), saved)
    expect(states).toEqual(records.map(({ state }) => state))
    expect(states.at(-1)?.intent).toBe('closed')
    expect(records.length).toBeGreaterThan(15)
  })

  it('of a random walk replays too', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { rules, initial, steps } = randomWalk(seededChoices(seed, 100))
      expect(replay(rules, initial, steps)).toEqual(steps.map(({ state }) => state))
    }
  })
})
