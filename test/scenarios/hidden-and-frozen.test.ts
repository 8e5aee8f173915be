import { describe, expect, it } from 'vitest'
import { accepts, refuses } from '../../src/testing/index.ts'
import { openStory, story } from './story.ts'

const HOUR_MS = 3_600_000

describe('a hidden page', () => {
  it('keeps its connection, however long it is hidden', async () => {
    const { clock, server, page, journal } = await openStory()
    page.say('hidden')
    await clock.advance(24 * HOUR_MS)
    server.latest.send('good morning')
    await clock.advance(0)
    expect(journal).toEqual(['message good morning'])
  })

  it('goes on dialling for an hour', async () => {
    const { clock, page, dialTimes } = story({ behaviour: refuses() })
    page.say('hidden')
    await clock.advance(HOUR_MS)
    expect(dialTimes().filter(time => time > HOUR_MS - 120_000).length).toBeGreaterThan(1)
  })

  it('stops dialling after an hour, until somebody looks', async () => {
    const { clock, server, page, socket, dialTimes } = story({ behaviour: refuses() })
    page.say('hidden')
    await clock.advance(HOUR_MS + 60_000)
    const dialled = dialTimes().length
    await clock.advance(48 * HOUR_MS)
    expect(dialTimes()).toHaveLength(dialled)
    expect(socket.status).toMatchObject({ nextRetryAt: null, cause: { next: { type: 'retry' } } })
    expect(clock.timers).toBe(0)
    server.behaviour = accepts()
    page.say('visible')
    await clock.advance(500)
    expect(socket.readyState).toBe(1)
  })

  it('that is shown again within the hour keeps the wait it had', async () => {
    const { clock, page, dialTimes } = story({ behaviour: refuses(), options: { backoff: () => 600_000 } })
    page.say('hidden')
    await clock.advance(300_000)
    page.say('visible')
    await clock.advance(299_999)
    expect(dialTimes()).toEqual([0])
    await clock.advance(1)
    expect(dialTimes()).toEqual([0, 600_000])
  })

  it('tells a close listener that no dial is scheduled when it is paused', async () => {
    const { clock, server, page, closings } = await openStory()
    page.say('hidden')
    await clock.advance(HOUR_MS)
    server.latest.reset()
    await clock.advance(0)
    expect(closings[0]).toMatchObject({ willReconnect: true, retryInMs: null })
    expect(closings[0]?.disconnect.next).toEqual({ type: 'retry', inMs: null, by: 'hidden' })
  })
})

describe('a frozen page', () => {
  it('does not dial', async () => {
    const { clock, page, socket, dialTimes } = story({ behaviour: refuses() })
    await clock.advance(0)
    page.say('frozen')
    await clock.advance(HOUR_MS)
    expect(dialTimes()).toEqual([0])
    expect(socket.status.nextRetryAt).toBeNull()
    expect(socket.readyState).toBe(0)
  })

  it('that resumes with a connection the server believed in all along redials within 0.5 s', async () => {
    const { clock, server, page, journal, dialTimes } = await openStory()
    page.say('frozen')
    await clock.advance(HOUR_MS)
    page.say('resumed')
    // What Chromium gives a page whose socket did not survive.
    server.latest.breakProtocol()
    await clock.advance(500)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
    expect(dialTimes()).toEqual([0, HOUR_MS + 250])
  })

  it('that resumes while it waits redials within 0.5 s', async () => {
    const { clock, page, dialTimes } = story({ behaviour: refuses() })
    await clock.advance(0)
    page.say('frozen')
    await clock.advance(HOUR_MS)
    page.say('resumed')
    await clock.advance(500)
    expect(dialTimes()).toEqual([0, HOUR_MS + 250])
  })

  it('keeps its connection', async () => {
    const { clock, page, journal, socket } = await openStory()
    page.say('frozen')
    await clock.advance(HOUR_MS)
    page.say('resumed')
    await clock.advance(60_000)
    expect(journal).toEqual([])
    expect(socket.readyState).toBe(1)
  })

  it('can be closed by the app', async () => {
    const { clock, page, socket, journal } = story({ behaviour: refuses() })
    await clock.advance(0)
    page.say('frozen')
    socket.close()
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006', 'close 1006, final'])
  })

  it('can be told to reconnect by the app', async () => {
    const { clock, server, page, socket } = story({ behaviour: refuses() })
    await clock.advance(0)
    page.say('frozen')
    await clock.advance(0)
    server.behaviour = accepts()
    socket.reconnect()
    page.say('resumed')
    await clock.advance(500)
    expect(socket.readyState).toBe(1)
  })
})
