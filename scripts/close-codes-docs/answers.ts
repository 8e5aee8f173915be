/** What Holdfast does about a disconnect, in words: asked of the standard policy, not written down again. */
import { askedDelayMs } from '../../src/core/close-codes.ts'
import type { Ending, Past } from '../../src/core/disconnect.ts'
import { BACKOFF_SLOW_MS, MAX_REFUSALS } from '../../src/core/limits.ts'
import type { Answer } from '../../src/core/rules.ts'
import { standardPolicy } from '../../src/policies/close-policy.ts'
import { ending } from '../../src/testing/ending.ts'

/** More of the same in a row than any rule of the standard policy counts. */
const ROUNDS = 5

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth']

/** Marks a code whose close reason may ask for a delay. */
export const MAY_ASK = '¹'

const SLOW = `retry slowly (window of ${BACKOFF_SLOW_MS / 1_000} s)`

/** The same disconnect again and again, never stable between: what is answered each time, until it stops. */
function answers(facts: Partial<Ending>, provider: boolean): readonly Answer[] {
  const given: Answer[] = []
  const history: Past[] = []
  let refusals = 0
  while (given.length < ROUNDS && given.at(-1) !== 'stop') {
    const now = ending({
      ...facts,
      attempt: history.length,
      history: [...history],
      refusals: provider ? refusals : null,
    })
    const answer = standardPolicy(now)
    given.push(answer)
    history.push({ origin: now.origin, code: now.code, openMs: now.openMs, endedAt: 0 })
    if (answer === 'refresh-auth') refusals++
  }
  return given
}

function inWords(answer: Answer, provider: boolean): string {
  if (typeof answer === 'object') return `retry after ${answer.afterMs} ms`
  if (answer === 'retry-slowly') return SLOW
  if (answer === 'refresh-auth') return provider ? 'refresh the credential, then retry' : 'stop: unauthorized'
  return answer === 'fall-back' ? 'fall back' : answer
}

/** `retry; stop at the second in a row`. */
export function told(facts: Partial<Ending>, provider: boolean): string {
  const given = answers(facts, provider)
  const [first = 'retry'] = given
  const changes = given.findIndex(answer => answer !== first)
  const then = given[changes]
  const asks = first === 'retry' || first === 'retry-slowly'
  const delayed = asks && facts.code !== undefined && askedDelayMs(facts.code, 'after=1') !== null
  return [
    inWords(first, provider) + (delayed ? ` ${MAY_ASK}` : ''),
    ...(then === undefined ? [] : [`${inWords(then, provider)} at the ${ORDINALS[changes]} in a row`]),
    ...(first === 'refresh-auth' && provider && then === undefined
      ? [`stop at the ${ORDINALS[MAX_REFUSALS - 1]} in a row`]
      : []),
  ].join('; ')
}
