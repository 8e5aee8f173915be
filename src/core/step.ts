import type { Effect } from './effect.ts'
import type { MachineState } from './state.ts'

/** The new state and what to do about it, in order. */
export type Step = readonly [state: MachineState, effects: readonly Effect[]]
