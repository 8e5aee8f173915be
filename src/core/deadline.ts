import type { MachineState } from './state.ts'

/** The ONE next moment at which a tick is due, monotonic ms; `Infinity` when there is none. A field of the slot that needs it, so leaving the slot cancels it. */
export function deadline({ intent, serving, dial, wait, down, renewal }: MachineState): number {
  // Closing with nothing left to close ends in the next task: its close event must not come from inside close().
  if (intent === 'closing' && !serving && !dial) return 0
  return Math.min(
    serving?.stableAt ?? Infinity,
    dial?.deadlineAt ?? Infinity,
    wait?.until ?? Infinity,
    down?.limitedAt ?? Infinity,
    serving?.renewAt ?? Infinity,
    serving?.agedAt ?? Infinity,
    serving?.rotation?.checkAt ?? Infinity,
    serving?.heart?.lookAt ?? Infinity,
    renewal?.deadlineAt ?? Infinity,
  )
}
