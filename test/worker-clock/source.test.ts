import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { workerSource } from '../../src/worker-clock/index.ts'

type Hear = (message: { readonly data: readonly number[] }) => void

let said: unknown[]
let hear: Hear

/** The text, run as a script: what it defines is global. */
async function runText(): Promise<void> {
  new Function(workerSource)()
}

/** The file, as if it had never been imported. */
async function runFile(): Promise<void> {
  vi.resetModules()
  await import('../../src/worker-clock/worker.ts')
}

beforeEach(() => {
  vi.useFakeTimers()
  said = []
  vi.stubGlobal('postMessage', (data: unknown) => said.push(data))
  vi.stubGlobal('onmessage', null)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe.each([
  ['text', runText],
  ['a file', runFile],
])('the worker of the clock, as %s', (_, run) => {
  beforeEach(async () => {
    await run()
    hear = message => Reflect.get<object, string>(globalThis, 'onmessage')(message)
  })

  it('says that it runs', () => {
    expect(said).toEqual([0])
  })

  it('says which timer is due, once', () => {
    hear({ data: [1, 100] })
    hear({ data: [2, 50] })
    vi.advanceTimersByTime(1_000)
    expect(said).toEqual([0, 2, 1])
  })

  it('sets a timer anew, and undoes it', () => {
    hear({ data: [1, 100] })
    hear({ data: [1, 300] })
    hear({ data: [2, 100] })
    hear({ data: [2] })
    hear({ data: [3] })
    vi.advanceTimersByTime(200)
    expect(said).toEqual([0])
    vi.advanceTimersByTime(100)
    expect(said).toEqual([0, 1])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps nothing of a timer that has fired', () => {
    const clear = vi.spyOn(globalThis, 'clearTimeout')
    hear({ data: [1, 100] })
    vi.advanceTimersByTime(100)
    hear({ data: [1] })
    expect(clear.mock.calls).toEqual([[undefined], [undefined]])
  })

  it('does not wait with what is due at once', () => {
    hear({ data: [1, 0] })
    vi.advanceTimersByTime(1)
    expect(said).toEqual([0, 1])
  })
})
