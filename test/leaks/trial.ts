import type { WebSocketConstructor } from '../../src/index.ts'
import { type Counts, census } from './census.ts'
import { lives, type Stage } from './lives.ts'
import { leak, type Planted } from './planted.ts'

export interface Plan {
  readonly url: string
  readonly refusedUrl: string
  readonly planted: Planted
  /** Those that are not lived. */
  readonly without?: readonly string[]
}

export interface Trial {
  /** Of the sockets that the apps were given, and of the platform's behind them. */
  readonly counts: Counts
  /** Lives so many lives, one kind after the other, a few at a time. */
  run(count: number): Promise<void>
}

/** As many as a browser dials at once without getting slower. */
const SIDE_BY_SIDE = 8

export function trial(Native: WebSocketConstructor, { url, refusedUrl, planted, without = [] }: Plan): Trial {
  const { counts, note } = census()
  class NotedWebSocket extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      note('natives', this)
    }
  }
  // Never aborted.
  const { signal } = new AbortController()
  const leaks = leak(planted, signal)
  const stage: Stage = {
    url,
    refusedUrl,
    options: { WebSocket: NotedWebSocket },
    signal,
    hangs: () => new Promise(() => {}),
    note(socket) {
      note('wrappers', socket)
      leaks(socket)
    },
  }
  const kinds = Object.entries(lives).filter(([name]) => !without.includes(name))
  let begun = 0
  return {
    counts,
    async run(count) {
      const until = begun + count
      const lane = async (): Promise<void> => {
        while (begun < until) await kinds[begun++ % kinds.length]?.[1](stage)
      }
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane))
    },
  }
}
