import type { Counts } from './census.ts'

/** What is left of all that was, after garbage collection. */
export interface Reading {
  readonly heapBytes: number
  /** At the page. */
  readonly listeners: number
  /** What keeps the process busy: timers, sockets. */
  readonly resources: readonly string[]
  readonly counts: Counts
}

/** Before it began, after some of it, and after much more. */
export type Readings = readonly [before: Reading, early: Reading, late: Reading]

const COLLECTED = 0.99

/** What says that something leaked; none when nothing did, and the heap grew by less than `heapBytes`. */
export function complaints([before, early, late]: Readings, heapBytes: number): readonly string[] {
  const grown = late.heapBytes - early.heapBytes
  const resources = ({ resources }: Reading): string => [...resources].sort().join(' ')
  const kept = Object.entries(late.counts).filter(([, { made, gone }]) => gone < COLLECTED * made)
  return [
    ...(grown < heapBytes ? [] : [`the heap grew by ${grown} bytes`]),
    ...(late.listeners <= before.listeners ? [] : [`${late.listeners - before.listeners} listeners were left`]),
    ...(resources(late) === resources(before) ? [] : [`'${resources(late)}' instead of '${resources(before)}'`]),
    ...kept.map(([kind, { made, gone }]) => `${made - gone} of ${made} ${kind} were kept`),
  ]
}
