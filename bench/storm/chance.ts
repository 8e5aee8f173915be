import { MULBERRY_STEP, mulberry32, mulberryAt } from '../../src/testing/seeded.ts'

/** Chance, for every client its own: what one of them draws does not depend on who else is there. */
export class Chance {
  readonly #states: Int32Array

  private constructor(states: Int32Array) {
    this.#states = states
  }

  static of(clients: number, seed: number): Chance {
    const seeds = mulberry32(seed)
    return new Chance(Int32Array.from({ length: clients }, () => Math.floor(seeds() * 2 ** 32) | 0))
  }

  /** Uniform in [0, 1). */
  roll(client: number): number {
    const state = ((this.#states[client] ?? 0) + MULBERRY_STEP) | 0
    this.#states[client] = state
    return mulberryAt(state)
  }

  /** Another one that says the same from here on. */
  copy(): Chance {
    return new Chance(this.#states.slice())
  }
}
