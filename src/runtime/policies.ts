import { PING_EVERY_MS } from '../core/limits.ts'
import { ResilientError, unexpected } from '../core/resilient-error.ts'
import type { Backoff, BackoffQuestion, Beat, ClosePolicy, Pulse } from '../core/rules.ts'
import { fullJitter } from '../policies/backoff.ts'
import { type CloseRule, closePolicy, isAnswer, plain, unexpectedAnswer } from '../policies/close-policy.ts'
import type { Heartbeat } from '../policies/heartbeat.ts'

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
        // A copy: what the app is told is not the policy's to change.
        const answer = plain(rule({ ...ending }), 'closePolicy()')
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

const LATER: Beat = { type: 'wait', ms: PING_EVERY_MS }

/** What a heartbeat answers, behind a guard: one that throws or answers nonsense is reported, and asked again 15 s later. */
export function askHeartbeat(
  heartbeat: Heartbeat | undefined,
  pulse: Pulse,
  report: (error: ResilientError) => void,
): Beat {
  try {
    const beat = heartbeat?.judge(pulse)
    // No spread: that of a text is all its letters.
    const { type, ms = null }: Partial<Record<string, unknown>> = Object(beat)
    const finite = typeof ms === 'number' && ms >= 0 && ms < Infinity
    // Anew: it goes into the record, and nothing else of the app's does.
    if (type === 'dead') return { type }
    if (type === 'wait' && (ms === null || finite)) return { type, ms }
    if (type === 'ping' && finite && heartbeat?.message) return { type, ms }
    report(unexpected('ERR_POLICY', 'heartbeat.judge()', 'wait, ping (with a `message` to send) or dead', beat))
  } catch (cause) {
    report(new ResilientError('ERR_POLICY', '`heartbeat.judge` threw; it is asked again in 15 s.', cause))
  }
  return LATER
}
