import { describe, expect, it } from 'vitest'
import { accepts, hangs, refuses, resets } from '../../src/testing/index.ts'
import { openStory, story } from './story.ts'

describe('an outage', () => {
  it('at the very first dial is not final', async () => {
    const { clock, server, journal } = story({ behaviour: refuses() })
    await clock.advance(20_000)
    server.behaviour = accepts()
    await clock.advance(15_000)
    expect(journal.at(-1)).toBe('open')
    expect(new Set(journal.slice(0, -1))).toEqual(new Set(['error', 'close 1006']))
  })

  it('shows the real code, reason and wasClean of every loss', async () => {
    const { clock, server, closings } = await openStory()
    server.latest.close(4123, 'deploy of the day')
    await clock.advance(2_000)
    server.latest.reset()
    await clock.advance(0)
    expect(closings[0]).toMatchObject({ code: 4123, reason: 'deploy of the day', wasClean: true, willReconnect: true })
    expect(closings[1]).toMatchObject({ code: 1006, reason: '', wasClean: false, willReconnect: true })
    expect(closings[0]?.disconnect).toMatchObject({
      origin: 'server',
      connection: 1,
      transport: 'websocket',
      openMs: 0,
    })
    expect(closings[1]?.disconnect).toMatchObject({ origin: 'network', connection: 2, attempt: 1 })
  })

  it('sends no error event when an open connection is dropped, or closed by the server', async () => {
    const { clock, server, journal } = await openStory()
    server.latest.reset()
    await clock.advance(2_000)
    server.latest.close(1001)
    await clock.advance(0)
    expect(journal).toEqual(['close 1006', 'open', 'close 1001'])
  })

  it('sends the error event before close when the browser fails a connection, and names it', async () => {
    const { clock, server, journal, closings } = await openStory()
    server.latest.breakProtocol()
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]?.disconnect.origin).toBe('browser-failed')
  })

  it('is `reconnecting`, and after 60 s `degraded` and limited, until a connection is there', async () => {
    const { clock, server, socket, statuses } = await openStory()
    server.behaviour = refuses()
    server.latest.reset()
    await clock.advance(59_999)
    expect(socket.status).toMatchObject({ state: 'reconnecting', limited: false })
    await clock.advance(1)
    expect(socket.status).toMatchObject({ state: 'degraded', limited: true })
    expect(socket.readyState).toBe(0)
    await clock.advance(600_000)
    server.behaviour = accepts()
    await clock.advance(60_000)
    expect(socket.status).toMatchObject({ state: 'open', limited: false, cause: null })
    const states = statuses.map(({ state }) => state)
    expect(states.filter((state, index) => state !== states[index - 1])).toEqual(['reconnecting', 'degraded', 'open'])
  })

  it('does not make the state flicker with every quiet retry', async () => {
    const { clock, server, socket } = await openStory()
    server.behaviour = hangs()
    server.latest.reset()
    await clock.advance(60_000)
    const { since } = socket.status
    for (let second = 0; second < 300; second++) {
      await clock.advance(1_000)
      expect(socket.status).toMatchObject({ state: 'degraded', since })
    }
  })

  it('says `connecting`, not `reconnecting`, as long as it has never been open', async () => {
    const { clock, socket } = story({ behaviour: refuses() })
    await clock.advance(30_000)
    expect(socket.status.state).toBe('connecting')
  })

  it('that begins again with every connection keeps growing its waits', async () => {
    const { clock, dialTimes, socket } = story({ behaviour: resets({ afterMs: 100 }), seed: 5 })
    await clock.advance(60_000)
    expect(socket.status.attempt).toBe(dialTimes().length)
    expect(dialTimes().length).toBeLessThan(20)
  })
})
