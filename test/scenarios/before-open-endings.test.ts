import { describe, expect, it } from 'vitest'
import { type ConnectionHook, type HookConnection, ResilientWebSocket } from '../../src/index.ts'
import { accepts, type Behaviour, closes, hangs, scriptedServer, virtualClock } from '../../src/testing/index.ts'
import { codeOf, deferred, hooked } from './hooked.ts'
import { expectNothingLeft, openStory } from './story.ts'

const never: ConnectionHook = () => new Promise(() => {})

describe('a hook that ends the connection', () => {
  it('with a code lets the policy decide, as if the server had closed so', async () => {
    const { clock, server, journal, closings } = hooked(({ close }) => close(4401, 'who are you'))
    await clock.advance(600_000)
    expect(journal).toEqual(['error', 'close 4401, final'])
    expect(closings[0]).toMatchObject({ reason: 'who are you', disconnect: { next: { by: 'unauthorized' } } })
    expect([server.dials.length, server.open.length]).toEqual([1, 0])
  })

  it('with a code that is retried dials again', async () => {
    const hook = ({ close }: HookConnection): void => close(4000)
    const { clock, journal, closings, dialTimes } = hooked(hook, {
      options: { closePolicy: { 4000: { afterMs: 500 } } },
    })
    await clock.advance(600)
    expect(journal).toEqual(['error', 'close 4000', 'error', 'close 4000'])
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'hook', next: { inMs: 500, by: 'policy' } })
    expect(dialTimes()).toEqual([0, 500])
  })

  it('and then throws, has ended it once, and is not reported', async () => {
    const { clock, journal, problems } = hooked(({ close }) => {
      close(4000)
      throw new Error('as I said')
    })
    await clock.advance(0)
    expect([journal, problems]).toEqual([['error', 'close 4000'], []])
  })

  it('may do so long after it was over', async () => {
    let connection: HookConnection | undefined
    const { clock, journal, server } = await openStory({
      options: {
        beforeOpen: given => {
          connection ??= given
        },
      },
    })
    await clock.advance(60_000)
    connection?.close(4000, 'enough')
    connection?.close(4001, 'twice')
    await clock.advance(0)
    expect(journal).toEqual(['close 4000'])
    await clock.advance(4_000)
    // It has no say in the next connection.
    connection?.close(4002)
    await clock.advance(0)
    expect([journal, server.open.length]).toEqual([['close 4000', 'open'], 1])
  })
})

describe('while a hook runs', () => {
  it('a server that closes with 4401 is heard with its own words', async () => {
    const { clock, journal, closings, problems } = hooked(async ({ receive }) => void (await receive()), {
      behaviour: closes({ code: 4401, reason: 'expired', afterMs: 50 }),
    })
    await clock.advance(50)
    expect(journal).toEqual(['error', 'close 4401, final'])
    expect(closings[0]).toMatchObject({ reason: 'expired', wasClean: true, disconnect: { origin: 'server' } })
    expect(problems).toEqual([])
  })

  it('close() ends it at once, with the answer of the server', async () => {
    let connection: HookConnection | undefined
    const told = hooked(given => {
      connection = given
      return given.receive().then(() => {})
    })
    const { clock, server, socket, journal, problems } = told
    await clock.advance(10)
    socket.close(4001, 'bye')
    expect([socket.readyState, connection?.signal.aborted, journal]).toEqual([2, true, []])
    await clock.advance(0)
    expect(server.latest.closedByClient).toEqual({ code: 4001, reason: 'bye' })
    expect([journal, problems]).toEqual([['error', 'close 4001, final'], []])
    await expectNothingLeft(told)
  })

  it('close() does not wait for it to come to an end', async () => {
    const told = hooked(never)
    await told.clock.advance(10)
    await expectNothingLeft(told)
    expect(told.journal).toEqual(['error', 'close 1005, final'])
  })

  it('close() is not argued with: a hook that fails or closes now changes nothing', async () => {
    const { clock, socket, journal, closings, problems } = hooked(
      ({ signal, close }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            close(4999)
            reject(new Error('aborted'))
          })
        }),
    )
    await clock.advance(10)
    socket.close(4001)
    await clock.advance(0)
    expect([journal, problems]).toEqual([['error', 'close 4001, final'], []])
    expect(closings[0]?.disconnect.origin).toBe('client')
  })

  it('reconnect() drops the connection and runs it again on the next', async () => {
    const signals: AbortSignal[] = []
    const { clock, server, socket, journal, closings, problems } = hooked(({ signal, receive }) => {
      signals.push(signal)
      return signals.length > 1 ? undefined : receive().then(() => {})
    })
    await clock.advance(10)
    socket.reconnect()
    await clock.advance(0)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expect([journal, problems]).toEqual([['error', 'close 1006', 'open'], []])
    expect(closings[0]?.disconnect).toMatchObject({ origin: 'client', next: { by: 'app' } })
    expect([server.dials.length, server.open.length]).toEqual([2, 1])
  })

  it('what becomes of it after its connection has ended does not matter', async () => {
    const hooks = [deferred(), deferred(), deferred()]
    let runs = 0
    const { clock, server, journal, problems } = hooked(() => hooks[runs++]?.promise)
    await clock.advance(0)
    server.latest.reset()
    await clock.advance(2_000)
    expect(runs).toBe(2)
    hooks[0]?.resolve()
    await clock.advance(0)
    expect(journal).toEqual(['error', 'close 1006'])
    server.latest.reset()
    await clock.advance(4_000)
    hooks[1]?.reject(new Error('too late'))
    hooks[2]?.resolve()
    await clock.advance(0)
    expect([journal.slice(2), problems]).toEqual([['error', 'close 1006', 'open'], []])
  })

  it.each<readonly [string, Behaviour]>([
    ['the server never answers the dial', hangs()],
    ['the server accepts', accepts()],
  ])('nothing is left after close() when %s', async (_, behaviour) => {
    const told = hooked(never, { behaviour })
    await told.clock.advance(5_000)
    await expectNothingLeft(told)
  })

  it('nobody is told of a rejection that the app has not asked for', async () => {
    const unhandled: unknown[] = []
    const listener = (cause: unknown): void => void unhandled.push(cause)
    process.on('unhandledRejection', listener)
    const codes: unknown[] = []
    const { clock, socket } = hooked(({ receive }) => {
      // Asked for, and never awaited.
      receive()
      codes.push(codeOf(receive()))
      return new Promise(() => {})
    })
    await clock.advance(0)
    socket.close()
    await clock.advance(0)
    await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect([unhandled, await Promise.all(codes)]).toEqual([[], ['ERR_CLOSED']])
  })
})

describe('a hook that is done while the server is closing already', () => {
  it('opens nothing: the close that is on its way tells what happened', async () => {
    const clock = virtualClock()
    const server = scriptedServer(accepts(), { clock })
    let closing = false
    class Closing extends server.WebSocket {
      override get readyState(): WebSocket['readyState'] {
        return closing ? 2 : super.readyState
      }
    }
    const { promise, resolve } = deferred()
    const options = { clock, WebSocket: Closing, beforeOpen: () => promise }
    const socket = new ResilientWebSocket('wss://feed.example', [], options)
    const journal: string[] = []
    socket.onopen = () => journal.push('open')
    socket.onclose = ({ code }) => journal.push(`close ${code}`)
    await clock.advance(0)
    closing = true
    resolve()
    await clock.advance(0)
    expect(journal).toEqual([])
    server.open[0]?.close(4000, 'maintenance')
    await clock.advance(0)
    expect(journal).toEqual(['close 4000'])
    socket.close()
  })
})
