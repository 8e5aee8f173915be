import { describe, expect, it } from 'vitest'
import { accepts, hangs, refuses } from '../../src/testing/index.ts'
import { gaps, openStory, story } from './story.ts'

describe('the browser says offline', () => {
  it('and a healthy connection is not closed', async () => {
    const { clock, server, page, socket, journal } = await openStory()
    page.say('offline')
    await clock.advance(600_000)
    server.latest.send('still here')
    await clock.advance(0)
    expect(journal).toEqual(['message still here'])
    expect(socket.status).toMatchObject({ state: 'open', online: false })
  })

  it('and dialling slows down to one in 30 s, and does not stop: onLine lies', async () => {
    const { clock, page, dialTimes } = story({ behaviour: refuses() })
    page.say('offline')
    await clock.advance(200_000)
    expect(gaps(dialTimes())).toEqual(Array(6).fill(30_000))
  })

  it('from the start, and the first dial is made all the same', async () => {
    const { clock, page, socket, journal } = story()
    page.say('offline')
    await clock.advance(0)
    expect(journal).toEqual(['open'])
    expect(socket.status.online).toBe(false)
  })

  it('and nextRetryAt says when the sparse dial comes', async () => {
    const { clock, page, socket } = story({ behaviour: refuses() })
    page.say('offline')
    await clock.advance(1_000)
    expect((socket.status.nextRetryAt ?? 0) - clock.wall()).toBe(29_000)
  })

  it('and the app may still ask for a dial at once', async () => {
    const { clock, page, socket, dialTimes } = story({ behaviour: refuses() })
    page.say('offline')
    await clock.advance(5_000)
    socket.retryNow()
    await clock.advance(0)
    expect(dialTimes()).toEqual([0, 5_000])
  })
})

describe('coming back online', () => {
  it('redials within 0.5 s, and at most once in 10 s', async () => {
    const { clock, page, dialTimes } = story({ behaviour: refuses(), rolls: [0.99] })
    await clock.advance(1_000)
    for (let time = 0; time < 10; time++) {
      page.say('offline')
      page.say('online')
      await clock.advance(1_000)
    }
    expect(dialTimes()).toEqual([0, 1_495])
  })

  it('ends a dial that hangs', async () => {
    const { clock, page, server, journal } = story({ behaviour: hangs() })
    page.say('offline')
    await clock.advance(3_000)
    server.behaviour = accepts()
    page.say('online')
    await clock.advance(500)
    expect(journal).toEqual(['error', 'close 1006', 'open'])
  })

  it('shows in the status at once', async () => {
    const { clock, page, socket } = await openStory()
    page.say('offline')
    expect(socket.status.online).toBe(false)
    page.say('online')
    expect(socket.status.online).toBe(true)
    await clock.advance(0)
  })
})
