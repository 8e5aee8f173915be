// @ts-check
// Prices and orders, and where some are missing.
import { byId, element, say } from './elements.js'
import { sparkline } from './sparkline.js'

/** @typedef {import('./frames.js').Instrument} Instrument */
/** @typedef {import('./frames.js').Order} Order */
/** @typedef {import('./frames.js').Price} Price */
/** @typedef {{ show: (price: number) => void }} Row */

/** As many as the widest layout has room for; what is below the edge is cut off. */
const tapeLength = 30
const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const count = new Intl.NumberFormat('en')

export function marketView() {
  const body = byId('prices', HTMLElement)
  const tape = byId('tape', HTMLElement)
  /** @type {Map<string, Row>} */
  const rows = new Map()

  /** @param {HTMLElement} item */
  const print = item => {
    tape.prepend(item)
    while (tape.children.length > tapeLength) tape.lastElementChild?.remove()
  }

  return {
    /** @param {Instrument[]} instruments */
    list(instruments) {
      rows.clear()
      body.replaceChildren(...instruments.map(instrument => row(instrument, rows)))
    },
    /** @param {Price} price */
    price({ symbol, price }) {
      rows.get(symbol)?.show(price)
    },
    /** @param {Order} order */
    order({ at, side, quantity, symbol, price }) {
      print(
        element(
          'li',
          side,
          element('time', '', clock(at)),
          element('b', '', side === 'buy' ? 'Buy' : 'Sell'),
          element('span', 'quantity', count.format(quantity)),
          element('span', 'symbol', symbol),
          element('span', 'price', money.format(price)),
        ),
      )
    },
    /** @param {number} events */
    gap(events) {
      print(element('li', 'gap', `${count.format(events)} ${events === 1 ? 'event' : 'events'} missed`))
    },
    /**
     * Says how old the picture is while nothing new comes in.
     * @param {number | null} asOf
     */
    stale(asOf) {
      for (const note of document.querySelectorAll('.stale')) {
        note.toggleAttribute('hidden', asOf === null)
        const time = note.querySelector('time')
        if (time !== null && asOf !== null) say(time, clock(asOf))
      }
    },
  }
}

/**
 * @param {Instrument} instrument
 * @param {Map<string, Row>} rows
 */
function row({ symbol, name, opening, trail }, rows) {
  const prices = trail.slice()
  const last = element('td', 'last')
  const change = element('td', 'change')
  const trend = sparkline(opening)
  const made = element(
    'tr',
    '',
    element('th', '', element('b', '', symbol), element('small', '', name)),
    last,
    change,
    element('td', 'trend', trend.svg),
  )
  const draw = () => {
    const price = prices.at(-1) ?? opening
    const percent = (price / opening - 1) * 100
    say(last, money.format(price))
    say(change, `${percent < 0 ? '−' : '+'}${money.format(Math.abs(percent))} %`)
    made.className = percent < 0 ? 'down' : 'up'
    trend.draw(prices)
  }
  rows.set(symbol, {
    show(price) {
      const before = prices.at(-1) ?? opening
      prices.push(price)
      if (prices.length > 48) prices.shift()
      draw()
      if (price !== before) flash(last, price > before ? 'rose' : 'fell')
    },
  })
  draw()
  return made
}

/**
 * @param {HTMLElement} cell
 * @param {'rose' | 'fell'} how
 */
function flash(cell, how) {
  const colour = getComputedStyle(cell).getPropertyValue(how === 'rose' ? '--up-wash' : '--down-wash')
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  cell.animate([{ backgroundColor: colour }, { backgroundColor: 'transparent' }], { duration: 700, easing: 'ease-out' })
}

/** @param {number} at */
function clock(at) {
  return new Date(at).toLocaleTimeString('en-GB')
}
