import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe("the platform's clock", () => {
  it('looks its globals up when it is called, so fake timers installed after the import work', () => {
    vi.useFakeTimers({ now: 5_000 })
    const from = systemClock.now()
    const ran: number[] = []
    systemClock.schedule(from + 100, () => ran.push(systemClock.now() - from))
    vi.advanceTimersByTime(99)
    expect(ran).toEqual([])
    vi.advanceTimersByTime(1)
    expect(ran).toEqual([100])
    expect(systemClock.wall()).toBe(5_100)
  })

  it('undoes a timer', () => {
    vi.useFakeTimers()
    const fn = vi.fn()
    systemClock.schedule(systemClock.now() + 100, fn)()
    vi.advanceTimersByTime(1_000)
    expect(fn).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('runs what is overdue in a later task', () => {
    vi.useFakeTimers()
    const fn = vi.fn()
    systemClock.schedule(systemClock.now() - 1_000, fn)
    expect(fn).not.toHaveBeenCalled()
    vi.advanceTimersByTime(0)
    expect(fn).toHaveBeenCalledTimes(1)
  })

  it('never asks for more than a timer of the platform can hold: it would fire at once', () => {
    vi.useFakeTimers()
    const setTimeout = vi.spyOn(globalThis, 'setTimeout')
    systemClock.schedule(systemClock.now() + 2 ** 40, () => {})
    expect(setTimeout.mock.calls[0]?.[1]).toBe(2 ** 31 - 1)
  })

  it('rounds up: a timer that fires before it is due would have to be set twice', () => {
    vi.useFakeTimers()
    const setTimeout = vi.spyOn(globalThis, 'setTimeout')
    systemClock.schedule(systemClock.now() + 10.2, () => {})
    expect(setTimeout.mock.calls[0]?.[1]).toBe(11)
  })

  it('rolls with Math.random, looked up at every roll', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.25)
    expect(systemClock.roll()).toBe(0.25)
  })
})

describe('a hidden page', () => {
  /** A whole task, in which a message that was posted arrives. */
  const task = (): Promise<void> => {
    const { port1, port2 } = new MessageChannel()
    return new Promise(resolve => {
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(0)
    })
  }

  it('sets its timers in a task of their own: what a timer sets, Chromium fires once a minute', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('document', { hidden: true })
    const fn = vi.fn()
    systemClock.schedule(systemClock.now() + 100, fn)
    expect(vi.getTimerCount()).toBe(0)
    await task()
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(100)
    expect(fn).toHaveBeenCalledTimes(1)
  })

  it('undoes a timer that is not set yet', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('document', { hidden: true })
    systemClock.schedule(systemClock.now() + 100, () => {})()
    await task()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that is visible sets them at once', () => {
    vi.useFakeTimers()
    vi.stubGlobal('document', { hidden: false })
    systemClock.schedule(systemClock.now() + 100, () => {})
    expect(vi.getTimerCount()).toBe(1)
  })
})
