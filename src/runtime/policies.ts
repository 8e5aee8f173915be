import { ResilientError, unexpected } from '../core/resilient-error.ts'
import type { Backoff, BackoffQuestion } from '../core/rules.ts'
import { fullJitter } from '../policies/backoff.ts'

const standard = fullJitter()

/** What a backoff answers, behind a guard: one that throws or answers nonsense abstains and is reported, and the standard one answers. */
export function askBackoff(
  backoff: Backoff | undefined,
  question: BackoffQuestion,
  report: (error: ResilientError) => void,
): number {
  try {
    const delay = backoff?.(question)
    if (typeof delay === 'number' && delay >= 0 && delay < Infinity) return delay
    if (delay !== undefined) report(unexpected('ERR_POLICY', 'backoff()', 'ms or undefined', delay))
  } catch (cause) {
    report(new ResilientError('ERR_POLICY', '`backoff` threw; the standard one answered.', cause))
  }
  return standard(question)
}
