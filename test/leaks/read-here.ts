import { setTimeout as pause } from 'node:timers/promises'
import type { Counts } from './census.ts'
import type { Reading } from './reading.ts'

/** Looks at this process, which was started with `--expose-gc`. */
export async function readHere(counts: Counts, listeners: () => number): Promise<Reading> {
  // Sockets go in the tasks after their `close` event, and finalizers run in tasks of their own.
  for (let i = 0; i < 4; i++) {
    await pause(30)
    globalThis.gc?.()
  }
  await pause(30)
  return {
    heapBytes: process.memoryUsage().heapUsed,
    listeners: listeners(),
    resources: process.getActiveResourcesInfo(),
    counts: structuredClone(counts),
  }
}
