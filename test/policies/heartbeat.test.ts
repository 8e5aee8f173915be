import { describe, expect, it } from 'vitest'
import { type Beat, expect as listen, type Pulse, ping } from '../../src/index.ts'

/** A connection that is well: open for a minute, heard just now. */
const WELL: Pulse = {
  openMs: 60_000,
  silentMs: 0,
  askedMs: null,
  pings: 0,
  roundTripMs: 40,
  flowing: false,
  awaitedMs: null,
  sleptMs: null,
  learntMs: null,
  lateMs: 0,
}

const asked = (facts: Partial<Pulse>, options?: Parameters<typeof ping>[0]): Beat =>
  ping(options).judge({ ...WELL, ...facts })
const listened = (facts: Partial<Pulse>): Beat => listen({ everyMs: 20_000 }).judge({ ...WELL, ...facts })
const wait = (ms: number | null): Beat => ({ type: 'wait', ms })

describe('ping()', () => {
  it('waits for 15 s of silence, and then asks', () => {
    expect(asked({})).toEqual(wait(15_000))
    expect(asked({ silentMs: 14_000 })).toEqual(wait(1_000))
    expect(asked({ silentMs: 15_000 })).toMatchObject({ type: 'ping' })
  })

  it('asks as often as the app wants', () => {
    expect(asked({ silentMs: 1_000 }, { everyMs: 30_000 })).toEqual(wait(29_000))
    expect(asked({ silentMs: 30_000 }, { everyMs: 30_000 })).toMatchObject({ type: 'ping' })
  })

  it('asks only with a reason to when the app says never', () => {
    expect(asked({ silentMs: 1e9 }, { everyMs: Infinity })).toEqual(wait(null))
    expect(asked({ silentMs: 1e9, sleptMs: 0 }, { everyMs: Infinity })).toMatchObject({ type: 'ping' })
  })

  it('asks again after two round trips, from 1 s to 2.5 s', () => {
    expect(asked({ silentMs: 15_000, roundTripMs: 40 })).toEqual({ type: 'ping', ms: 1_000 })
    expect(asked({ silentMs: 15_000, roundTripMs: 700 })).toEqual({ type: 'ping', ms: 1_400 })
    expect(asked({ silentMs: 15_000, roundTripMs: 9_000 })).toEqual({ type: 'ping', ms: 2_500 })
    expect(asked({ silentMs: 15_000, roundTripMs: null })).toEqual({ type: 'ping', ms: 2_500 })
    expect(asked({ askedMs: 1_000, pings: 1 })).toEqual({ type: 'ping', ms: 4_000 })
    expect(asked({ askedMs: 400, pings: 1 })).toEqual(wait(600))
  })

  it('asks twice at most, and gives up 5 s after the first time', () => {
    expect(asked({ askedMs: 1_500, pings: 2 })).toEqual(wait(3_500))
    expect(asked({ askedMs: 4_999, pings: 2 })).toEqual(wait(1))
    expect(asked({ askedMs: 5_000, pings: 2 })).toEqual({ type: 'dead' })
    expect(asked({ askedMs: 5_000, pings: 1 })).toEqual({ type: 'dead' })
  })

  it('asks after 3 s where regular traffic stopped', () => {
    expect(asked({ flowing: true, silentMs: 1_000 })).toEqual(wait(2_000))
    expect(asked({ flowing: true, silentMs: 3_000 })).toMatchObject({ type: 'ping' })
  })

  it('asks after 3 s where the app awaits an answer and nothing has come since', () => {
    expect(asked({ awaitedMs: 1_000, silentMs: 1_000 })).toEqual(wait(2_000))
    expect(asked({ awaitedMs: 3_000, silentMs: 8_000 })).toMatchObject({ type: 'ping' })
    expect(asked({ awaitedMs: 3_000, silentMs: 500 })).toEqual(wait(14_500))
  })

  it('asks at once when the connection may not have survived, and gives up after 4 s', () => {
    expect(asked({ sleptMs: 0 })).toEqual({ type: 'ping', ms: 1_000 })
    expect(asked({ sleptMs: 28_800_000, roundTripMs: null })).toEqual({ type: 'ping', ms: 2_000 })
    expect(asked({ sleptMs: 0, askedMs: 3_999, pings: 2 })).toEqual(wait(1))
    expect(asked({ sleptMs: 0, askedMs: 4_000, pings: 2 })).toEqual({ type: 'dead' })
  })

  it('asks more often where it learnt that it should, and never less often', () => {
    expect(asked({ learntMs: 10_000 }, { everyMs: 30_000 })).toEqual(wait(10_000))
    expect(asked({ learntMs: 30_000 })).toEqual(wait(15_000))
  })

  it('asks now rather than at the next timer where timers fire once a minute', () => {
    expect(asked({ silentMs: 2_000, lateMs: 40_000 })).toMatchObject({ type: 'ping' })
    expect(asked({ silentMs: 2_000, lateMs: 900 })).toEqual(wait(13_000))
  })

  it('sends ping and knows pong, unless the app says otherwise', () => {
    const event = (data: unknown): MessageEvent => new MessageEvent('message', { data })
    const standard = ping()
    expect(standard.message?.()).toBe('ping')
    expect(standard.isPong?.(event('pong'))).toBe(true)
    expect(standard.isPong?.(event('"pong"'))).toBe(false)
    const bytes = new Uint8Array([9])
    const own = ping({ message: bytes, pong: ({ data }) => data === 10 })
    expect(own.message?.()).toBe(bytes)
    expect(own.isPong?.(event(10))).toBe(true)
    let count = 0
    const made = ping({ message: () => `ping ${++count}`, pong: 'alive' })
    expect([made.message?.(), made.message?.()]).toEqual(['ping 1', 'ping 2'])
    expect(made.isPong?.(event('alive'))).toBe(true)
  })

  it.each([{ everyMs: 999 }, { everyMs: Number.NaN }, { everyMs: '15000' }, { everyMs: null }, { everyMs: -1 }])(
    'refuses %o, and says what it wants',
    options => {
      const given = options as { everyMs: number }
      expect(() => ping(given)).toThrow(/`heartbeat.everyMs` to be a number from 1000/)
      expect(() => listen(given)).toThrow(/`heartbeat.everyMs` to be a number from 1000/)
    },
  )

  it('refuses a pong that is neither text nor a function', () => {
    expect(() => ping({ pong: /pong/ as unknown as string })).toThrow(/`heartbeat.pong` to be a string or a function/)
  })

  it('does not ignore an option that is misspelt', () => {
    const misspelt = { interval: 5_000, everyMs: 5_000 }
    expect(() => ping(misspelt)).toThrow(/^Expected `heartbeat.interval` to be absent: no such option, got 5000/)
    expect(() => listen(misspelt)).toThrow(/`heartbeat.interval`/)
  })
})

describe('expect()', () => {
  it('waits as long as the server may be silent, and 5 s', () => {
    expect(listened({})).toEqual(wait(25_000))
    expect(listened({ silentMs: 24_999 })).toEqual(wait(1))
    expect(listened({ silentMs: 25_000 })).toEqual({ type: 'dead' })
  })

  it('presumes dead what slept for a minute, because it cannot ask', () => {
    expect(listened({ sleptMs: 59_999 })).toEqual(wait(25_000))
    expect(listened({ sleptMs: 60_000 })).toEqual({ type: 'dead' })
  })

  it('sends nothing', () => {
    expect(listen({ everyMs: 5_000 }).message).toBeUndefined()
  })

  it('refuses to listen for ever', () => {
    expect(() => listen({ everyMs: Infinity })).toThrow(/everyMs/)
    expect(() => listen(undefined as unknown as { everyMs: number })).toThrow()
  })
})
