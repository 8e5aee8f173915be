/** Time and chance of a server. `virtualClock()` of `holdfast/testing` has the same shape. */
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

/** setTimeout fires at once beyond this [Node.js timers]. Whoever schedules looks at the time again. */
const LONGEST_MS = 2 ** 31 - 1

/** The platform's clock. Its timers keep no program alive: sockets do. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  roll: () => Math.random(),
  schedule(at, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(0, Math.ceil(at - performance.now())), LONGEST_MS))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
