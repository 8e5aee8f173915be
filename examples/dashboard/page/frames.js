// @ts-check
// What the server says, checked before anything is made of it.

/** @typedef {{ symbol: string, name: string, opening: number, trail: number[] }} Instrument */
/**
 * @typedef {{ type: 'welcome', seq: number, instruments: Instrument[], account: string, orders: number }} Welcome
 */
/** @typedef {{ type: 'placed', account: string, orders: number }} Placed */
/** @typedef {{ type: 'price', seq: number, at: number, symbol: string, price: number }} Price */
/**
 * @typedef {{ type: 'order', seq: number, at: number, symbol: string, side: 'buy' | 'sell', quantity: number, price: number }} Order
 */
/** @typedef {Welcome | Placed | Price | Order} Frame */

/**
 * The frame in a message, or `null` where it is none that this page knows.
 * @param {unknown} data
 * @returns {Frame | null}
 */
export function readFrame(data) {
  if (typeof data !== 'string') return null
  const frame = parse(data)
  if (!isRecord(frame)) return null
  const { type, seq, at, symbol, price, side, quantity, instruments, account, orders } = frame
  if (type === 'placed') return typeof account === 'string' && isCount(orders) ? { type, account, orders } : null
  if (!isCount(seq)) return null
  if (type === 'welcome') {
    if (typeof account !== 'string' || !isCount(orders)) return null
    const listed = Array.isArray(instruments) && instruments.every(isInstrument)
    return listed ? { type, seq, instruments, account, orders } : null
  }
  if (!isNumber(at) || typeof symbol !== 'string' || !isNumber(price)) return null
  if (type === 'price') return { type, seq, at, symbol, price }
  if (type !== 'order' || (side !== 'buy' && side !== 'sell') || !isCount(quantity)) return null
  return { type, seq, at, symbol, side, quantity, price }
}

/** @param {string} text @returns {unknown} */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === 'object' && value !== null
}

/** @param {unknown} value @returns {value is number} */
function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value)
}

/** @param {unknown} value @returns {value is number} */
function isCount(value) {
  return Number.isSafeInteger(value) && isNumber(value) && value >= 0
}

/** @param {unknown} value @returns {value is Instrument} */
function isInstrument(value) {
  if (!isRecord(value)) return false
  const { symbol, name, opening, trail } = value
  return (
    typeof symbol === 'string' &&
    typeof name === 'string' &&
    isNumber(opening) &&
    Array.isArray(trail) &&
    trail.every(isNumber)
  )
}
