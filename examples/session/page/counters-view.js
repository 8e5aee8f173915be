// @ts-check
// The counters of both sockets, side by side, and what they come to.
import { byId, say } from '../../dashboard/page/elements.js'

/** @typedef {import('./traffic.js').Traffic} Traffic */

const whole = new Intl.NumberFormat('en')

/** What is counted, by the id of its cell. @type {Readonly<Record<string, (of: Traffic) => number | null>>} */
const counters = {
  sent: ({ sent }) => sent,
  acknowledged: ({ acknowledged }) => acknowledged,
  received: ({ down, back }) => down.received + back.received,
  lost: ({ down, back }) => down.lost + back.lost,
  doubled: ({ down, back }) => down.doubled + back.doubled,
  'out-of-order': ({ down, back }) => down.outOfOrder + back.outOfOrder,
  gaps: ({ gaps }) => gaps,
}

/** These are to stay 0. */
const faults = ['lost', 'doubled', 'out-of-order']

/** @param {{ session: Traffic, plain: Traffic }} both */
export function countersView(both) {
  const verdict = byId('verdict', HTMLElement)
  const score = byId('score', HTMLElement)
  const toldOf = byId('told', HTMLElement)

  return () => {
    for (const [name, of] of /** @type {const} */ ([
      ['session', both.session],
      ['plain', both.plain],
    ])) {
      for (const [counter, read] of Object.entries(counters)) {
        const cell = byId(`${name}-${counter}`, HTMLElement)
        const value = read(of)
        say(cell, value === null ? 'never told' : whole.format(value))
        if (faults.includes(counter)) cell.classList.toggle('some', Number(value) > 0)
      }
      const { down, back } = of
      const split = down.lost + back.lost === 0 ? '' : `${down.lost} to the page, ${back.lost} from it`
      say(byId(`${name}-split`, HTMLElement), split)
    }
    const told = both.session.down.told + both.session.back.told
    say(toldOf, told === 0 ? '' : `${told} fetched anew`)
    const { wrong, missed } = come(both)
    verdict.classList.toggle('some', wrong > 0)
    const said = sentences(wrong, missed)
    say(byId('with', HTMLElement), said.withSession)
    say(byId('without', HTMLElement), said.without)
    // The verdict scrolls away on a small screen, where the buttons are below it.
    say(score, `${whole.format(wrong)} lost, ${whole.format(missed)} without`)
  }
}

/** What went wrong with the session, and what is gone without. @param {{ session: Traffic, plain: Traffic }} both */
function come({ session, plain }) {
  const wrong = faults.reduce((sum, name) => sum + Number(counters[name]?.(session)), 0)
  return { wrong, missed: plain.down.lost + plain.back.lost }
}

/** @param {number} wrong @param {number} missed */
function sentences(wrong, missed) {
  const without = missed === 0 ? 'Break something.' : `Without a session, ${whole.format(missed)} are gone.`
  const withSession =
    wrong > 0 ? `${whole.format(wrong)} messages of the session went wrong.` : 'Nothing lost, nothing twice.'
  return { withSession, without }
}
