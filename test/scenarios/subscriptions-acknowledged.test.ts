import { describe, expect, it } from 'vitest'
import type { HookConnection, Subscription } from '../../src/index.ts'
import type { Behaviour } from '../../src/testing/index.ts'
import { type Deferred, deferred } from './hooked.ts'
import { openStory, story } from './story.ts'

/** A server that acknowledges `+key` and `-key` with `ok +key`, `ok -key`, after that many ms. */
function acknowledges(afterMs: number): Behaviour {
  return connection => {
    connection.accept()
    connection.heard(message => connection.after(afterMs, () => connection.send(`ok ${message}`)))
  }
}

async function ask({ send, receive }: HookConnection, what: string): Promise<void> {
  send(what)
  await receive(({ data }) => data === `ok ${what}`)
}

function acknowledged(key: string): Subscription {
  return { join: connection => ask(connection, `+${key}`), leave: connection => ask(connection, `-${key}`) }
}

describe('a join that awaits its acknowledgement', () => {
  it('claims it: the app does not see it, and sees everything else', async () => {
    const { clock, server, socket, journal } = await openStory({ behaviour: acknowledges(100) })
    socket.subscribe('room', acknowledged('room'))
    await clock.advance(50)
    server.latest.send('news')
    await clock.advance(100)
    server.latest.send('ok +room')
    await clock.advance(0)
    expect(journal).toEqual(['message news', 'message ok +room'])
  })

  it('does not hold up the others, nor the outbox', async () => {
    const { clock, server, socket } = story({ behaviour: acknowledges(1_000) })
    socket.subscribe('a', acknowledged('a'))
    socket.subscribe('b', acknowledged('b'))
    socket.send('queued')
    await clock.advance(0)
    expect(server.received).toEqual(['+a', '+b', 'queued'])
  })

  it('is left when it has settled, if its last user left meanwhile', async () => {
    const { clock, server, socket } = await openStory({ behaviour: acknowledges(100) })
    const leave = socket.subscribe('room', acknowledged('room'))
    await clock.advance(50)
    leave()
    await clock.advance(49)
    expect(server.received).toEqual(['+room'])
    await clock.advance(1)
    await clock.advance(0)
    expect(server.received).toEqual(['+room', '-room'])
  })

  it('is good for who came back before it has settled', async () => {
    const { clock, server, socket } = await openStory({ behaviour: acknowledges(100) })
    const leave = socket.subscribe('room', acknowledged('room'))
    leave()
    const back = socket.subscribe('room', acknowledged('room'))
    await clock.advance(1_000)
    expect(server.received).toEqual(['+room'])
    back()
    await clock.advance(1_000)
    expect(server.received).toEqual(['+room', '-room'])
  })

  it('that the connection does not live to see is not reported, and joined again on the next one', async () => {
    const { clock, server, socket, problems } = await openStory({ behaviour: acknowledges(10_000) })
    socket.subscribe('room', acknowledged('room'))
    await clock.advance(100)
    server.latest.reset()
    await clock.advance(4_000)
    expect(server.connections.map(({ received }) => received)).toEqual([['+room'], ['+room']])
    expect(problems).toEqual([])
  })

  it('that was left meanwhile, on a connection that has ended, is not spoken of again', async () => {
    const { clock, server, socket, problems } = await openStory({ behaviour: acknowledges(10_000) })
    const leave = socket.subscribe('room', acknowledged('room'))
    await clock.advance(100)
    leave()
    server.latest.reset()
    await clock.advance(4_000)
    expect(server.connections.map(({ received }) => received)).toEqual([['+room'], []])
    expect(problems).toEqual([])
  })

  it('and never gets one keeps quiet on its connection, and is joined again on the next one', async () => {
    const { clock, server, socket } = await openStory()
    const leave = socket.subscribe('room', acknowledged('room'))
    await clock.advance(60_000)
    leave()
    socket.subscribe('room', acknowledged('room'))
    await clock.advance(60_000)
    expect(server.received).toEqual(['+room'])
    server.latest.reset()
    await clock.advance(4_000)
    expect(server.latest.received).toEqual(['+room'])
  })
})

describe('a leave that awaits its acknowledgement', () => {
  it('is not overtaken by a join', async () => {
    const { clock, server, socket } = await openStory({ behaviour: acknowledges(100) })
    const leave = socket.subscribe('room', acknowledged('room'))
    await clock.advance(100)
    leave()
    socket.subscribe('room', acknowledged('room'))
    await clock.advance(50)
    expect(server.received).toEqual(['+room', '-room'])
    await clock.advance(100)
    expect(server.received).toEqual(['+room', '-room', '+room'])
  })

  it('says nothing more when everybody came and went meanwhile', async () => {
    const { clock, server, socket } = await openStory({ behaviour: acknowledges(100) })
    socket.subscribe('room', acknowledged('room'))()
    await clock.advance(150)
    expect(server.received).toEqual(['+room', '-room'])
    socket.subscribe('room', acknowledged('room'))()
    await clock.advance(1_000)
    expect(server.received).toEqual(['+room', '-room'])
  })
})

describe('a join that fails', () => {
  it.each<readonly [string, Subscription['join']]>([
    [
      'throws',
      () => {
        throw new Error('forbidden')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('forbidden'))],
    ['rejects later', ({ receive }) => receive().then(() => Promise.reject(new Error('forbidden')))],
  ])('because it %s is reported with its key, and the others are joined', async (_, join) => {
    const { clock, server, socket, problems, journal } = story()
    socket.subscribe('room "1"', { join })
    socket.subscribe('b', { join: ({ send }) => send('+b') })
    socket.send('queued')
    await clock.advance(0)
    server.latest.send('no')
    await clock.advance(0)
    expect(problems).toMatchObject([{ code: 'ERR_SUBSCRIPTION', cause: { message: 'forbidden' } }])
    expect(problems[0]?.message).toContain('`subscribe("room \\"1\\"")`')
    expect(server.received).toEqual(['+b', 'queued'])
    expect([journal[0], socket.readyState]).toEqual(['open', 1])
  })

  it('is joined again on the next connection, and not before', async () => {
    let joins = 0
    const { clock, server, socket, problems } = await openStory()
    const room: Subscription = {
      join: ({ send }) => {
        if (++joins === 1) throw new Error('not now')
        send('+room')
      },
    }
    socket.subscribe('room', room)
    socket.subscribe('room', room)
    await clock.advance(60_000)
    expect([joins, problems.length]).toEqual([1, 1])
    server.latest.reset()
    await clock.advance(4_000)
    expect([joins, server.latest.received, problems.length]).toEqual([2, ['+room'], 1])
  })

  it('is left all the same, because only the server knows what became of it', async () => {
    const { clock, server, socket } = await openStory()
    const leave = socket.subscribe('room', {
      join: ({ send }) => {
        send('+room')
        throw new Error('no answer')
      },
      leave: ({ send }) => send('-room'),
    })
    leave()
    await clock.advance(0)
    expect(server.received).toEqual(['+room', '-room'])
  })
})

describe('a leave that fails', () => {
  it('is reported, and the key can be joined again', async () => {
    const { clock, server, socket, problems } = await openStory()
    const room: Subscription = {
      join: ({ send }) => send('+room'),
      leave: () => {
        throw new Error('stuck')
      },
    }
    socket.subscribe('room', room)()
    socket.subscribe('room', room)
    await clock.advance(0)
    expect(problems).toMatchObject([{ code: 'ERR_SUBSCRIPTION', cause: { message: 'stuck' } }])
    expect(server.received).toEqual(['+room', '+room'])
  })
})

describe('the connection that a join is given', () => {
  it('ends with the connection: its signal, its messages, its right to send', async () => {
    const waits: Deferred[] = []
    const connections: HookConnection[] = []
    const { clock, server, socket, problems } = await openStory()
    socket.subscribe('room', {
      join: connection => {
        const wait = deferred()
        waits.push(wait)
        connections.push(connection)
        return wait.promise.then(() => connection.send('late'))
      },
    })
    server.latest.reset()
    await clock.advance(4_000)
    expect(connections.map(({ signal }) => signal.aborted)).toEqual([true, false])
    for (const { resolve } of waits) resolve()
    await clock.advance(0)
    expect(server.connections.map(({ received }) => received)).toEqual([[], ['late']])
    expect(problems).toEqual([])
  })

  it('has no say in the next one: a join that settles late changes nothing there', async () => {
    const waits: Deferred[] = []
    const { clock, server, socket } = await openStory()
    const leave = socket.subscribe('room', {
      join: ({ send }) => {
        send('+room')
        const wait = deferred()
        waits.push(wait)
        return wait.promise
      },
      leave: ({ send }) => send('-room'),
    })
    server.latest.reset()
    await clock.advance(4_000)
    waits[0]?.resolve()
    await clock.advance(0)
    leave()
    await clock.advance(0)
    expect(server.latest.received).toEqual(['+room'])
    waits[1]?.resolve()
    await clock.advance(0)
    expect(server.latest.received).toEqual(['+room', '-room'])
  })

  it('has no say in who came after its users had left', async () => {
    const wait = deferred()
    const { clock, server, socket } = await openStory()
    const leave = socket.subscribe('room', { join: () => wait.promise })
    server.latest.reset()
    await clock.advance(0)
    leave()
    socket.subscribe('room', { join: ({ send }) => send('+room') })
    wait.resolve()
    await clock.advance(4_000)
    expect(server.latest.received).toEqual(['+room'])
  })

  it('can be ended by it, and the policy decides', async () => {
    const { clock, socket, journal, closings } = await openStory()
    socket.subscribe('room', { join: ({ close }) => close(4403, 'not yours') })
    await clock.advance(60_000)
    expect(journal).toEqual(['close 4403, final'])
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'hook', reason: 'not yours', next: { by: 'policy' } })
  })
})
