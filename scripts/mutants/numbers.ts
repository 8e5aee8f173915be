import { mutantsOf } from './mutant.ts'

/** Every number of the machine, a little wrong. */
export const numbers = mutantsOf('limits.ts', [
  ['export const MAX_ATTEMPTS: number = Infinity', 'export const MAX_ATTEMPTS: number = 500', 'MAX_ATTEMPTS'],
  ['export const STABLE_MS = 10_000', 'export const STABLE_MS = 9_000', 'STABLE_MS'],
  ['export const CONNECT_TIMEOUT_MS = 10_000', 'export const CONNECT_TIMEOUT_MS = 12_000', 'CONNECT_TIMEOUT_MS'],
  ['export const CONNECT_TIMEOUT_GROWTH = 1.5', 'export const CONNECT_TIMEOUT_GROWTH = 1.4', 'CONNECT_TIMEOUT_GROWTH'],
  [
    'export const CONNECT_TIMEOUT_CAP_MS = 65_000',
    'export const CONNECT_TIMEOUT_CAP_MS = 64_000',
    'CONNECT_TIMEOUT_CAP_MS',
  ],
  ['export const GUARD_DIALS = 6', 'export const GUARD_DIALS = 7', 'GUARD_DIALS'],
  ['export const GUARD_WINDOW_MS = 10_250', 'export const GUARD_WINDOW_MS = 9_750', 'GUARD_WINDOW_MS'],
  ['export const EVIDENCE_DELAY_MS = 500', 'export const EVIDENCE_DELAY_MS = 600', 'EVIDENCE_DELAY_MS'],
  ['export const EVIDENCE_FOR_MS = 10_000', 'export const EVIDENCE_FOR_MS = 9_000', 'EVIDENCE_FOR_MS'],
  ['export const HUNG_DIAL_MS = 1_000', 'export const HUNG_DIAL_MS = 900', 'HUNG_DIAL_MS'],
  ['export const OFFLINE_EVERY_MS = 30_000', 'export const OFFLINE_EVERY_MS = 29_000', 'OFFLINE_EVERY_MS'],
  ['export const HIDDEN_PAUSE_MS = 3_600_000', 'export const HIDDEN_PAUSE_MS = 3_500_000', 'HIDDEN_PAUSE_MS'],
  ['export const LIMITED_AFTER_MS = 60_000', 'export const LIMITED_AFTER_MS = 59_000', 'LIMITED_AFTER_MS'],
  ['export const DELAY_CAP_MS = 600_000', 'export const DELAY_CAP_MS = 900_000', 'DELAY_CAP_MS'],
  ['export const MAX_REFUSALS = 3', 'export const MAX_REFUSALS = 4', 'MAX_REFUSALS'],
  ['export const BACKOFF_BASE_MS = 4_000', 'export const BACKOFF_BASE_MS = 3_000', 'BACKOFF_BASE_MS'],
  ['export const BACKOFF_CAP_MS = 15_000', 'export const BACKOFF_CAP_MS = 30_000', 'BACKOFF_CAP_MS'],
  ['export const BACKOFF_SLOW_MS = 60_000', 'export const BACKOFF_SLOW_MS = 30_000', 'BACKOFF_SLOW_MS'],
  ['export const LONG_OUTAGE_MS = 300_000', 'export const LONG_OUTAGE_MS = 200_000', 'LONG_OUTAGE_MS'],
])
