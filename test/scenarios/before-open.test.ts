import { describe, expect, it } from 'vitest'
import type { ConnectionHook, Ending } from '../../src/index.ts'
import { type Behaviour, sequence } from '../../src/testing/index.ts'
import { deferred, hooked } from './hooked.ts'
import { gaps, mostDialsIn } from './story.ts'

const never: ConnectionHook = () => new Promise(() => {})

describe('a hook', () => {
  it('is awaited before the socket is open', async () => {
    const hook = deferred()
    const { clock, socket, journal } = hooked(() => hook.promise)
    await clock.advance(500)
    expect([journal, socket.readyState, socket.status.state]).toEqual([[], 0, 'connecting'])
    hook.resolve()
    await clock.advance(0)
    expect([journal, socket.readyState, socket.status.state]).toEqual([['open'], 1, 'open'])
  })

  it('may be over at once', async () => {
    const { clock, journal } = hooked(() => {})
    await clock.advance(0)
    expect(journal).toEqual(['open'])
  })

  it('runs once for every connection that comes up, and not for a dial that failed', async () => {
    const protocols: string[] = []
    const { clock, server, journal } = hooked(({ protocol }) => void protocols.push(protocol), {
      protocols: ['v2', 'v1'],
      behaviour: sequence(
        connection => connection.accept('v2'),
        connection => connection.refuse(),
        connection => connection.accept('v1'),
      ),
    })
    await clock.advance(0)
    server.latest.reset()
    await clock.advance(10_000)
    expect(server.dials).toHaveLength(3)
    expect(protocols).toEqual(['v2', 'v1'])
    expect(journal.filter(event => event === 'open')).toHaveLength(2)
  })

  it('speaks before everybody else: the open listener, the subscriptions, the outbox', async () => {
    const { clock, server, socket } = hooked(({ send }) => send('auth'))
    socket.send('queued')
    socket.onopen = () => socket.send('hello')
    socket.subscribe('room', { join: ({ send }) => send('join') })
    await clock.advance(0)
    expect(server.received).toEqual(['auth', 'hello', 'join', 'queued'])
  })

  it('authenticates, and the app sees nothing of it', async () => {
    const asksForToken: Behaviour = connection => {
      connection.accept()
      connection.heard(message => connection.send(message === 'token' ? 'welcome' : 'echo'))
    }
    const { clock, server, socket, journal } = hooked(
      async ({ send, receive }) => {
        send('token')
        await receive(({ data }) => data === 'welcome')
      },
      { behaviour: asksForToken },
    )
    socket.onopen = () => socket.send('app')
    await clock.advance(0)
    await clock.advance(0)
    expect(server.received).toEqual(['token', 'app'])
    expect(journal).toEqual(['open', 'message echo'])
  })

  it('lets the app queue meanwhile', async () => {
    const hook = deferred()
    const { clock, server, socket } = hooked(() => hook.promise)
    await clock.advance(10)
    socket.send('patient')
    expect([server.received, socket.bufferedAmount]).toEqual([[], 7])
    hook.resolve()
    await clock.advance(0)
    expect(server.received).toEqual(['patient'])
  })

  it('is a time in which send() throws where there is no outbox, as it does while connecting', async () => {
    const { clock, socket } = hooked(never, { options: { outbox: false } })
    await clock.advance(10)
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
  })
})

describe('a hook that does not get there', () => {
  it('within the connect timeout has failed, as a dial that timed out', async () => {
    let signal: AbortSignal | undefined
    const { clock, server, journal, closings, problems } = hooked(connection => {
      signal = connection.signal
      return new Promise(() => {})
    })
    await clock.advance(9_999)
    expect([journal, signal?.aborted]).toEqual([[], false])
    await clock.advance(1)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'dial-timeout', openMs: null, attempt: 0 })
    expect([signal?.aborted, server.open, problems]).toEqual([true, [], []])
  })

  it.each<readonly [string, ConnectionHook]>([
    [
      'throws',
      () => {
        throw new Error('no session')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no session'))],
    [
      'rejects later',
      async ({ receive }) => void (await receive().then(() => Promise.reject(new Error('no session')))),
    ],
  ])('because it %s is a failed attempt with backoff: error, close, and a report', async (_, hook) => {
    const { clock, server, journal, closings, problems, dialTimes } = hooked(hook, {
      behaviour: connection => {
        connection.accept()
        connection.send('go on')
      },
    })
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006'])
    expect(closings[0]).toMatchObject({ wasClean: false, willReconnect: true, retryInMs: 2_000 })
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'hook', openMs: null, next: { by: 'backoff' } })
    expect(problems).toMatchObject([{ code: 'ERR_HOOK', cause: { message: 'no session' } }])
    expect(server.open).toEqual([])
    await clock.advance(7_000)
    expect(gaps(dialTimes())).toEqual([2_000, 4_000])
  })

  it('is told to the close policy as what it is', async () => {
    const endings: Ending[] = []
    const closePolicy = (ending: Ending): undefined => void endings.push(ending)
    const { clock } = hooked(() => Promise.reject(new Error('no')), { options: { closePolicy } })
    await clock.advance(0)
    expect(endings).toMatchObject([{ origin: 'hook', code: 1006, wasClean: false, connection: 1, openMs: null }])
  })

  it('may be told by a policy to be final', async () => {
    const closePolicy = ({ origin }: Ending) => (origin === 'hook' ? 'stop' : undefined)
    const { clock, journal, server } = hooked(() => Promise.reject(new Error('no')), { options: { closePolicy } })
    await clock.advance(600_000)
    expect(journal).toEqual(['error', 'close 1006, final'])
    expect(server.dials).toHaveLength(1)
  })

  it('does not make it dial more than 6 times in 10 s', async () => {
    const { clock, dialTimes } = hooked(() => Promise.reject(new Error('no')), { rolls: [0] })
    await clock.advance(60_000)
    expect(mostDialsIn(10_000, dialTimes())).toBe(6)
  })

  it('keeps what the app sent for a connection that gets there', async () => {
    let attempts = 0
    const { clock, server, socket } = hooked(() => {
      if (++attempts < 3) throw new Error('not yet')
    })
    socket.send('patient')
    await clock.advance(60_000)
    expect(server.connections.map(({ received }) => received)).toEqual([[], [], ['patient']])
  })
})
