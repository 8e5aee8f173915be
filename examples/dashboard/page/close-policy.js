// @ts-check
// A close policy that people can edit: rows of codes and answers, read and asked. No elements here.

/** @typedef {import('holdfast').Answer} Answer */
/** @typedef {{ readonly codes: string, readonly answer: string, readonly ms: string }} Entry what somebody has typed */
/** @typedef {{ readonly from: number, readonly to: number, readonly answer: Answer }} Rule */

const longestMs = 600_000

/** @type {Readonly<Record<string, Answer>>} */
const answers = { retry: 'retry', 'retry-slowly': 'retry-slowly', 'refresh-auth': 'refresh-auth', stop: 'stop' }

/**
 * The rule that a row stands for, or what is wrong with it: then the row is ignored.
 * @param {Entry} entry
 * @returns {Rule | { readonly problem: string }}
 */
export function readEntry({ codes, answer, ms }) {
  const typed = codes.trim()
  if (typed === '') return { problem: 'Ignored until it has a code, as 4401, or a range, as 4000-4099.' }
  const [, first, last = first] = /^(\d{4})(?:\s*[-–]\s*(\d{4}))?$/.exec(typed) ?? []
  if (first === undefined || last === undefined) {
    return { problem: `Ignored: “${typed}” is neither a code, as 4401, nor a range, as 4000-4099.` }
  }
  const [from, to] = [Number(first), Number(last)]
  if (from < 1000 || to > 4999) return { problem: 'Ignored: close codes go from 1000 to 4999.' }
  if (to < from) return { problem: `Ignored: a range begins with its smaller code, as ${to}-${from}.` }
  const known = answers[answer]
  if (known !== undefined) return { from, to, answer: known }
  const afterMs = Number(ms)
  if (!/^\d{1,6}$/.test(ms.trim()) || afterMs > longestMs) {
    return { problem: 'Ignored: expected whole milliseconds from 0 to 600,000.' }
  }
  return { from, to, answer: { afterMs } }
}

/** @param {Answer} answer */
export function answerInWords(answer) {
  if (typeof answer === 'object') return `retry after ${answer.afterMs} ms`
  return answer.replace('-', ' ')
}
