import { describe, expect, it, vi } from 'vitest'
import { type Options, ping, type Subscription } from '../../src/index.ts'
import { accepts, closes, hangs, refuses, sequence } from '../../src/testing/index.ts'
import { expectNothingLeft, mostDialsIn, type Story, story } from './story.ts'

type Act = (told: Story) => unknown

const SOON = (): number => 100

const acts: Readonly<Record<string, Act>> = {
  'close()': ({ socket }) => socket.close(),
  'close(4000)': ({ socket }) => socket.close(4000, 'from inside'),
  'reconnect()': ({ socket }) => socket.reconnect(),
  'retryNow()': ({ socket }) => socket.retryNow(),
  'send()': ({ socket }) => socket.readyState < 2 && socket.send('from inside'),
  'close() and reconnect()': ({ socket }) => {
    socket.close()
    socket.reconnect()
  },
  'close() and send()': ({ socket }) => {
    socket.close()
    socket.send('discarded')
  },
  'reconnect() and close()': ({ socket }) => {
    socket.reconnect()
    socket.close()
  },
  'refreshAuth()': ({ socket }) => {
    try {
      socket.refreshAuth()
    } catch (error) {
      // Where there is nothing to refresh.
      if (!`${error}`.includes('`auth`')) throw error
    }
  },
  'subscribe()': ({ socket }) => socket.subscribe('inside', { join: ({ send }) => send('joined'), leave: () => {} }),
  'subscribe() and leave': ({ socket }) => socket.subscribe('inside', { join: () => {}, leave: () => {} })(),
  'a look at everything': ({ socket }) => [socket.status, socket.readyState, socket.url, socket.bufferedAmount],
}

/** Where a call can come from. Each tells a story whose callback calls `act` a few times. */
const places: Readonly<Record<string, (act: (told?: Story) => void) => Story>> = {
  ...Object.fromEntries(
    (['open', 'message', 'error', 'close'] as const).map(type => [
      `the ${type} listener`,
      (act: (told?: Story) => void) => listening(act, (told, call) => told.socket.addEventListener(type, call)),
    ]),
  ),
  ...Object.fromEntries(
    (['status', 'transition', 'discard', 'problem'] as const).map(type => [
      `on('${type}')`,
      (act: (told?: Story) => void) =>
        listening(act, (told, call) => {
          told.socket.on(type, call)
        }),
    ]),
  ),
  watch: act => eventful({ watch: () => act() }),
  backoff: act =>
    eventful({
      backoff: () => {
        act()
        return 100
      },
    }),
  'the url provider': act =>
    eventful({}, () => {
      act()
      return 'wss://feed.example'
    }),
  'the slow url provider': act =>
    eventful({}, async () => {
      await null
      act()
      return 'wss://feed.example'
    }),
  'the protocols provider': act => eventful({ backoff: SOON }, undefined, () => called(act, ['v1'])),
  auth: act => eventful({ auth: () => called(act, { token: 'x', expiresAt: Date.UTC(2025, 0, 1, 0, 0, 20) }) }),
  'auth.carry': act => eventful({ auth: { provider: () => 'x', carry: () => called(act, { protocols: ['v1'] }) } }),
  closePolicy: act => eventful({ closePolicy: () => called(act, undefined), backoff: SOON }),
  'heartbeat.judge': act => eventful({ heartbeat: { judge: () => called(act, { type: 'wait', ms: 1_000 } as const) } }),
  'heartbeat.message': act => eventful({ heartbeat: ping({ everyMs: 1_000, message: () => called(act, 'ping') }) }),
  'heartbeat.isPong': act => eventful({ heartbeat: ping({ pong: () => called(act, false) }) }),
  beforeOpen: act => eventful({ beforeOpen: () => called(act, undefined), backoff: SOON }),
  'beforeOpen, later': act => eventful({ beforeOpen: () => Promise.resolve().then(() => act()), backoff: SOON }),
  'the test of receive()': act =>
    eventful({ beforeOpen: ({ receive }) => void receive(() => called(act, false)), backoff: SOON }),
  pageSignals: act => eventful({ pageSignals: () => called(act, () => {}) }),
  join: act => subscribing({ join: () => act(), leave: () => {} }),
  leave: act => subscribing({ join: () => {}, leave: () => act() }),
}

function listening(act: (told?: Story) => void, listen: (told: Story, call: () => void) => void): Story {
  const told = eventful({ backoff: () => Number.NaN })
  listen(told, () => act(told))
  return told
}

/** Calls from inside, and answers as the app would. */
function called<T>(act: () => void, answer: T): T {
  act()
  return answer
}

function subscribing(subscription: Subscription): Story {
  const told = eventful({ backoff: SOON })
  const leave = told.socket.subscribe('room', subscription)
  told.socket.addEventListener('message', leave)
  return told
}

/** A life in which everything happens: a refusal, messages, closes by the server, queued messages. */
function eventful(options: Options, url?: () => string | Promise<string>, protocols?: () => string[]): Story {
  const told = story({
    behaviour: sequence(
      refuses(),
      closes({ code: 4000, afterMs: 50 }),
      connection => {
        connection.accept()
        connection.send('hello')
        connection.after(50, () => connection.breakProtocol())
      },
      accepts(),
    ),
    options,
    ...(url && { url }),
    ...(protocols && { protocols }),
  })
  told.socket.send('queued')
  return told
}

describe.each(Object.entries(places))('called from %s', (_, place) => {
  it.each(Object.entries(acts))('%s keeps every promise', async (_, act) => {
    // What no handler takes is not what this is about.
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    let calls = 0
    const failures: unknown[] = []
    let begun: Story | undefined
    const told = place((given = begun) => {
      // In the constructor there is no socket yet. Three times is enough: more would never end.
      if (!given || ++calls > 3) return
      try {
        act(given)
      } catch (error) {
        failures.push(error)
      }
    })
    begun = told
    const { clock, server, socket, closings, dialTimes, problems } = told
    await clock.advance(60_000)
    expect(failures).toEqual([])
    expect(problems.filter(({ code }) => code === 'ERR_DEFECT')).toEqual([])
    expect(server.open.length).toBe(socket.readyState === 1 ? 1 : 0)
    expect(mostDialsIn(10_000, dialTimes())).toBeLessThanOrEqual(6)
    expect({ open: 1, closed: 3 }[socket.status.state as string] ?? 0).toBe(socket.readyState)
    if (socket.readyState === 3) expect(closings.at(-1)?.willReconnect).toBe(false)
    const finals = closings.filter(({ willReconnect }) => !willReconnect).length
    await expectNothingLeft(told)
    const dials = server.dials.length
    await clock.advance(600_000)
    expect(server.dials).toHaveLength(dials)
    expect(closings.at(-1)?.willReconnect).toBe(false)
    expect(closings.filter(({ willReconnect }) => !willReconnect).length - finals).toBeLessThanOrEqual(1)
    reported.mockRestore()
  })
})

describe('send() after close() in a handler', () => {
  it('discards, also while the native socket has not heard of the close yet', async () => {
    const { clock, page, socket, server } = story({ behaviour: hangs() })
    await clock.advance(100)
    const thrown: unknown[] = []
    socket.on('status', () => {
      try {
        socket.close()
        socket.send('x')
      } catch (error) {
        thrown.push(error)
      }
    })
    page.say('offline')
    await clock.advance(60_000)
    expect(thrown).toEqual([])
    expect([socket.readyState, server.received]).toEqual([3, []])
  })
})

describe('close() as the connection opens', () => {
  it.each(['status', 'transition'] as const)('called from on(%j) lets no `open` follow', async type => {
    const { clock, socket, journal } = story()
    socket.on(type, () => {
      if (socket.status.state === 'open') socket.close()
    })
    await clock.advance(60_000)
    expect(journal).not.toContain('open')
    expect(journal.at(-1)).toMatch(/final$/)
  })

  it('called from the open listener lets the other listeners still hear it', async () => {
    const { clock, socket, journal } = story({ options: { startClosed: true } })
    const heard: string[] = []
    socket.addEventListener('open', () => socket.close())
    socket.addEventListener('open', () => heard.push(`open, readyState ${socket.readyState}`))
    socket.reconnect()
    await clock.advance(60_000)
    expect(heard).toEqual(['open, readyState 2'])
    expect(journal).toEqual(['open', 'close 1005, final'])
  })
})
