// @ts-check
// Counts honestly what arrived, from the numbers that the messages carry and from nothing else: neither the session's
// positions nor its word are asked. So a fault of the library would show here.

/** Ranges of missing numbers that are remembered, so that one that turns up late is not taken for a double. */
const maxRanges = 256

/**
 * @typedef {object} Tally
 * @property {number} received numbers that arrived, each counted once
 * @property {number} lost numbers that were skipped without a word, and have not turned up since
 * @property {number} told numbers that did not arrive either, and the page was told so before anything later came
 * @property {number} doubled numbers that had arrived before
 * @property {number} outOfOrder numbers that arrived behind a later one
 * @property {(n: number) => void} hears this number arrived
 * @property {(n: number) => number} joins a connection begins after this number: what was not heard up to it is lost; returns how many those are
 * @property {(n: number) => number} covers a snapshot includes everything up to this number: what was not heard of it was told; returns how many those are
 */

/** @typedef {{ from: number, to: number, told: boolean }} Range */

/**
 * @param {number | null} [start] the number that comes before the first; `null` for whatever comes first
 * @returns {Tally}
 */
export function tally(start = null) {
  let newest = start
  /** @type {readonly Range[]} */
  let missing = []
  let received = 0
  let doubled = 0
  let outOfOrder = 0
  const count = { lost: 0, told: 0 }

  /** @param {number} to @param {boolean} told @returns {number} */
  const skip = (to, told) => {
    if (newest === null || to <= newest) {
      newest ??= to
      return 0
    }
    const many = to - newest
    missing = [...missing, { from: newest + 1, to, told }].slice(-maxRanges)
    count[told ? 'told' : 'lost'] += many
    newest = to
    return many
  }

  /** @param {number} n @returns {Range | undefined} what the number was missing from */
  const fills = n => {
    const range = missing.find(({ from, to }) => from <= n && n <= to)
    if (range === undefined) return undefined
    const rest = [
      { ...range, to: n - 1 },
      { ...range, from: n + 1 },
    ].filter(({ from, to }) => from <= to)
    missing = missing.flatMap(one => (one === range ? rest : [one]))
    count[range.told ? 'told' : 'lost'] -= 1
    return range
  }

  return {
    get received() {
      return received
    },
    get lost() {
      return count.lost
    },
    get told() {
      return count.told
    },
    get doubled() {
      return doubled
    },
    get outOfOrder() {
      return outOfOrder
    },
    hears(n) {
      if (newest === null || n > newest) {
        skip(n - 1, false)
        newest = n
        received += 1
        return
      }
      const range = fills(n)
      if (range === undefined) doubled += 1
      else received += 1
      // A snapshot may include what is only about to be stored: that comes behind it, as it should.
      if (range?.told === false) outOfOrder += 1
    },
    joins: n => skip(n, false),
    covers: n => skip(n, true),
  }
}
