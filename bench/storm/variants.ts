import { BACKOFF_SLOW_MS } from '../../src/core/limits.ts'
import type { BackoffQuestion, Rules } from '../../src/core/rules.ts'
import { fullJitter } from '../../src/policies/backoff.ts'
import { standardPolicy } from '../../src/policies/close-policy.ts'
import { DEFAULT_RULES, Machines } from './machines.ts'
import type { Restart } from './scenario.ts'
import type { Tally } from './tally.ts'

/** Other numbers than the defaults, and the restart that shows what they do. */
interface Variant {
  readonly name: string
  readonly restart: Restart
  readonly rules: Partial<Rules>
}

const restart = (outageMs: number, capacity: number, overflow: Restart['overflow']): Restart => ({
  code: 1006,
  outageMs,
  capacity,
  overflow,
})
const TEN = restart(10_000, 1 / 20, 'refused')
const FIVE_MINUTES = restart(300_000, 1 / 20, 'refused')
const TURNED_AWAY = restart(10_000, 1 / 20, '1013')
const QUEUED = restart(500, 1 / 100, 'queued')
const standard = fullJitter()

/** The same windows, but a minute's from 5 min on. */
const slowAfterFiveMinutes = (question: BackoffQuestion): number =>
  question.failingMs >= 300_000 ? question.roll * BACKOFF_SLOW_MS : standard(question)

export const VARIANTS: readonly Variant[] = [
  { name: 'windows of 4 to 15 s (default)', restart: TEN, rules: {} },
  { name: 'windows of 1 to 30 s', restart: TEN, rules: { backoff: fullJitter({ baseMs: 1_000, capMs: 30_000 }) } },
  { name: '3 s, without chance', restart: TEN, rules: { backoff: () => 3_000 } },
  { name: 'windows of 60 s after 7 min (default)', restart: FIVE_MINUTES, rules: {} },
  { name: 'windows of 60 s after 5 min', restart: FIVE_MINUTES, rules: { backoff: slowAfterFiveMinutes } },
  { name: '1013 goes slow (default)', restart: TURNED_AWAY, rules: {} },
  {
    name: '1013 is retried',
    restart: TURNED_AWAY,
    rules: { decide: ending => (ending.code === 1013 ? 'retry' : standardPolicy(ending)) },
  },
  { name: 'connect timeout from 10 s (default)', restart: QUEUED, rules: {} },
  { name: 'connect timeout from 30 s', restart: QUEUED, rules: { connectTimeoutMs: 30_000 } },
  { name: 'connect timeout from 45 s', restart: QUEUED, rules: { connectTimeoutMs: 45_000 } },
]

export function variantOf({ restart, rules }: Variant, clients: number, seed: number): Tally {
  const machines = new Machines(clients, seed, { ...DEFAULT_RULES, ...rules })
  return machines.drops(restart.code).waits(restart.outageMs).comesBack(restart)
}
