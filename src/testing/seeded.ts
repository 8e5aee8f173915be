/** How far the state moves for each number. */
export const MULBERRY_STEP = 0x6d2b79f5

/** The number in [0, 1) that belongs to a state. */
export function mulberryAt(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Uniform numbers in [0, 1), the same ones for the same seed (Mulberry32: 32 bits of state, plenty for a test). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + MULBERRY_STEP) | 0
    return mulberryAt(state)
  }
}
