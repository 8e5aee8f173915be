import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ResilientError, ResilientWebSocket } from '../../src/index.ts'
import { scriptedServer } from '../../src/testing/index.ts'
import { workerClock, workerSource } from '../../src/worker-clock/index.ts'
import { FakeWorker, type Timers } from './fake-worker.ts'

const MINUTE_MS = 60_000

let timers: Timers
let workers: FakeWorker[]
let urls: Map<string, Blob>

/** The page is hidden for long: its timers fire once a minute. Those of workers do not care. */
function throttle(): void {
  const throttled: Timers['setTimeout'] = (fn, ms = 0) => {
    const at = Math.ceil((performance.now() + ms) / MINUTE_MS) * MINUTE_MS
    return timers.setTimeout(fn, at - performance.now())
  }
  vi.stubGlobal('setTimeout', throttled)
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  timers = { setTimeout, clearTimeout }
  workers = []
  urls = new Map()
  vi.stubGlobal(
    'Worker',
    class extends FakeWorker {
      constructor(url: string) {
        super(url, timers)
        workers.push(this)
      }
    },
  )
  vi.spyOn(URL, 'createObjectURL').mockImplementation(blob => {
    if (!(blob instanceof Blob)) throw new Error('Expected a Blob.')
    const url = `blob:${urls.size}`
    urls.set(url, blob)
    return url
  })
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation(url => {
    urls.delete(url)
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** Sets timers for so many ms from now; answers when each fired. */
function set(clock: ReturnType<typeof workerClock>, ...waits: readonly number[]) {
  const from = clock.now()
  const fired: number[] = []
  const undo = waits.map(ms => clock.schedule(from + ms, () => fired.push(clock.now() - from)))
  return { fired, undo }
}

/** What setting a timer and the message about it take: a millisecond each in fake time. */
const TRIP_MS = 4

describe('a worker clock', () => {
  it('fires on time in a page whose own timers fire once a minute', () => {
    throttle()
    const { fired } = set(workerClock(), 100, 5_000, 30_000)
    vi.advanceTimersByTime(31_000)
    expect(fired).toHaveLength(3)
    for (const [index, due] of [100, 5_000, 30_000].entries()) {
      expect(fired[index]).toBeGreaterThanOrEqual(due)
      expect(fired[index]).toBeLessThanOrEqual(due + TRIP_MS)
    }
  })

  it('calls once, though the page keeps time too', () => {
    const { fired } = set(workerClock(), 100)
    vi.advanceTimersByTime(10 * MINUTE_MS)
    expect(fired).toEqual([100])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('calls in a later task what is due already', () => {
    const { fired } = set(workerClock(), 0, -1_000)
    expect(fired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(fired).toHaveLength(2)
  })

  it('starts a worker with the first timer, and one for all', () => {
    const clock = workerClock()
    expect(workers).toHaveLength(0)
    const { fired } = set(clock, ...Array.from({ length: 100 }, (_, index) => index))
    vi.advanceTimersByTime(1_000)
    expect(fired).toHaveLength(100)
    expect(workers).toHaveLength(1)
    expect(workers[0]?.set.size).toBe(0)
  })

  it('undoes a timer, on both sides', () => {
    throttle()
    const { fired, undo } = set(workerClock(), 100, 200)
    vi.advanceTimersByTime(10)
    undo[0]?.()
    vi.advanceTimersByTime(10)
    expect(workers[0]?.set.size).toBe(1)
    vi.advanceTimersByTime(MINUTE_MS)
    expect(fired).toHaveLength(1)
    expect(fired[0]).toBeGreaterThanOrEqual(200)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tells the worker nothing about a timer that is undone after it fired', () => {
    const { undo } = set(workerClock(), 100)
    vi.advanceTimersByTime(1_000)
    const before = workers[0]?.heard.length
    undo[0]?.()
    expect(workers[0]?.heard).toHaveLength(before ?? -1)
  })

  it('waits for a moment that is farther away than a timer of the platform reaches', () => {
    const far = 2 ** 31 + 5_000
    const { fired } = set(workerClock(), far)
    vi.advanceTimersByTime(far - 10)
    expect(fired).toEqual([])
    // One that is asked for more fires at once.
    for (const [, ms] of workers[0]?.heard ?? []) expect(ms).toBeLessThanOrEqual(2 ** 31 - 1)
    vi.advanceTimersByTime(10 + TRIP_MS)
    expect(fired).toHaveLength(1)
    expect(fired[0]).toBeGreaterThanOrEqual(far)
  })

  it('does not believe a worker that is early', () => {
    throttle()
    const { fired } = set(workerClock(), 1_000)
    vi.advanceTimersByTime(500)
    // The only timer there is.
    workers[0]?.onmessage?.({ data: 1 })
    expect(fired).toEqual([])
    vi.advanceTimersByTime(500 + TRIP_MS)
    expect(fired).toHaveLength(1)
    vi.advanceTimersByTime(10 * MINUTE_MS)
    expect(fired).toHaveLength(1)
  })

  it('rounds up: a timer that fires before it is due would have to be set twice', () => {
    const clock = workerClock()
    clock.schedule(clock.now() + 10.2, () => {})
    expect(workers[0]?.heard).toEqual([[1, 11]])
  })

  it('takes time and chance from the platform', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.25)
    vi.advanceTimersByTime(500)
    const clock = workerClock()
    expect([clock.now(), clock.wall(), clock.roll()]).toEqual([performance.now(), 500, 0.25])
  })

  it('lets go of the address of its source as soon as the worker has read it', () => {
    set(workerClock(), 5_000)
    expect([...urls.keys()]).toEqual([workers[0]?.url])
    vi.advanceTimersByTime(10)
    expect(urls.size).toBe(0)
  })

  it('runs its source from a Blob', async () => {
    set(workerClock(), 5_000)
    const [blob] = urls.values()
    expect(blob?.type).toBe('text/javascript')
    expect(await blob?.text()).toBe(workerSource)
  })

  it.each(['/clock.js', new URL('https://app.example/clock.js')])('runs a file of the app: %s', file => {
    set(workerClock({ worker: file }), 100)
    expect(workers.map(({ url }) => url)).toEqual([file])
    expect(URL.createObjectURL).not.toHaveBeenCalled()
  })

  it('runs a worker that the app makes, when it is needed', () => {
    throttle()
    const make = vi.fn(() => new Worker('made by the app'))
    const clock = workerClock({ worker: make })
    expect(make).not.toHaveBeenCalled()
    const { fired } = set(clock, 100, 200)
    vi.advanceTimersByTime(300)
    expect(make).toHaveBeenCalledTimes(1)
    expect(fired).toHaveLength(2)
  })
})

describe('a worker clock without a worker', () => {
  const forbids = (): void => {
    vi.stubGlobal(
      'Worker',
      class {
        constructor() {
          throw new DOMException('Forbidden.', 'SecurityError')
        }
      },
    )
  }

  it.each([
    ['there are none, as in Node', () => vi.stubGlobal('Worker', undefined)],
    ['the platform throws', forbids],
    ['there is nothing to make an address with', () => vi.stubGlobal('Blob', undefined)],
  ])('keeps time with setTimeout where %s, and says so once', async (_, given) => {
    given()
    const errors: ResilientError[] = []
    const clock = workerClock({ onFallback: error => errors.push(error) })
    const { fired } = set(clock, 100, 200)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(fired).toEqual([100, 200])
    expect(errors).toHaveLength(1)
    expect(errors[0]).toBeInstanceOf(ResilientError)
    expect(errors[0]?.code).toBe('ERR_WORKER')
    expect(errors[0]?.cause).toBeInstanceOf(Error)
    expect(urls.size).toBe(0)
  })

  it('keeps time for what is set already when a policy forbids it, which an event says later', async () => {
    const errors: ResilientError[] = []
    const clock = workerClock({ onFallback: error => errors.push(error) })
    const early = set(clock, 100, 2 ** 31 + 5_000)
    workers[0]?.fail()
    workers[0]?.fail()
    const late = set(clock, 200)
    await vi.advanceTimersByTimeAsync(1_000)
    expect([early.fired, late.fired]).toEqual([[100], [200]])
    expect(errors.map(({ code }) => code)).toEqual(['ERR_WORKER'])
    expect(errors[0]?.cause).toBeInstanceOf(Event)
    expect(workers).toHaveLength(1)
    expect(workers[0]?.terminated).toBe(true)
    expect(urls.size).toBe(0)
    vi.advanceTimersByTime(2 ** 31 + 5_000)
    expect(early.fired).toHaveLength(2)
  })

  it('is as late as the page when the worker never says a word, and no later', () => {
    vi.stubGlobal(
      'Worker',
      class extends EventTarget {
        postMessage(): void {}
      },
    )
    const { fired } = set(workerClock({ worker: () => new Worker('mute') }), 100)
    vi.advanceTimersByTime(100)
    expect(fired).toEqual([100])
  })

  it('says nothing to nobody', async () => {
    forbids()
    const { fired } = set(workerClock(), 100)
    await vi.advanceTimersByTimeAsync(100)
    expect(fired).toEqual([100])
  })

  it('does not let a handler that throws into a socket: the platform reports it', async () => {
    forbids()
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    const reported = new Promise(resolve => process.once('unhandledRejection', resolve))
    const clock = workerClock({
      onFallback: () => {
        throw new Error('of the app')
      },
    })
    const { fired } = set(clock, 100)
    await vi.advanceTimersByTimeAsync(100)
    expect(fired).toEqual([100])
    expect(await reported).toEqual(new Error('of the app'))
    for (const other of others) process.on('unhandledRejection', other)
  })
})

describe('a worker clock that is closed', () => {
  it('ends the worker, and leaves nothing of it', () => {
    const clock = workerClock()
    set(clock, 100)
    clock.close()
    clock.close()
    expect(workers.map(({ terminated }) => terminated)).toEqual([true])
    expect(urls.size).toBe(0)
  })

  it('lets nobody hang: what was set, and what is set later, is kept by setTimeout, without another worker', async () => {
    const onFallback = vi.fn()
    const clock = workerClock({ onFallback })
    const early = set(clock, 100)
    clock.close()
    const late = set(clock, 200)
    // Too late to tell.
    workers[0]?.fail()
    await vi.advanceTimersByTimeAsync(1_000)
    expect([early.fired, late.fired]).toEqual([[100], [200]])
    expect(workers).toHaveLength(1)
    expect(onFallback).not.toHaveBeenCalled()
  })

  it('never starts a worker when it is closed before the first timer', () => {
    const clock = workerClock()
    clock.close()
    const { fired } = set(clock, 100)
    vi.advanceTimersByTime(100)
    expect(fired).toEqual([100])
    expect(workers).toEqual([])
  })
})

describe('sockets on a worker clock', () => {
  it('reconnect on time in a hidden page, and share one worker', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const clock = workerClock()
    // The server is not on the page.
    const schedule = (at: number, fn: () => void): (() => void) => {
      const timer = timers.setTimeout(fn, at - performance.now())
      return () => timers.clearTimeout(timer)
    }
    const server = scriptedServer(undefined, { clock: { ...clock, schedule } })
    const options = { clock, WebSocket: server.WebSocket }
    const sockets = [1, 2].map(() => new ResilientWebSocket('wss://feed.example', [], options))
    await vi.advanceTimersByTimeAsync(20_000)
    throttle()
    for (const connection of server.connections) connection.reset()
    await vi.advanceTimersByTimeAsync(2_000 + 10)
    expect(server.dials).toHaveLength(4)
    for (const socket of sockets) socket.close()
    await vi.advanceTimersByTimeAsync(MINUTE_MS)
    expect(workers).toHaveLength(1)
    expect(workers[0]?.set.size).toBe(0)
    clock.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
