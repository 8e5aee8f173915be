// @ts-check
// Counts honestly what arrived, what did not, and what came twice, from the numbers that events carry.

/** Ranges of missed numbers that are remembered, so that one that turns up late is not taken for a double. */
const maxGaps = 256

/**
 * @typedef {object} Tally
 * @property {number} received events that arrived, each counted once
 * @property {number} missed numbers that were skipped and have not turned up since
 * @property {number} doubled events that had arrived before
 * @property {(seq: number) => number} joins a connection begins after this number; returns how many were missed
 * @property {(seq: number) => number} hears an event with this number arrived; returns how many were missed before it
 */

/** @returns {Tally} */
export function tally() {
  /** @type {number | null} */
  let newest = null
  /** @type {{ from: number, to: number }[]} */
  let gaps = []
  let received = 0
  let missed = 0
  let doubled = 0

  /** @param {number} seq @returns {number} */
  const skipTo = seq => {
    if (newest === null || seq <= newest + 1) return 0
    const gap = { from: newest + 1, to: seq - 1 }
    gaps = [...gaps, gap].slice(-maxGaps)
    const count = gap.to - gap.from + 1
    missed += count
    return count
  }

  /** @param {number} seq @returns {boolean} */
  const fills = seq => {
    const gap = gaps.find(({ from, to }) => from <= seq && seq <= to)
    if (gap === undefined) return false
    const rest = [
      { from: gap.from, to: seq - 1 },
      { from: seq + 1, to: gap.to },
    ].filter(({ from, to }) => from <= to)
    gaps = gaps.flatMap(one => (one === gap ? rest : [one]))
    return true
  }

  return {
    get received() {
      return received
    },
    get missed() {
      return missed
    },
    get doubled() {
      return doubled
    },
    joins(seq) {
      // A smaller number than before is another market: the demo was started anew.
      const anew = newest === null || seq < newest
      const count = anew ? 0 : skipTo(seq + 1)
      if (anew) gaps = []
      newest = seq
      return count
    },
    hears(seq) {
      const count = skipTo(seq)
      if (newest === null || seq > newest) {
        newest = seq
        received += 1
      } else if (fills(seq)) {
        missed -= 1
        received += 1
      } else {
        doubled += 1
      }
      return count
    },
  }
}
