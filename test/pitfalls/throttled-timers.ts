const SECOND_MS = 1_000
const MINUTE_MS = 60_000

/** Sets a timer, as `setTimeout` does. */
export type SetTimer = (fn: () => void, ms?: number) => unknown

/**
 * `setTimeout` as Chromium has it in a tab that was hidden for five minutes: it fires on the full second, and on the full
 * minute where it was set by another timer (measured in test/lifecycle).
 */
export function throttled(setTimer: SetTimer): SetTimer {
  let inTimer = false
  return (fn, ms = 0) => {
    const grid = inTimer ? MINUTE_MS : SECOND_MS
    const now = performance.now()
    const run = (): void => {
      inTimer = true
      try {
        fn()
      } finally {
        inTimer = false
      }
    }
    return setTimer(run, Math.ceil((now + ms) / grid) * grid - now)
  }
}
