import { describe, expect, it } from 'vitest'
import { accepts, closes, goesSilent, hangs, refuses, sequence } from '../../src/testing/index.ts'
import { expectNothingLeft, openStory, story } from './story.ts'

describe('close() while the first dial is under way', () => {
  it('goes the way of the platform: CLOSING at once, then error, then 1006 not clean', async () => {
    const { clock, socket, journal, closings } = story({ behaviour: hangs() })
    await clock.advance(100)
    socket.close(1000, 'bye')
    expect(socket.readyState).toBe(2)
    expect(journal).toEqual([])
    await clock.advance(0)
    expect(socket.readyState).toBe(3)
    expect(journal).toEqual(['error', 'close 1006, final'])
    expect(closings[0]).toMatchObject({ reason: '', wasClean: false, retryInMs: null })
  })

  it('before anything else could happen never opens the socket', async () => {
    const { clock, server, socket, journal } = story()
    socket.close()
    await clock.advance(60_000)
    expect(journal).toEqual(['error', 'close 1006, final'])
    expect(server.dials).toHaveLength(1)
  })

  it('does the same on a later dial', async () => {
    const { clock, socket, journal } = story({ behaviour: sequence(refuses(), hangs()) })
    await clock.advance(2_500)
    socket.close()
    expect(socket.readyState).toBe(2)
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006', 'error', 'close 1006, final'])
  })
})

describe('close() on an open connection', () => {
  it('fires nothing inside close(), is CLOSING until the server has answered, and reports what it answered', async () => {
    const { clock, server, socket, journal, closings } = await openStory()
    socket.close(4001, 'done')
    expect(journal).toEqual([])
    expect(socket.readyState).toBe(2)
    await clock.advance(0)
    expect(server.latest.closedByClient).toEqual({ code: 4001, reason: 'done' })
    expect(journal).toEqual(['close 4001, final'])
    expect(closings[0]).toMatchObject({ code: 4001, reason: 'done', wasClean: true, willReconnect: false })
    expect(socket.readyState).toBe(3)
  })

  it('sends no code when none was given, and never invents 1000', async () => {
    const { clock, server, socket, journal } = await openStory()
    socket.close()
    await clock.advance(0)
    expect(server.latest.closedByClient).toEqual({ code: 1005, reason: '' })
    expect(journal).toEqual(['close 1005, final'])
  })

  it('of a silent server is CLOSING for as long as the platform waits, and then 1006 not clean', async () => {
    const { clock, socket, journal } = await openStory({ behaviour: goesSilent() })
    await clock.advance(1)
    socket.close()
    await clock.advance(59_999)
    expect(socket.readyState).toBe(2)
    await clock.advance(1)
    expect(journal).toEqual(['close 1006, final'])
  })

  it('delivers no message that arrives afterwards', async () => {
    const { clock, server, socket, journal } = await openStory()
    server.latest.send('on its way')
    socket.close()
    await clock.advance(0)
    expect(journal).toEqual(['close 1005, final'])
  })

  it('called twice changes nothing the second time', async () => {
    const { clock, socket, journal } = await openStory()
    socket.close(4001)
    socket.close(4002)
    await clock.advance(0)
    socket.close(4003)
    await clock.advance(60_000)
    expect(journal).toEqual(['close 4001, final'])
  })

  it('that crosses the close of the server ends once', async () => {
    const { clock, server, socket, journal } = await openStory()
    server.latest.close(4100)
    socket.close(4001)
    await clock.advance(60_000)
    expect(journal).toEqual(['close 4100, final'])
    expect(server.dials).toHaveLength(1)
  })
})

describe('close() between connections', () => {
  it('fires one more close event in a later task: 1006, not clean, no error', async () => {
    const { clock, socket, journal, closings, server } = await openStory()
    server.latest.reset()
    await clock.advance(100)
    socket.close(4001, 'not sent to anybody')
    expect(journal).toEqual(['close 1006'])
    expect(socket.readyState).toBe(2)
    await clock.advance(0)
    expect(journal).toEqual(['close 1006', 'close 1006, final'])
    expect(closings[1]).toMatchObject({ reason: '', wasClean: false, willReconnect: false, retryInMs: null })
    expect(closings[1]?.disconnect).toMatchObject({
      connection: null,
      origin: 'client',
      next: { type: 'stop', by: 'app' },
    })
    expect(socket.readyState).toBe(3)
  })

  it('inside a close listener whose willReconnect is true does the same', async () => {
    const { clock, server, socket, journal } = await openStory()
    socket.onclose = event => {
      if ('willReconnect' in event && event.willReconnect) socket.close()
    }
    server.latest.close(4000)
    await clock.advance(60_000)
    expect(journal).toEqual(['close 4000', 'close 1006, final'])
    expect(server.dials).toHaveLength(1)
  })

  it('inside the error listener of a failed dial ends it there', async () => {
    const { clock, server, socket, journal } = story({ behaviour: refuses() })
    socket.onerror = () => socket.close()
    await clock.advance(60_000)
    expect(journal).toEqual(['error', 'close 1006, final'])
    expect(server.dials).toHaveLength(1)
  })

  it('while a provider is asked fires error and close 1006 in a later task', async () => {
    const { clock, server, socket, journal } = story({ url: () => new Promise<string>(() => {}) })
    await clock.advance(100)
    socket.close()
    expect(journal).toEqual([])
    expect(socket.readyState).toBe(2)
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006, final'])
    expect(server.dials).toHaveLength(0)
  })
})

describe('the arguments of close()', () => {
  it.each([1001, 1005, 1006, 2999, 5000, 0, -1, Number.NaN])('of code %s throw before anything changes', async code => {
    const { clock, server, socket, journal } = await openStory()
    expect(() => socket.close(code)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(socket.readyState).toBe(1)
    server.latest.send('listeners are still there')
    await clock.advance(0)
    server.latest.reset()
    await clock.advance(2_000)
    expect(journal).toEqual(['message listeners are still there', 'close 1006', 'open'])
  })

  it('throw a SyntaxError for a reason over 123 bytes of UTF-8, before anything changes', async () => {
    const { socket } = await openStory()
    expect(() => socket.close(1000, '€'.repeat(42))).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    expect(socket.readyState).toBe(1)
    socket.close(1000, '€'.repeat(41))
    expect(socket.readyState).toBe(2)
  })
})

describe('after close()', () => {
  it('nothing is dialled, whatever the page, the network and the old connection still say', async () => {
    const told = await openStory({ behaviour: goesSilent() })
    const { clock, server, page, socket, journal } = told
    socket.close()
    for (const signal of ['offline', 'online', 'visible', 'woke', 'resumed', 'network-changed'] as const)
      page.say(signal)
    await clock.advance(100)
    server.latest.reset()
    await clock.advance(600_000)
    expect(journal).toEqual(['close 1006, final'])
    expect(server.dials).toHaveLength(1)
    await expectNothingLeft(told)
  })

  it('a wait that was almost over dials nothing', async () => {
    const { clock, server, socket } = story({ behaviour: refuses() })
    await clock.advance(1_999)
    socket.close()
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(1)
  })

  it('the outbox is empty, and a discard event has said what went', async () => {
    const { clock, socket, discards } = story({ behaviour: hangs() })
    await clock.advance(0)
    socket.send('one')
    socket.send('€€')
    socket.close()
    expect(discards).toEqual([{ messages: 2, bytes: 9, why: 'closed' }])
    expect(socket.bufferedAmount).toBe(0)
    await clock.advance(0)
    expect(socket.status.queued).toEqual({ messages: 0, bytes: 0 })
    await clock.advance(60_000)
    expect(discards).toHaveLength(1)
  })

  it('no discard event comes when nothing was queued', async () => {
    const { clock, socket, discards } = await openStory()
    socket.close()
    await clock.advance(60_000)
    expect(discards).toEqual([])
  })

  it('send() discards as the platform does, and counts the bytes', async () => {
    const { clock, server, socket } = await openStory()
    socket.close()
    socket.send('€€')
    expect(socket.bufferedAmount).toBe(6)
    await clock.advance(0)
    socket.send('x')
    expect(socket.bufferedAmount).toBe(7)
    expect(server.received).toEqual([])
  })

  it.each([
    ['while the first dial hangs', hangs(), 100],
    ['on an open connection', accepts(), 100],
    ['during backoff', refuses(), 100],
    ['after many losses', closes({ afterMs: 30 }), 100_000],
    ['on a silent connection', goesSilent(), 100],
    ['in the task of the constructor', accepts(), 0],
  ])('%s no timer, no listener and no connection is left', async (_, behaviour, afterMs) => {
    const told = story({ behaviour })
    if (afterMs) await told.clock.advance(afterMs)
    await expectNothingLeft(told)
  })
})
