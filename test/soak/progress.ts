// Who comes no further, however slow the machine is.
import type { SoakClient } from './client.ts'
import type { Ledger } from './ledger.ts'

/** Dead connections are found within 13 s: who has received nothing, and been answered nothing, for so long is stuck. */
const STUCK_MS = 60_000

export interface Progress {
  /** Of those who still wait for something, the stuck ones. */
  stuck(waiting: readonly SoakClient[]): readonly SoakClient[]
}

/** `far` grows with whatever counts as getting on. */
export function progress(far: (client: SoakClient) => number): Progress {
  const moved = new Map<SoakClient, { readonly to: number; readonly at: number }>()
  return {
    stuck: waiting =>
      waiting.filter(client => {
        const to = far(client)
        const last = moved.get(client)
        if (last?.to === to) return performance.now() - last.at > STUCK_MS
        moved.set(client, { to, at: performance.now() })
        return false
      }),
  }
}

/** How much it has received, of all its topics. */
export function received(client: SoakClient): number {
  return client.topics.reduce((sum, topic) => sum + client.reached(topic), 0)
}

/** Has everything that anybody has seen, and every answer. */
export function isQuiet(client: SoakClient, ledger: Ledger): boolean {
  return client.unanswered() === 0 && client.topics.every(topic => client.reached(topic) >= ledger.head(topic))
}
