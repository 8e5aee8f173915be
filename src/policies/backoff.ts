import { BACKOFF_BASE_MS, BACKOFF_CAP_MS, BACKOFF_SLOW_MS, LONG_OUTAGE_MS } from '../core/limits.ts'
import { refuseOthers, unexpected } from '../core/resilient-error.ts'
import type { BackoffQuestion } from '../core/rules.ts'

/** The windows of {@link fullJitter}. */
export interface FullJitterOptions {
  /** First window in ms; it doubles with every attempt. @defaultValue 4000 */
  readonly baseMs?: number
  /** Widest window in ms. @defaultValue 15000 */
  readonly capMs?: number
}

/**
 * The standard backoff: a delay drawn uniformly from a window of 4, 8, 15, 15 … s, for every attempt, those at the cap
 * included, so that the clients of a restarted server do not come back together ("full jitter", AWS Architecture Blog
 * 2015). After 7 min without a stable connection, and after a `retry-slowly`, the window is 60 s.
 *
 * A lone client pays 2 s on average for its first retry; a fleet after a restart peaks at 0.39 N dials a second, where
 * a fixed 3 s delay peaks at 1.0 N.
 *
 * @throws ResilientError `ERR_OPTION` for a `baseMs` that is not above 0 or a `capMs` below `baseMs`.
 */
export function fullJitter({
  baseMs = BACKOFF_BASE_MS,
  capMs = BACKOFF_CAP_MS,
  ...others
}: FullJitterOptions = {}): (question: BackoffQuestion) => number {
  refuseOthers('backoff', others)
  if (!(typeof baseMs === 'number' && baseMs > 0))
    throw unexpected('ERR_OPTION', 'backoff.baseMs', 'a number above 0', baseMs)
  if (!(typeof capMs === 'number' && capMs >= baseMs))
    throw unexpected('ERR_OPTION', 'backoff.capMs', `at least \`backoff.baseMs\` (${baseMs})`, capMs)
  return ({ attempt, failingMs, slow, roll }) =>
    roll * (slow || failingMs >= LONG_OUTAGE_MS ? BACKOFF_SLOW_MS : Math.min(capMs, baseMs * 2 ** (attempt - 1)))
}
