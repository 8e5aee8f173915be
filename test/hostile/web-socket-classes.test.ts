import { describe, expect, it } from 'vitest'
import { type ResilientCloseEvent, type ResilientError, ResilientWebSocket } from '../../src/index.ts'
import { closes, echoes, scriptedServer, sequence, virtualClock } from '../../src/testing/index.ts'
import { mostDialsIn } from '../scenarios/story.ts'
import { uncaughtWhile } from '../scenarios/uncaught.ts'

const OOPS = new Error('a bug of the class')

/** Breaks a class, for as long as `broken()` says so. */
type Fault = (prototype: object, broken: () => boolean) => void

/** A member that throws. Setting one is setting its attribute. */
const throwsAt =
  (name: string, how: 'get' | 'set' | 'call', from = 0): Fault =>
  (prototype, broken) => {
    const base = Object.getPrototypeOf(prototype)
    let times = 0
    const trip = (): void => {
      if (broken() && ++times > from) throw OOPS
    }
    const method = (base: unknown) =>
      function (this: object, ...given: readonly unknown[]): unknown {
        trip()
        return Reflect.apply(Reflect.get(Object(base), name), this, given)
      }
    if (how === 'call') Object.defineProperty(prototype, name, { value: method(base), writable: true })
    else {
      const kept = new WeakMap<object, unknown>()
      const own = name === 'binaryType' || name === 'url' || name === 'extensions'
      Object.defineProperty(prototype, name, {
        configurable: true,
        get(): unknown {
          if (how === 'get') trip()
          return own ? kept.get(this) : Reflect.get(base, name, this)
        },
        set(value: unknown) {
          if (how === 'set') trip()
          if (own) kept.set(this, value)
          else Reflect.set(base, name, value, this)
        },
      })
    }
  }

/** What the class does with an event instead of telling it once. */
const events =
  (tell: (event: Event, dispatch: (event: Event) => boolean) => void): Fault =>
  (prototype, broken) => {
    const base = Object.getPrototypeOf(prototype)
    Object.defineProperty(prototype, 'dispatchEvent', {
      value(this: object, event: Event): boolean {
        const dispatch = (each: Event): boolean => Reflect.apply(Reflect.get(base, 'dispatchEvent'), this, [each])
        if (broken()) tell(event, dispatch)
        else dispatch(event)
        return true
      },
    })
  }

/** The same event again: one object cannot be dispatched while it is being dispatched. */
function again(event: Event): Event {
  const { code, reason, wasClean, data }: Partial<CloseEvent & MessageEvent> = event
  return Object.assign(new Event(event.type), { code, reason, wasClean, data })
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'throws in send()': throwsAt('send', 'call'),
  'throws in close()': throwsAt('close', 'call'),
  'throws when binaryType is set': throwsAt('binaryType', 'set'),
  'throws when an on* attribute is set': throwsAt('onopen', 'set'),
  'throws when it stops being listened to': throwsAt('onclose', 'set', 1),
  'throws when readyState is read': throwsAt('readyState', 'get'),
  'throws when bufferedAmount is read': throwsAt('bufferedAmount', 'get'),
  'throws when protocol is read': throwsAt('protocol', 'get'),
  'has no bufferedAmount': prototype => Object.defineProperty(prototype, 'bufferedAmount', { value: undefined }),
  'has no protocol': prototype => Object.defineProperty(prototype, 'protocol', { value: undefined }),
  'tells everything twice': events((event, dispatch) => {
    dispatch(event)
    dispatch(again(event))
  }),
  'tells nothing': events(() => {}),
  'tells an error before everything': events((event, dispatch) => {
    dispatch(new Event('error'))
    dispatch(event)
  }),
  'goes on after the end': events((event, dispatch) => {
    dispatch(event)
    if (event.type !== 'close') return
    for (const type of ['open', 'message', 'error', 'close']) dispatch(new Event(type))
  }),
  'leaves out what an event has': events((event, dispatch) => void dispatch(new Event(event.type))),
  'gives codes and reasons that are none': events((event, dispatch) => {
    if (event.type === 'close')
      dispatch(Object.assign(new Event('close'), { code: Number.NaN, reason: '', wasClean: 1 }))
    else dispatch(event)
  }),
}

interface Told {
  readonly socket: ResilientWebSocket
  readonly closings: readonly ResilientCloseEvent[]
  readonly problems: readonly ResilientError[]
  readonly errors: () => number
  heal(): void
  advance(ms: number): Promise<void>
  dialTimes(): readonly number[]
  timers(): number
  readonly received: () => readonly unknown[]
}

function tell(fault: Fault): Told {
  const clock = virtualClock()
  const server = scriptedServer(sequence(closes({ code: 4000, afterMs: 50 }), echoes()), { clock })
  let broken = true
  class Faulty extends server.WebSocket {}
  fault(Faulty.prototype, () => broken)
  const socket = new ResilientWebSocket('wss://feed.example', [], {
    clock,
    WebSocket: Faulty,
    startClosed: true,
    auth: () => 'token',
  })
  const closings: ResilientCloseEvent[] = []
  const problems: ResilientError[] = []
  let errors = 0
  socket.on('problem', problem => problems.push(problem))
  socket.addEventListener('close', event => closings.push(event))
  socket.addEventListener('error', () => errors++)
  socket.reconnect()
  return {
    socket,
    closings,
    problems,
    errors: () => errors,
    heal: () => {
      broken = false
    },
    advance: ms => clock.advance(ms),
    dialTimes: () => server.dials.map(({ at }) => at),
    timers: () => clock.timers,
    received: () => server.received,
  }
}

describe.each(Object.entries(FAULTS))('a WebSocket class that %s', (name, fault) => {
  it('brings nothing down: dials are bounded, ends are told, and it serves when the class is well again', async () => {
    const { socket, closings, problems, errors, heal, advance, dialTimes, received } = tell(fault)
    const uncaught = await uncaughtWhile(async () => {
      socket.send('queued')
      await advance(40_000)
      heal()
      socket.reconnect()
      await advance(90_000)
      socket.send('well again')
      await advance(0)
    })
    expect(uncaught).toEqual([])
    expect(received().at(-1)).toBe('well again')
    expect(socket.readyState).toBe(1)
    expect(mostDialsIn(10_000, dialTimes())).toBeLessThanOrEqual(6)
    expect(closings.every(({ willReconnect }) => willReconnect)).toBe(true)
    // One end per connection, but for the one that serves.
    expect(closings.length).toBeGreaterThanOrEqual(1)
    expect(closings.length).toBeLessThanOrEqual(dialTimes().length)
    expect(new Set(closings.map(({ disconnect }) => disconnect.connection)).size).toBe(closings.length)
    // One before each end; a class that cannot be let go of tells another one.
    expect(errors()).toBeLessThanOrEqual(closings.length * (name.includes('on* attribute') ? 2 : 1) + 1)
    expect(problems.filter(({ code }) => code === 'ERR_DEFECT')).toEqual([])
  })

  it('can be closed, with one last close event and nothing left', async () => {
    const { socket, closings, advance, timers, dialTimes } = tell(fault)
    const uncaught = await uncaughtWhile(async () => {
      await advance(30)
      try {
        socket.close()
      } catch (error) {
        // The class has the last word on its own close(); the socket closes all the same.
        expect(error).toBe(OOPS)
      }
      await advance(120_000)
    })
    expect(uncaught).toEqual([])
    expect(socket.status.state).toBe('closed')
    expect(closings.filter(({ willReconnect }) => !willReconnect)).toHaveLength(1)
    const dials = dialTimes().length
    await advance(600_000)
    expect([dialTimes().length, timers()]).toEqual([dials, 0])
  })
})

describe('a WebSocket class that throws in its constructor', () => {
  it('is dialled with again, with backoff, and the constructor of the socket throws what it throws', async () => {
    const clock = virtualClock()
    const server = scriptedServer(echoes(), { clock })
    let calls = 0
    class Throwing extends server.WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        if (++calls < 4) throw OOPS
        super(url, protocols)
      }
    }
    const options = { clock, WebSocket: Throwing }
    expect(() => new ResilientWebSocket('wss://feed.example', [], options)).toThrow(OOPS)
    expect(clock.timers).toBe(0)
    const socket = new ResilientWebSocket('wss://feed.example', [], { ...options, startClosed: true })
    const problems: ResilientError[] = []
    socket.on('problem', problem => problems.push(problem))
    socket.reconnect()
    await clock.advance(60_000)
    expect(problems.map(({ code, cause }) => [code, cause])).toEqual([
      ['ERR_PROVIDER', OOPS],
      ['ERR_PROVIDER', OOPS],
    ])
    expect(socket.readyState).toBe(1)
    socket.close()
  })
})

describe('a WebSocket class without bufferedAmount', () => {
  it('is given what is volatile: nobody knows that it would have to wait', async () => {
    const { socket, received, advance, heal } = tell((prototype, broken) =>
      FAULTS['has no bufferedAmount']?.(prototype, broken),
    )
    heal()
    await advance(30_000)
    expect(socket.send('typing', { volatile: true }).state).toBe('sent')
    await advance(0)
    expect(received()).toEqual(['typing'])
    expect(socket.bufferedAmount).toBe(0)
    socket.close()
  })
})
