/** Time and chance. Replaceable: `holdfast/testing` has one that a test moves by hand. */
export interface Clock {
  /** Monotonic ms. */
  now(): number
  /** Epoch ms. */
  wall(): number
  /** Uniform in [0, 1). */
  roll(): number
  /** Calls `fn` once, when `now()` has reached `at` or up to a millisecond before; the result undoes it. */
  schedule(at: number, fn: () => void): () => void
}

/** setTimeout fires at once beyond this [HTML timer initialization steps: a signed 32-bit long]. The driver re-arms. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Five minutes after a page was hidden, Chromium fires a timer that was set by a timer once a minute, and any other once
 * a second ("intensive throttling"; measured in test/lifecycle). A message is no timer.
 */
function inFreshTask(fn: () => void): void {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    fn()
  }
  port2.postMessage(0)
}

/** The platform's clock. Globals are looked up when they are called, so fake timers installed after import work. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  roll: () => Math.random(),
  schedule(at, fn) {
    let timer: ReturnType<typeof setTimeout> | undefined
    let over = false
    const arm = (): void => {
      if (!over) timer = setTimeout(fn, Math.min(Math.max(0, Math.ceil(at - performance.now())), LONGEST_MS))
    }
    if (globalThis.document?.hidden) inFreshTask(arm)
    else arm()
    return () => {
      over = true
      clearTimeout(timer)
    }
  },
}
