import type { Census } from './trial.ts'

/** What is left of all lives so far, after garbage collection. */
export interface Reading {
  readonly heapBytes: number
  /** At the page. */
  readonly listeners: number
  /** What keeps the process busy: timers, sockets. */
  readonly resources: readonly string[]
  readonly census: Census
}

/** Readings before the first life, after some, and after many more. */
export type Readings = readonly [before: Reading, early: Reading, late: Reading]

/** What heaps differ by between two looks, whatever happened in between. */
const HEAP_BYTES = 200_000
const COLLECTED = 0.99

/** What says that something leaked; none when nothing did. */
export function complaints([before, early, late]: Readings): readonly string[] {
  const grown = late.heapBytes - early.heapBytes
  const resources = ({ resources }: Reading): string => [...resources].sort().join(' ')
  const kept = Object.entries(late.census).filter(([, { made, gone }]) => gone < COLLECTED * made)
  return [
    ...(grown < HEAP_BYTES ? [] : [`the heap grew by ${grown} bytes`]),
    ...(late.listeners <= before.listeners ? [] : [`${late.listeners - before.listeners} listeners were left`]),
    ...(resources(late) === resources(before) ? [] : [`${resources(late)} instead of ${resources(before)}`]),
    ...kept.map(([kind, { made, gone }]) => `${made - gone} of ${made} ${kind} were kept`),
  ]
}
