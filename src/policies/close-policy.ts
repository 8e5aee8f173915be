import type { Ending } from '../core/disconnect.ts'
import { type ResilientError, read, unexpected } from '../core/resilient-error.ts'
import type { Answer, ClosePolicy } from '../core/rules.ts'

/** Answers by close code: `{ 4401: 'refresh-auth', '4000-4099': 'stop' }`. A single code goes before a range, and the first of two ranges before the second. */
export type CloseTable = Readonly<Record<number | `${number}-${number}`, Answer>>

/** Where a policy looks for its answer: a table, a function, or several of them, asked in order. */
export type CloseRule = CloseTable | ClosePolicy

const ANSWERS: readonly unknown[] = ['retry', 'retry-slowly', 'refresh-auth', 'fall-back', 'stop']

/** An answer that the machine understands. */
export function isAnswer(answer: unknown): answer is Answer {
  if (typeof answer !== 'object' || answer === null) return ANSWERS.includes(answer)
  return 'afterMs' in answer && typeof answer.afterMs === 'number' && answer.afterMs >= 0 && answer.afterMs < Infinity
}

/** An answer as plain data: it goes into records, and what has a getter is asked once. */
export function plain(answer: unknown, path: string): unknown {
  const afterMs = read(Object(answer), 'afterMs', path)
  return afterMs === undefined ? answer : { afterMs }
}

/** What is wrong with it, named `closePolicy`. */
export function unexpectedAnswer(code: 'ERR_OPTION' | 'ERR_POLICY', where: string, got: unknown): ResilientError {
  return unexpected(code, `closePolicy${where}`, `one of ${ANSWERS.join(', ')} or { afterMs } from 0`, got)
}

function fromTable(table: CloseTable): ClosePolicy {
  if (typeof table !== 'object' || !table) {
    throw unexpected('ERR_OPTION', 'closePolicy', 'a table, a function, or a list of them', table)
  }
  const rows = Object.keys(table).map(key => {
    const path = `closePolicy[${key}]`
    const [, from, to = from] = /^(\d{4})(?:-(\d{4}))?$/.exec(key) ?? []
    if (!from || !to || +from < 1000 || +to > 4999 || to < from) {
      throw unexpected('ERR_OPTION', path, 'for a code (4401) or a range (4000-4099) from 1000 to 4999', key)
    }
    const answer = plain(read(table, key, path), path)
    if (!isAnswer(answer)) throw unexpectedAnswer('ERR_OPTION', `[${key}]`, answer)
    return { from: +from, to: +to, answer }
  })
  return ({ code }) => rows.find(({ from, to }) => code >= from && code <= to)?.answer
}

/**
 * One policy out of several: asked in order, the first answer wins, `undefined` abstains. A pure function of the
 * disconnect, so it can be tested alone. The standard table stands behind the app's policies by itself.
 *
 * @throws ResilientError `ERR_OPTION` for a table with a key that is no code or range, or an answer that is none.
 */
export function closePolicy(...rules: readonly CloseRule[]): ClosePolicy {
  const policies = rules.map(rule => (typeof rule === 'function' ? rule : fromTable(rule)))
  return ending => {
    for (const policy of policies) {
      const answer = policy(ending)
      if (answer !== undefined) return answer
    }
    return undefined
  }
}

/** How many connections in a row ended like that, this one included: no stable one between. */
function inARow({ attempt, history }: Ending, like: (past: Pick<Ending, 'code' | 'origin'>) => boolean): number {
  const run = attempt ? history.slice(-attempt) : []
  const differs = [...run].reverse().findIndex(past => !like(past))
  return 1 + (differs < 0 ? run.length : differs)
}

/** A browser failed this connection and the two before it: the server breaks the protocol. */
export function violatesProtocol(ending: Ending): boolean {
  const failed = ({ origin }: Pick<Ending, 'origin'>): boolean => origin === 'browser-failed'
  return failed(ending) && inARow(ending, failed) >= 3
}

/** What is done about a close code that no policy of the app has an answer to. A code that is not here is retried. */
export const STANDARD_TABLE: CloseTable = {
  // The same bug meets the same answer.
  1002: 'stop',
  1003: 'stop',
  1007: 'stop',
  1010: 'stop',
  1013: 'retry-slowly',
  // A certificate that expired overnight breaks everyone at once.
  1015: 'retry-slowly',
  3000: 'refresh-auth',
  3003: 'stop',
  3008: 'retry-slowly',
  4401: 'refresh-auth',
  4403: 'stop',
}

const byCode = fromTable(STANDARD_TABLE)

/** The standard policy: always answers. */
export function standardPolicy(ending: Ending): Answer {
  const { code, refusals } = ending
  // Refreshing may help once, where there is something to refresh.
  if (code === 1008) return refusals === 0 ? 'refresh-auth' : 'stop'
  // The app may not send it again.
  if (code === 1009) return inARow(ending, past => past.code === code) > 1 ? 'stop' : 'retry'
  if (violatesProtocol(ending)) return 'retry-slowly'
  return byCode(ending) ?? 'retry'
}
