/** What a random walk chooses from. */
import type { Origin } from '../core/disconnect.ts'
import type { Signal } from '../core/event.ts'
import type { Answer, Beat } from '../core/rules.ts'

/** At least one. */
export type Menu<T> = readonly [T, ...T[]]

/** Each value as often as it weighs. */
export function weighted<T>(...entries: Menu<readonly [weight: number, value: T]>): Menu<T> {
  return [entries[0][1], ...entries.flatMap(([weight, value]) => Array<T>(weight).fill(value)).slice(1)]
}

export const PACES_MS: Menu<number> = weighted(
  [6, 0],
  [2, 1],
  [2, 60],
  [3, 400],
  [3, 1_600],
  [2, 4_000],
  [2, 10_000],
  [1, 10_250],
  [1, 30_000],
  [1, 60_000],
  [1, 7_200_000],
)
/** How the wall clock is set: mostly not. A machine that slept gains; a clock that was set goes either way. */
export const JUMPS_MS: Menu<number> = weighted(
  [24, 0],
  [1, 1],
  [1, -1],
  [2, 6_000],
  [1, 3_600_000],
  [1, -3_600_000],
  [1, 86_400_000],
  [1, -86_400_000],
)
export const DELAYS_MS: Menu<number> = [0, 0, 0, 1, 250, 2_000, 7_777.75, 15_000, 60_000, 1e7, 1e10]
export const ANSWERS: Menu<Answer | undefined> = weighted<Answer | undefined>(
  [5, undefined],
  [2, 'retry'],
  [1, 'retry-slowly'],
  [2, 'fall-back'],
  [2, 'refresh-auth'],
  [1, { afterMs: 0 }],
  [1, { afterMs: 20_000 }],
  [1, { afterMs: 3_600_000 }],
  [1, 'stop'],
)
/** What a heartbeat says: mostly that it lives. */
export const BEATS: Menu<Beat> = weighted<Beat>(
  [3, { type: 'wait', ms: 15_000 }],
  [1, { type: 'wait', ms: 0 }],
  [1, { type: 'wait', ms: null }],
  [2, { type: 'ping', ms: 2_500 }],
  [1, { type: 'ping', ms: 0 }],
  [2, { type: 'dead' }],
)
export const CODES: Menu<number> = [
  1006, 1006, 1006, 1000, 1001, 1005, 1008, 1011, 1012, 1013, 1015, 3000, 4000, 4301, 4401,
]
export const REASONS: Menu<string> = [
  '',
  '',
  '',
  'bye',
  'after=0',
  'after=5',
  'restarting, after=20, sorry',
  'after=900',
  'after=-1',
  'after=soon',
  `after=${'9'.repeat(400)}`,
]
export const ORIGINS: Menu<Origin | undefined> = [
  undefined,
  undefined,
  undefined,
  'browser-failed',
  'heartbeat',
  'provider',
  'network',
  'hook',
]
export const SIGNALS: Menu<Signal> = [
  'online',
  'offline',
  'visible',
  'hidden',
  'frozen',
  'resumed',
  'woke',
  'network-changed',
]
