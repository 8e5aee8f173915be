// One client straight to each node, in every topic. They meet only what everybody meets, and what they have been sent shows
// that their node follows.
import { setTimeout as after } from 'node:timers/promises'
import type { SoakClient } from './client.ts'
import { progress, received } from './progress.ts'

/**
 * Resolves when every node has delivered, from every topic, what was stored since the last disaster. Then each of them is a
 * witness of the Redis that runs now, and the next disaster may take one of them, or Redis: without any, a restart is a new
 * epoch by design. A scout that is stuck says so, and is not waited for.
 */
export async function allFollow(scouts: readonly SoakClient[]): Promise<void> {
  for (const scout of scouts) for (const _ of scout.topics) scout.say()
  const said = scouts.flatMap(({ number, sent }) => [...sent].map(([topic, n]) => ({ number, topic, n })))
  const follows = (scout: SoakClient): boolean =>
    scout.open && said.every(({ number, topic, n }) => scout.heard(topic, number) >= n)
  const watch = progress(received)
  while (!scouts.every(follows)) {
    const stuck = watch.stuck(scouts.filter(scout => !follows(scout)))
    for (const scout of stuck) scout.stuck()
    if (stuck.length) return
    await after(20)
  }
}
