// @ts-check
// The policy editor: a table whose rows answer from the moment they are typed.
import { answerInWords, readEntry } from './close-policy.js'
import { byId, element, say } from './elements.js'

/** @typedef {import('./close-policy.js').Rule} Rule */
/**
 * @typedef {object} Row
 * @property {HTMLElement} body
 * @property {() => Rule | null} rule
 * @property {(number: number) => void} count
 * @property {HTMLInputElement} codes
 */

const choices = [
  ['retry', 'retry'],
  ['retry-slowly', 'retry slowly'],
  ['refresh-auth', 'refresh auth'],
  ['stop', 'stop'],
  ['after', 'retry after'],
]
const maxRows = 8

export function policyView() {
  const table = byId('policy', HTMLTableElement)
  const add = byId('add-row', HTMLButtonElement)
  const verdict = byId('verdict', HTMLElement)
  const ownCodes = byId('own-codes', HTMLOptGroupElement)
  /** @type {Row[]} */
  let rows = []
  /** Who answered last: a row, or nobody here. @type {{ code: number, row: Row | null } | null} */
  let last = null

  /** Whatever the table says can be tried: its codes stand among those that the server may close with. */
  const offerCodes = () => {
    const codes = new Set(rows.flatMap(row => row.rule()?.from ?? []))
    const others = [...document.querySelectorAll('#code > option')].map(each => each.getAttribute('value'))
    const mayBeSent = [...codes].filter(code => code >= 3000 && !others.includes(String(code)))
    ownCodes.hidden = mayBeSent.length === 0
    const offered = mayBeSent.map(code =>
      Object.assign(element('option', '', `${code} from the policy`), { value: code }),
    )
    const { value } = byId('code', HTMLSelectElement)
    ownCodes.replaceChildren(...offered)
    if (mayBeSent.includes(Number(value))) byId('code', HTMLSelectElement).value = value
  }

  const refresh = () => {
    for (const [index, row] of rows.entries()) row.count(index + 1)
    add.setAttribute('aria-disabled', String(rows.length >= maxRows))
    offerCodes()
  }

  /** @param {Row} gone */
  const remove = gone => {
    const index = rows.indexOf(gone)
    rows = rows.filter(row => row !== gone)
    gone.body.remove()
    refresh()
    // The focus must not fall out of the page with the button.
    ;(rows[index] ?? rows[index - 1])?.codes.focus()
    if (rows.length === 0) add.focus()
  }

  /** @param {{ codes: string, answer: string }} entry */
  const insert = entry => {
    const row = policyRow(entry, refresh, remove)
    rows = [...rows, row]
    table.append(row.body)
    refresh()
    return row
  }

  insert({ codes: '4000', answer: 'retry' })
  insert({ codes: '4100-4199', answer: 'stop' })
  add.addEventListener('click', () => {
    if (rows.length < maxRows) insert({ codes: '', answer: 'retry' }).codes.focus()
  })

  return {
    /** The close policy: the first row that fits answers; where none does, it abstains. @type {import('holdfast').ClosePolicy} */
    decide({ code }) {
      const row = rows.find(each => {
        const rule = each.rule()
        return rule !== null && rule.from <= code && code <= rule.to
      })
      last = { code, row: row ?? null }
      return row?.rule()?.answer
    },
    /** Shows who answered, once it is known what. @param {import('holdfast').TransitionRecord} record */
    saw({ answers }) {
      const answer = answers.find(isAboutClose)
      if (last === null || answer === undefined) return
      const { code, row } = last
      last = null
      for (const each of rows) each.body.classList.toggle('answered', each === row)
      const by = row === null ? 'the standard table' : `row ${rows.indexOf(row) + 1}`
      say(verdict, `Last answer: ${code}, ${answerInWords(answer)}, by ${by}.`)
    },
  }
}

/**
 * The heartbeat and the backoff answer too.
 * @param {import('holdfast').Answered} answer
 * @returns {answer is import('holdfast').Answer}
 */
function isAboutClose(answer) {
  return typeof answer === 'string' || (typeof answer === 'object' && answer !== null && 'afterMs' in answer)
}

let made = 0

/**
 * @param {{ codes: string, answer: string }} entry
 * @param {() => void} changed
 * @param {(row: Row) => void} remove
 * @returns {Row}
 */
function policyRow(entry, changed, remove) {
  const id = `policy-problem-${++made}`
  const number = element('th', 'number')
  const codes = element('input', 'codes')
  const answer = element('select', '')
  const ms = element('input', 'ms')
  const after = element('span', 'after', ms, ' ms')
  const gone = element('button', 'remove', '×')
  const problem = element('p', 'problem')
  const problemCell = element('td', '', problem)
  const problemLine = element('tr', 'problem-line', problemCell)

  number.scope = 'row'
  Object.assign(codes, {
    type: 'text',
    value: entry.codes,
    placeholder: '4401',
    autocomplete: 'off',
    spellcheck: false,
  })
  Object.assign(ms, { type: 'text', value: '500', inputMode: 'numeric', autocomplete: 'off' })
  gone.type = 'button'
  problem.id = id
  problemCell.colSpan = 4
  for (const [value = '', label = ''] of choices) {
    answer.append(Object.assign(element('option', '', label), { value }))
  }
  answer.value = entry.answer

  /** @type {Rule | null} */
  let rule = null
  /** @param {boolean} finished a code that is still being typed is no mistake yet */
  const read = finished => {
    const found = readEntry({ codes: codes.value, answer: answer.value, ms: ms.value })
    rule = 'problem' in found ? null : found
    after.hidden = answer.value !== 'after'
    const wrong = 'problem' in found ? found.problem : ''
    if (wrong !== '' && !finished) return
    say(problem, wrong)
    problemLine.hidden = wrong === ''
    const blank = codes.value.trim() === ''
    const aboutMs = wrong.includes('milliseconds')
    problem.classList.toggle('blank', blank)
    for (const [input, invalid] of /** @type {const} */ ([
      [codes, wrong !== '' && !aboutMs && !blank],
      [ms, aboutMs],
    ])) {
      input.setAttribute('aria-invalid', String(invalid))
      if (wrong !== '' && aboutMs === (input === ms)) input.setAttribute('aria-describedby', id)
      else input.removeAttribute('aria-describedby')
    }
  }

  /** @type {Row} */
  const row = {
    body: element(
      'tbody',
      '',
      element(
        'tr',
        '',
        number,
        element('td', '', codes),
        element('td', '', element('div', 'answer', answer, after)),
        element('td', '', gone),
      ),
      problemLine,
    ),
    rule: () => rule,
    codes,
    count(at) {
      say(number, String(at))
      codes.setAttribute('aria-label', `Row ${at}: code or range`)
      answer.setAttribute('aria-label', `Row ${at}: answer`)
      ms.setAttribute('aria-label', `Row ${at}: milliseconds`)
      gone.setAttribute('aria-label', `Remove row ${at}`)
    },
  }
  row.body.addEventListener('input', () => {
    read(false)
    changed()
  })
  row.body.addEventListener('change', () => read(true))
  gone.addEventListener('click', () => remove(row))
  read(true)
  return row
}
