import type { Clock } from '../runtime/clock.ts'

/** Time as the scripted server needs it. */
export interface Timing {
  /** Monotonic ms. */
  now(): number
  /** Epoch ms. */
  wall(): number
  /** Calls `fn` once, in a later task, `ms` from now; the result undoes it. */
  after(ms: number, fn: () => void): () => void
}

/** The timing of a clock; without one the platform's, looked up when it is called, so fake timers installed later work. */
export function timing(clock?: Clock): Timing {
  if (clock) {
    return { now: clock.now, wall: clock.wall, after: (ms, fn) => clock.schedule(clock.now() + ms, fn) }
  }
  return {
    now: () => performance.now(),
    wall: () => Date.now(),
    after(ms, fn) {
      const timer = setTimeout(fn, ms)
      return () => clearTimeout(timer)
    },
  }
}
