/** Options that must not compile. */
import { fullJitter, type Options } from '../../src/index.ts'

export const wrong: readonly Options[] = [
  // @ts-expect-error: misspelt
  { reconect: true },
  // @ts-expect-error: the name of another library
  { maxRetries: 5 },
  // @ts-expect-error: milliseconds have their unit in the name
  { connectTimeout: 5_000 },
  // @ts-expect-error: not a text
  { reconnect: 'yes' },
  // @ts-expect-error: `false` or its bounds
  { outbox: true },
  // @ts-expect-error: an unknown bound
  { outbox: { size: 5 } },
  // @ts-expect-error: a function
  { backoff: 1_000 },
  // @ts-expect-error: of a number
  { backoff: () => '1s' },
  // @ts-expect-error: that is not a promise
  { backoff: async () => 1_000 },
  // @ts-expect-error: a number
  { maxAttempts: '5' },
  // @ts-expect-error: a number
  { connectTimeoutMs: '10s' },
  // @ts-expect-error: a number
  { stableMs: null },
  // @ts-expect-error: a flag
  { startClosed: 1 },
  // @ts-expect-error: a class
  { WebSocket: {} },
  // @ts-expect-error: a signal, not its controller
  { signal: new AbortController() },
  // @ts-expect-error: a function
  { watch: 'all' },
  // @ts-expect-error: a whole clock
  { clock: { now: () => 0 } },
  // @ts-expect-error: a function that answers how to stop
  { pageSignals: () => 'stop' },
]

export const options: Options = { maxAttempts: 5 }
// @ts-expect-error: options are not for writing
options.maxAttempts = 6
// @ts-expect-error: an unknown window
fullJitter({ maxMs: 5 })
