// One client straight to each node, in every topic. They meet only what everybody meets, and what they have been sent shows
// that their node follows.
import { setTimeout as after } from 'node:timers/promises'
import type { SoakClient } from './client.ts'

/** A node that does not follow by then is stuck. */
const PATIENCE_MS = 60_000

/**
 * Resolves when every node has delivered, from every topic, what was stored since the last disaster. Then each of them is a
 * witness of the Redis that runs now, and the next disaster may take one of them, or Redis: without any, a restart is a new
 * epoch by design. `false` when that does not come.
 */
export async function allFollow(scouts: readonly SoakClient[]): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS
  for (const scout of scouts) for (const _ of scout.topics) scout.say()
  const said = scouts.flatMap(({ number, sent }) => [...sent].map(([topic, n]) => ({ number, topic, n })))
  const follows = (scout: SoakClient): boolean =>
    scout.open && said.every(({ number, topic, n }) => scout.heard(topic, number) >= n)
  while (!scouts.every(follows)) {
    if (performance.now() > until) return false
    await after(20)
  }
  return true
}
