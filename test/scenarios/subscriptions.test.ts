import { describe, expect, it } from 'vitest'
import type { HookConnection, Subscription } from '../../src/index.ts'
import { expectNothingLeft, openStory, story } from './story.ts'
import { comesBack, subscribe, told, words } from './subscribed.ts'

describe('a subscription', () => {
  it('joins as soon as the socket is open', async () => {
    const here = story()
    subscribe(here, 'room')
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room']])
  })

  it('joins at once on a socket that is open', async () => {
    const here = await openStory()
    subscribe(here, 'room')
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room']])
  })

  it('is restored once on every connection, in the order of subscribing', async () => {
    const here = story()
    for (const key of ['a', 'b', 'c']) subscribe(here, key)
    await here.clock.advance(0)
    await comesBack(here)
    await comesBack(here)
    expect(told(here)).toEqual(Array(3).fill(['+a', '+b', '+c']))
  })

  it('is restored after close() and reconnect(), and nothing is said when the socket closes', async () => {
    const here = await openStory()
    subscribe(here, 'room')
    here.socket.close()
    await here.clock.advance(60_000)
    here.socket.reconnect()
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room'], ['+room']])
  })

  it('joins after the open event and before the outbox is flushed', async () => {
    const here = story()
    const { clock, server, socket, journal } = here
    socket.send('queued')
    socket.subscribe('room', {
      join: ({ send }) => {
        journal.push('join')
        send('+room')
      },
    })
    socket.onopen = () => socket.send('from the open listener')
    await clock.advance(0)
    expect(journal).toEqual(['open', 'join'])
    expect(server.received).toEqual(['from the open listener', '+room', 'queued'])
  })

  it('hears what arrives after its join as every message is heard', async () => {
    const { clock, server, socket, journal } = await openStory()
    socket.subscribe('room', words('room'))
    server.latest.send('news')
    await clock.advance(0)
    expect(journal).toEqual(['message news'])
  })

  it('works without a word about leaving', async () => {
    const { clock, server, socket, problems } = await openStory()
    const leave = socket.subscribe('room', { join: ({ send }) => send('+room') })
    leave()
    socket.subscribe('room', words('room'))
    await clock.advance(0)
    expect([server.received, problems]).toEqual([['+room', '+room'], []])
  })

  it('keeps its own `this`', async () => {
    class Room implements Subscription {
      readonly #name: string
      constructor(name: string) {
        this.#name = name
      }
      join({ send }: HookConnection): void {
        send(`+${this.#name}`)
      }
      leave({ send }: HookConnection): void {
        send(`-${this.#name}`)
      }
    }
    const { clock, server, socket } = await openStory()
    socket.subscribe('room', new Room('42'))()
    await clock.advance(0)
    expect(server.received).toEqual(['+42', '-42'])
  })

  it('leaves nothing behind after close()', async () => {
    const here = await openStory()
    subscribe(here, 'room')
    here.socket.subscribe('acknowledged', { join: ({ receive }) => receive().then(() => {}) })
    await expectNothingLeft(here)
    expect(here.problems).toEqual([])
  })

  it('of a thousand keys is restored a thousand times, and left as often', async () => {
    const here = story()
    const keys = Array.from({ length: 1_000 }, (_, index) => `${index}`)
    const leaves = keys.map(key => subscribe(here, key))
    await here.clock.advance(0)
    await comesBack(here)
    for (const leave of leaves) leave()
    await here.clock.advance(0)
    const joins = keys.map(key => `+${key}`)
    expect(told(here)).toEqual([joins, [...joins, ...keys.map(key => `-${key}`)]])
    await comesBack(here)
    expect(told(here)[2]).toEqual([])
  })

  it.each(['', '__proto__', 'constructor', 'toString'])('may have the key %j', async key => {
    const here = await openStory()
    subscribe(here, key)()
    await here.clock.advance(0)
    expect(told(here)).toEqual([[`+${key}`, `-${key}`]])
  })
})

describe('users of one key', () => {
  it('are counted: the first joins, and only the last to leave leaves', async () => {
    const here = await openStory()
    const leaves = [subscribe(here, 'room'), subscribe(here, 'room'), subscribe(here, 'room')]
    leaves[1]?.()
    leaves[0]?.()
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room']])
    leaves[2]?.()
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room', '-room']])
  })

  it('leave once, however often they say so', async () => {
    const here = await openStory()
    const leave = subscribe(here, 'room')
    const stay = subscribe(here, 'room')
    for (let time = 0; time < 5; time++) leave()
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room']])
    stay()
    leave()
    stay()
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room', '-room']])
  })

  it('may be one and the same subscription twice', async () => {
    const { clock, server, socket } = await openStory()
    const room = words('room')
    const leaves = [socket.subscribe('room', room), socket.subscribe('room', room)]
    leaves[0]?.()
    leaves[0]?.()
    await clock.advance(0)
    expect(server.received).toEqual(['+room'])
  })

  it('who left do not count for those who come later', async () => {
    const here = await openStory()
    const early = subscribe(here, 'room')
    early()
    subscribe(here, 'room')
    early()
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room', '-room', '+room']])
  })

  it('are joined as the newest of them says who is still there', async () => {
    const here = await openStory()
    const { socket, clock, server } = here
    socket.subscribe('room', words('old'))
    const newer = socket.subscribe('room', words('new'))
    await comesBack(here)
    newer()
    await comesBack(here)
    await clock.advance(0)
    expect(server.connections.map(({ received }) => received)).toEqual([['+old'], ['+new'], ['+old']])
  })

  it('are told apart by key: nobody leaves for somebody else', async () => {
    const here = await openStory()
    subscribe(here, 'a')
    subscribe(here, 'b')()
    await here.clock.advance(0)
    await comesBack(here)
    expect(told(here)).toEqual([['+a', '+b', '-b'], ['+a']])
  })
})

describe('a join is never doubled', () => {
  it('by subscribing in the open listener', async () => {
    const here = story()
    here.socket.onopen = () => void subscribe(here, 'room')
    await here.clock.advance(0)
    await comesBack(here)
    expect(told(here)).toEqual([['+room'], ['+room']])
  })

  it('by subscribing in another join, to another key or to its own', async () => {
    const here = story()
    here.socket.subscribe('a', {
      join: ({ send }) => {
        send('+a')
        subscribe(here, 'b')
        subscribe(here, 'a')
      },
    })
    await here.clock.advance(0)
    await comesBack(here)
    expect(told(here)).toEqual([
      ['+a', '+b'],
      ['+a', '+b'],
    ])
  })

  it('by subscribing during the hook', async () => {
    const here = story({
      options: {
        beforeOpen: async ({ send }) => {
          subscribe(here, 'room')
          await Promise.resolve()
          send('hook is over')
        },
      },
    })
    await here.clock.advance(0)
    expect(told(here)).toEqual([['hook is over', '+room']])
  })

  it('by leaving and coming back while nothing is open', async () => {
    const here = await openStory()
    const leave = subscribe(here, 'room')
    await here.clock.advance(0)
    here.server.latest.reset()
    await here.clock.advance(100)
    leave()
    subscribe(here, 'room')
    await here.clock.advance(4_000)
    expect(told(here)).toEqual([['+room'], ['+room']])
  })

  it('by coming back in the open listener', async () => {
    const here = story()
    const leave = subscribe(here, 'room')
    here.socket.onopen = () => {
      leave()
      subscribe(here, 'room')
    }
    await here.clock.advance(0)
    expect(told(here)).toEqual([['+room']])
  })
})
