import { ResilientError, unexpected } from '../core/resilient-error.ts'
import type { Backoff, BackoffQuestion, ClosePolicy } from '../core/rules.ts'
import { fullJitter } from '../policies/backoff.ts'
import { type CloseRule, closePolicy, isAnswer, unexpectedAnswer } from '../policies/close-policy.ts'

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

/** The app's close policies, each behind a guard: one that throws or answers nonsense abstains and is reported. */
export function guardedPolicy(rules: readonly CloseRule[], report: (error: ResilientError) => void): ClosePolicy {
  const guarded = rules.map(rule => {
    if (typeof rule !== 'function') return rule
    const policy: ClosePolicy = ending => {
      try {
        const answer: unknown = rule(ending)
        if (answer === undefined || isAnswer(answer)) return answer
        report(unexpectedAnswer('ERR_POLICY', '()', answer))
      } catch (cause) {
        report(new ResilientError('ERR_POLICY', '`closePolicy` threw; the next one is asked.', cause))
      }
      return undefined
    }
    return policy
  })
  return closePolicy(...guarded)
}
