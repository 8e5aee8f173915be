import { describe, expect, it } from 'vitest'
import { accepts, hangs, refuses, sequence } from '../../src/testing/index.ts'
import { expectNothingLeft, openStory, story } from './story.ts'

describe('reconnect()', () => {
  it('replaces an open connection, and there are never two', async () => {
    const { clock, server, socket, journal, closings } = await openStory()
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    await clock.advance(0)
    expect(journal).toEqual(['close 1006', 'open'])
    expect(closings[0]).toMatchObject({ willReconnect: true })
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'client', next: { type: 'retry', by: 'app' } })
    expect(server.dials).toHaveLength(2)
    expect(server.open).toHaveLength(1)
  })

  it('with the arguments of close() neither throws nor keeps two connections', async () => {
    const { clock, server, socket } = await openStory()
    const reconnect: (...args: unknown[]) => void = socket.reconnect.bind(socket)
    reconnect(1001, 'whatever')
    await clock.advance(0)
    expect(server.open).toHaveLength(1)
    expect(socket.readyState).toBe(1)
  })

  it('ends a wait', async () => {
    const { clock, server, socket, dialTimes } = story({ behaviour: refuses() })
    await clock.advance(500)
    server.behaviour = accepts()
    socket.reconnect()
    await clock.advance(0)
    expect(dialTimes()).toEqual([0, 500])
    expect(socket.readyState).toBe(1)
  })

  it('gives up a dial that was under way, and says so', async () => {
    const { clock, server, socket, journal } = story({ behaviour: sequence(hangs(), accepts()) })
    await clock.advance(500)
    socket.reconnect()
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
    expect(server.dials[1]?.unanswered).toBe(0)
  })

  it('begins a new life after close(), with the attempts forgotten', async () => {
    const { clock, server, socket, journal } = story({ behaviour: refuses() })
    await clock.advance(30_000)
    socket.close()
    await clock.advance(0)
    server.behaviour = accepts()
    journal.length = 0
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    expect(socket.status.attempt).toBe(0)
    await clock.advance(0)
    expect(journal).toEqual(['open'])
    socket.close()
    await clock.advance(0)
    expect(journal).toEqual(['open', 'close 1005, final'])
  })

  it('takes back a close() that has not ended yet', async () => {
    const { clock, socket, journal } = await openStory()
    socket.close()
    socket.reconnect()
    expect(socket.readyState).toBe(0)
    await clock.advance(60_000)
    expect(journal).toEqual(['close 1006', 'open'])
    expect(socket.readyState).toBe(1)
  })

  it('takes back a close() during backoff, and no close event comes of it', async () => {
    const { clock, server, socket, journal } = story({ behaviour: refuses() })
    await clock.advance(500)
    server.behaviour = accepts()
    socket.close()
    socket.reconnect()
    await clock.advance(60_000)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
  })

  it('sends what was sent right after it over the new connection', async () => {
    const { clock, server, socket } = await openStory()
    socket.reconnect()
    socket.send('x')
    expect(socket.bufferedAmount).toBe(1)
    await clock.advance(0)
    expect(server.connections.map(({ received }) => received)).toEqual([[], ['x']])
  })

  it('is used by `startClosed` to begin', async () => {
    const { clock, server, socket, journal, page } = story({ options: { startClosed: true } })
    await clock.advance(60_000)
    expect(socket.readyState).toBe(3)
    expect(server.dials).toEqual([])
    expect(page.listening).toBe(0)
    socket.reconnect()
    await clock.advance(0)
    expect(journal).toEqual(['open'])
    expect(page.listening).toBe(1)
  })

  it('can be called with nothing else left to do, a hundred lives long', async () => {
    const told = story()
    const { clock, socket, journal } = told
    for (let life = 0; life < 100; life++) {
      socket.reconnect()
      await clock.advance(20_000)
      socket.close()
      await clock.advance(20_000)
    }
    expect(journal.filter(entry => entry === 'close 1005, final')).toHaveLength(100)
    await expectNothingLeft(told)
  })
})

describe('retryNow()', () => {
  it('ends the wait', async () => {
    const { clock, socket, dialTimes } = story({ behaviour: refuses() })
    await clock.advance(500)
    socket.retryNow()
    expect(socket.status.nextRetryAt).toBe(clock.wall())
    await clock.advance(0)
    expect(dialTimes()).toEqual([0, 500])
  })

  it('keeps the attempts: it is no new life', async () => {
    const { clock, socket } = story({ behaviour: refuses() })
    await clock.advance(500)
    socket.retryNow()
    await clock.advance(0)
    expect(socket.status.attempt).toBe(2)
  })

  it('leaves an open connection alone', async () => {
    const { clock, server, socket, journal } = await openStory()
    socket.retryNow()
    await clock.advance(60_000)
    expect(journal).toEqual([])
    expect(server.dials).toHaveLength(1)
  })

  it('leaves a dial alone that was only just made', async () => {
    const { clock, server, socket, journal } = story({ behaviour: accepts({ afterMs: 900 }) })
    await clock.advance(800)
    socket.retryNow()
    await clock.advance(100)
    expect(journal).toEqual(['open'])
    expect(server.dials).toHaveLength(1)
  })

  it('gives up a dial that hangs', async () => {
    const { clock, socket, journal, server } = story({ behaviour: sequence(hangs(), accepts()) })
    await clock.advance(5_000)
    socket.retryNow()
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
    expect(server.dials[1]?.unanswered).toBe(0)
  })

  it('is reconnect() on a closed socket', async () => {
    const { clock, socket, journal } = story({ options: { startClosed: true } })
    socket.retryNow()
    await clock.advance(0)
    expect(journal).toEqual(['open'])
  })
})
