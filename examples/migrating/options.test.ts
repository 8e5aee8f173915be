import { accepts, closes, hangs, refuses, resets, sequence } from 'holdfast/testing'
import type { Options as PartyTheirs } from 'partysocket/ws'
import type { Options as Theirs } from 'reconnecting-websocket'
import { describe, expect, it, vi } from 'vitest'
import { party, reconnecting } from './migrant.ts'
import { fromPartySocket } from './partysocket.ts'
import { fromReconnectingWebSocket } from './reconnecting-websocket.ts'

const DELAYS = { minReconnectionDelay: 100, maxReconnectionDelay: 1_000, reconnectionDelayGrowFactor: 2 }

describe('the options of reconnecting-websocket', () => {
  it('are all taken as their own types have them', () => {
    const theirs: Required<Theirs> = {
      ...DELAYS,
      minUptime: 5_000,
      connectionTimeout: 4_000,
      maxRetries: 5,
      maxEnqueuedMessages: 9,
      startClosed: true,
      debug: true,
      WebSocket: class {},
    }
    const { backoff, watch, ...others } = fromReconnectingWebSocket(theirs)
    expect(others).toEqual({
      closePolicy: expect.anything(),
      stableMs: 5_000,
      connectTimeoutMs: 4_000,
      maxAttempts: 5,
      outbox: { maxMessages: 9, maxBytes: Infinity, overflow: 'drop-newest' },
      startClosed: true,
      WebSocket: theirs.WebSocket,
    })
    expect([typeof backoff, typeof watch]).toEqual(['function', 'function'])
  })

  it('leave to Holdfast what they do not say', () => {
    expect(Object.keys(fromReconnectingWebSocket({}))).toEqual(['closePolicy'])
    expect(Object.keys(fromReconnectingWebSocket({ debug: false, maxRetries: undefined }))).toEqual(['closePolicy'])
  })

  it('keep the delays they say, as far as the dial guard lets them', async () => {
    const { clock, server, waits } = reconnecting({ behaviour: refuses(), theirs: DELAYS })
    await clock.advance(20_000)
    expect(waits().slice(0, 5)).toEqual([100, 200, 400, 800, 1_000])
    // Six dials in 10 s: the seventh waits until the first is 10 s old, and half of the guard's spread of 0.5 s.
    expect(server.dials[6]?.at).toBe(10_250)
  })

  it('draw the first delay anew for each wait where only the others are said', async () => {
    const { clock, waits } = reconnecting({ behaviour: refuses(), theirs: { maxReconnectionDelay: 3_500 } })
    await clock.advance(9_000)
    // In the middle of 1 to 5 s, and then at the longest.
    expect(waits()).toEqual([3_000, 3_500])
  })

  it('go slow where the server asks for it', async () => {
    const { clock, waits } = reconnecting({ behaviour: closes({ code: 1013 }), theirs: DELAYS })
    await clock.advance(31_000)
    expect(waits()[0]).toBe(30_000)
  })

  it.each([0, 1, 5])('dial %i times more with `maxRetries` of that, and say that it is over', async maxRetries => {
    const { clock, server, socket, journal } = reconnecting({
      behaviour: refuses(),
      theirs: { maxRetries, maxReconnectionDelay: 200 },
    })
    const counts: number[] = []
    socket.onerror = () => counts.push(socket.retryCount)
    await clock.advance(60_000)
    expect(server.dials).toHaveLength(maxRetries + 1)
    expect(Math.max(...counts)).toBe(maxRetries)
    expect([journal.at(-1), socket.retryCount]).toEqual(['close 1006, final', maxRetries])
    server.behaviour = accepts()
    socket.reconnect()
    await clock.advance(10_000)
    expect(socket.readyState).toBe(socket.OPEN)
  })

  it('forget the retries after `minUptime`, and not before', async () => {
    const uptimes = [100, 200, 300, 400, 500]
    const [first, ...others] = uptimes.map(afterMs => closes({ afterMs, code: 4000 }))
    const { clock, socket, waits } = reconnecting({
      behaviour: sequence(first ?? accepts(), ...others, accepts()),
      theirs: { ...DELAYS, maxReconnectionDelay: 2_000, minUptime: 450 },
    })
    const counts: number[] = []
    socket.onclose = () => counts.push(socket.retryCount)
    await clock.advance(4_000)
    expect(counts).toEqual([1, 2, 3, 4, 1])
    expect(waits().map((wait, index) => wait - (uptimes[index] ?? 0))).toEqual([100, 200, 400, 800, 100])
  })

  it('give a dial up after `connectionTimeout`, by an error and a close that says why', async () => {
    const { clock, server, journal, closings } = reconnecting({
      behaviour: hangs(),
      theirs: { connectionTimeout: 500, minReconnectionDelay: 50, maxRetries: 1 },
    })
    await clock.advance(499)
    expect(journal).toEqual([])
    await clock.advance(1)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]?.disconnect.origin).toBe('dial-timeout')
    // The second one may take half as long again.
    await clock.advance(50 + 749)
    expect(closings).toHaveLength(1)
    await clock.advance(1)
    expect(journal).toEqual(['error', 'close 1006', 'error', 'close 1006, final'])
    expect(server.connections.map(({ state }) => state)).toEqual(['ended', 'ended'])
  })

  it('let a `connectionTimeout` of 0 be a short one, as it is there', async () => {
    const { clock, closings } = reconnecting({ behaviour: hangs(), theirs: { connectionTimeout: 0 } })
    await clock.advance(1)
    expect(closings[0]?.disconnect.origin).toBe('dial-timeout')
  })

  it('drop what is beyond `maxEnqueuedMessages`, and Holdfast tells how much', async () => {
    const { clock, server, socket } = reconnecting({ theirs: { maxEnqueuedMessages: 2 } })
    const dropped: number[] = []
    socket.on('discard', ({ messages }) => dropped.push(messages))
    for (const message of ['one', 'two', 'three']) socket.send(message)
    expect(socket.bufferedAmount).toBe(6)
    await clock.advance(0)
    expect(server.received).toEqual(['one', 'two'])
    expect(dropped).toEqual([1])
  })

  it('take more than Holdfast would with `maxEnqueuedMessages: Infinity`', async () => {
    const { clock, server, socket } = reconnecting({ theirs: { maxEnqueuedMessages: Infinity } })
    for (let count = 0; count < 1_001; count++) socket.send('x'.repeat(1_100))
    await clock.advance(0)
    expect(server.received).toHaveLength(1_001)
  })

  it('throw from `send()` at the bound of Holdfast where they set none', () => {
    const { socket } = reconnecting()
    for (let count = 0; count < 1_000; count++) socket.send('x')
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ code: 'ERR_OUTBOX_FULL' }))
  })

  it('print every dial and every lifecycle line with `debug`, and nothing without', async () => {
    const print = vi.spyOn(console, 'log').mockReturnValue(undefined)
    try {
      const quiet = reconnecting({ behaviour: refuses(), theirs: { maxRetries: 0 } })
      await quiet.clock.advance(0)
      expect(print).not.toHaveBeenCalled()
      const loud = reconnecting({ behaviour: refuses(), theirs: { maxRetries: 0, debug: true } })
      expect(print).toHaveBeenCalledWith('RWS>', 'connect', 0)
      await loud.clock.advance(0)
      expect(print).toHaveBeenLastCalledWith('RWS>', 'holdfast', expect.stringContaining('1006'))
    } finally {
      print.mockRestore()
    }
  })

  it('retry after every code, as it does', async () => {
    const codes = [...Array(15).keys(), ...[0, 3, 8].map(code => code + 2_000)].map(code => code + 1_000)
    for (const code of [...codes, 4000, 4401, 4403].filter(code => ![1004, 1005, 1006].includes(code))) {
      const { clock, server, closings } = reconnecting({ behaviour: closes({ code }) })
      await clock.advance(200_000)
      expect(server.dials.length, `after ${code}`).toBeGreaterThan(2)
      expect(closings.every(({ willReconnect }) => willReconnect)).toBe(true)
    }
  })

  it('stand behind those of Holdfast, so that the second step can be made option by option', async () => {
    const { clock, server, journal } = reconnecting({
      behaviour: closes({ code: 4401 }),
      theirs: DELAYS,
      ours: { closePolicy: { 4401: 'stop' } },
    })
    await clock.advance(60_000)
    expect(server.dials).toHaveLength(1)
    expect(journal).toEqual(['open', 'close 4401, final'])
  })
})

describe('the options of partysocket', () => {
  it('are all taken as their own types have them', () => {
    const theirs: Required<PartyTheirs> = {
      ...DELAYS,
      minUptime: 5_000,
      connectionTimeout: 4_000,
      maxRetries: 5,
      maxEnqueuedMessages: 9,
      startClosed: true,
      debug: true,
      WebSocket: class {},
      debugLogger: () => {},
      shouldReconnectOnClose: () => true,
    }
    const { closePolicy, watch, backoff, ...others } = fromPartySocket(theirs)
    expect(others).toEqual({
      stableMs: 5_000,
      connectTimeoutMs: 4_000,
      maxAttempts: 5,
      outbox: { maxMessages: 9, maxBytes: Infinity, overflow: 'drop-newest' },
      startClosed: true,
      WebSocket: theirs.WebSocket,
    })
    expect([typeof closePolicy, typeof watch, typeof backoff]).toEqual(['function', 'function', 'function'])
  })

  it('begin with its 3 s where only the longest delay is said', async () => {
    const { clock, waits } = party({ behaviour: refuses(), theirs: { maxReconnectionDelay: 5_000 } })
    await clock.advance(20_000)
    expect(waits().slice(0, 3)).toEqual([3_000, 3_900, 5_000])
  })

  it('ask `shouldReconnectOnClose` with an event, and do as it says', async () => {
    const asked: unknown[] = []
    const { clock, server, socket, journal } = party({
      behaviour: sequence(closes({ code: 1008, reason: 'again' }), resets(), closes({ code: 4001, reason: 'enough' })),
      theirs: {
        ...DELAYS,
        shouldReconnectOnClose(event) {
          asked.push([event.type, event.code, event.reason, event.wasClean])
          return event.code !== 4001
        },
      },
    })
    expect(socket.shouldReconnect).toBe(true)
    await clock.advance(60_000)
    expect(asked).toEqual([
      ['close', 1008, 'again', true],
      ['close', 1006, '', false],
      ['close', 4001, 'enough', true],
    ])
    expect(server.dials).toHaveLength(3)
    expect(journal.at(-1)).toBe('close 4001, final')
    expect(socket.shouldReconnect).toBe(false)
    socket.reconnect()
    expect(socket.shouldReconnect).toBe(true)
  })

  it('print with `debugLogger` where `debug` is on', async () => {
    const lines: (readonly unknown[])[] = []
    const debugLogger = (...line: readonly unknown[]): void => {
      lines.push(line)
    }
    await party({ theirs: { debugLogger } }).clock.advance(0)
    expect(lines).toEqual([])
    await party({ theirs: { debug: true, debugLogger } }).clock.advance(0)
    expect(lines[0]).toEqual(['RWS>', 'connect', 0])
  })
})
