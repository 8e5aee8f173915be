import type { Backoff } from 'holdfast'

/** The delays of reconnecting-websocket and partysocket. */
export interface GrowingDelays {
  /** Before the first retry, in ms. */
  readonly minReconnectionDelay?: number | undefined
  /** The longest one, in ms. */
  readonly maxReconnectionDelay?: number | undefined
  readonly reconnectionDelayGrowFactor?: number | undefined
}

/**
 * The same delays as a backoff of Holdfast, where an app chose any; where it chose none, Holdfast's own spread better.
 *
 * `first`: the delay before the first retry where the app did not choose it; its argument is chance, in [0, 1).
 */
export function growingDelays(
  { minReconnectionDelay, maxReconnectionDelay, reconnectionDelayGrowFactor }: GrowingDelays,
  first: (roll: number) => number,
): Backoff | undefined {
  if ((minReconnectionDelay ?? maxReconnectionDelay ?? reconnectionDelayGrowFactor) === undefined) return undefined
  const longest = maxReconnectionDelay ?? 10_000
  const factor = reconnectionDelayGrowFactor ?? 1.3
  return ({ attempt, slow, roll }) =>
    // Whoever asked to go slow is given Holdfast's slow window.
    slow ? undefined : Math.min(longest, (minReconnectionDelay ?? first(roll)) * factor ** (attempt - 1))
}
