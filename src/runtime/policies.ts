import { ResilientError, unexpected } from '../core/resilient-error.ts'
import type { Answer, Backoff, BackoffQuestion, ClosePolicy, Rules } from '../core/rules.ts'
import { fullJitter } from '../policies/backoff.ts'

/** The app's policies behind a guard, and what they answered. */
export interface Policies extends Pick<Rules, 'decide' | 'backoff'> {
  /** The answers given since the last call, in order of asking: they belong into the record. */
  take(): readonly (Answer | number | null)[]
}

/** One that throws or answers nonsense abstains, and is reported. */
export function policies(
  decide: ClosePolicy,
  backoff: Backoff | undefined,
  report: (error: ResilientError) => void,
): Policies {
  const standard = fullJitter()
  let answers: (Answer | number | null)[] = []
  const note = <A extends Answer | number | undefined>(answer: A): A => {
    answers.push(answer ?? null)
    return answer
  }
  const delayOf = (question: BackoffQuestion): number | undefined => {
    try {
      const delay = backoff?.(question)
      if (delay === undefined || (delay >= 0 && delay < Infinity)) return delay
      report(unexpected('ERR_POLICY', 'backoff()', 'a delay in ms or undefined', delay))
    } catch (cause) {
      report(new ResilientError('ERR_POLICY', '`backoff()` threw; the standard backoff was used.', cause))
    }
    return undefined
  }
  return {
    decide: ending => note(decide(ending)),
    backoff: question => note(delayOf(question) ?? standard(question)),
    take() {
      const taken = answers
      if (taken.length) answers = []
      return taken
    },
  }
}
