import { unexpected } from '../core/resilient-error.ts'
import type { Clock } from '../runtime/clock.ts'
import { mulberry32 } from './seeded.ts'

/** Where a virtual clock begins, and what chance gives. */
export interface VirtualClockOptions {
  /** Monotonic ms at the beginning. @defaultValue 0 */
  readonly now?: number
  /** Epoch ms at the beginning. @defaultValue 2025-01-01T00:00:00Z */
  readonly wall?: number
  /** Seeds the rolls: the same seed gives the same story. @defaultValue 1 */
  readonly seed?: number
  /** Rolls in order, each in [0, 1), instead of seeded ones; the last one repeats. The machine takes one for every step, so a list of one is the readable case. */
  readonly rolls?: readonly number[]
}

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** How many timers wait. 0 means that nothing will happen by itself any more. */
  readonly timers: number
  /** When the next timer is due, monotonic ms; `Infinity` when none waits. */
  readonly nextAt: number
  /**
   * Moves both times on by `ms`, and runs what falls due on the way, in order and each at its own instant. Promises
   * settle before, between and after: every timer gets a task of its own. `advance(0)` runs what is due now. Work that
   * waits for something other than promises and this clock (real I/O, a worker) is not waited for.
   *
   * @throws (rejects) RangeError when `ms` is not a finite number from 0 up; Error when another `advance` is under way,
   * or when timers keep falling due without time moving; whatever a timer throws.
   */
  advance(ms: number): Promise<void>
  /**
   * The machine sleeps for `ms`: `wall()` moves on, `now()` stands still and no timer fires, as outside Windows, where
   * `performance.now()` does not count sleep. Holdfast notices at its next step: move on with `advance`.
   *
   * @throws RangeError when `ms` is not a finite number from 0 up.
   */
  sleep(ms: number): void
}

interface Timer {
  readonly at: number
  readonly fn: () => void
}

/** More timers than this at one instant is a loop, not a story. */
const MOST_AT_ONCE = 100_000

function duration(ms: number): number {
  if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`Expected \`ms\` to be a finite number from 0 up, got ${ms}.`)
  return ms
}

/** Whole tasks, so that promises settle however deep they are chained. Fake timers leave MessageChannel alone. */
function tasks(): { readonly next: () => Promise<void>; readonly end: () => void } {
  const { port1, port2 } = new MessageChannel()
  return {
    next: () =>
      new Promise(resolve => {
        port1.onmessage = () => resolve()
        port2.postMessage(null)
      }),
    end() {
      port1.close()
      port2.close()
    },
  }
}

function rollsOf({ seed = 1, rolls }: VirtualClockOptions): () => number {
  if (!rolls) return mulberry32(seed)
  const last = rolls.at(-1)
  if (last === undefined || !rolls.every(roll => roll >= 0 && roll < 1)) {
    throw unexpected('ERR_OPTION', 'rolls', 'a list of numbers in [0, 1), at least one', rolls)
  }
  let taken = 0
  return () => rolls[taken++] ?? last
}

/**
 * Time and chance for tests: give it as `options.clock`, and nothing happens until `advance()`.
 *
 * @throws ResilientError `ERR_OPTION` when `rolls` is empty or holds anything outside [0, 1).
 */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  let now = options.now ?? 0
  let ahead = (options.wall ?? Date.UTC(2025, 0, 1)) - now
  let advancing = false
  const roll = rollsOf(options)
  // In the order in which they fall due; those of one instant in the order in which they were made.
  const timers: Timer[] = []

  async function run(until: number): Promise<void> {
    const { next, end } = tasks()
    let atOnce = 0
    try {
      await next()
      for (let timer = timers[0]; timer && timer.at <= until; timer = timers[0]) {
        timers.shift()
        atOnce = timer.at > now ? 0 : atOnce + 1
        if (atOnce > MOST_AT_ONCE) throw new Error(`More than ${MOST_AT_ONCE} timers fell due at ${now} ms.`)
        now = Math.max(now, timer.at)
        timer.fn()
        await next()
      }
      now = until
    } finally {
      end()
    }
  }

  return {
    now: () => now,
    wall: () => now + ahead,
    roll,
    schedule(at, fn) {
      const timer: Timer = { at, fn }
      const later = timers.findIndex(other => other.at > at)
      timers.splice(later < 0 ? timers.length : later, 0, timer)
      return () => {
        const index = timers.indexOf(timer)
        if (index >= 0) timers.splice(index, 1)
      }
    },
    get timers() {
      return timers.length
    },
    get nextAt() {
      return timers[0]?.at ?? Infinity
    },
    async advance(ms) {
      const until = now + duration(ms)
      if (advancing) throw new Error('The clock is being advanced already: await that first.')
      advancing = true
      try {
        await run(until)
      } finally {
        advancing = false
      }
    },
    sleep(ms) {
      ahead += duration(ms)
    },
  }
}
