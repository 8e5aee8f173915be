import { describe, expect, it } from 'vitest'
import { accepts, closes, refuses, sequence } from '../../src/testing/index.ts'
import { openStory, story } from './story.ts'
import { comesBack, subscribe, told } from './subscribed.ts'

describe('while nothing is open', () => {
  it('the last user leaves without a word, now or later: nothing stale goes into a new session', async () => {
    const here = await openStory()
    const leave = subscribe(here, 'room')
    await here.clock.advance(0)
    here.server.latest.reset()
    await here.clock.advance(100)
    leave()
    await here.clock.advance(4_000)
    expect(told(here)).toEqual([['+room'], []])
    await comesBack(here)
    expect(told(here)).toEqual([['+room'], [], []])
  })

  it('the last user leaves in the close listener without a word', async () => {
    const here = await openStory()
    const leave = subscribe(here, 'room')
    here.socket.onclose = leave
    await comesBack(here)
    expect(told(here)).toEqual([['+room'], []])
  })

  it('a user who comes and goes is never heard of', async () => {
    const here = story({ behaviour: sequence(refuses(), accepts()) })
    subscribe(here, 'room')()
    await here.clock.advance(10_000)
    expect(told(here)).toEqual([[], []])
  })

  it('a connection that ends in the open listener is told nothing', async () => {
    const here = story()
    subscribe(here, 'room')
    let opened = 0
    here.socket.onopen = () => {
      if (++opened === 1) here.socket.reconnect()
    }
    await here.clock.advance(1_000)
    expect(told(here)).toEqual([[], ['+room']])
  })

  it('a join that ends the connection is the last thing it is told', async () => {
    const here = story({ behaviour: sequence(accepts(), closes({ code: 4000, afterMs: 60_000 })) })
    subscribe(here, 'a')
    let joined = 0
    here.socket.subscribe('b', { join: () => void (++joined === 1 && here.socket.reconnect()) })
    subscribe(here, 'c')
    await here.clock.advance(1_000)
    expect(told(here)).toEqual([['+a'], ['+a', '+c']])
    expect(joined).toBe(2)
  })
})
