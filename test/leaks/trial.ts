import type { WebSocketConstructor } from '../../src/index.ts'
import { lives, type Stage } from './lives.ts'
import { leak, type Planted } from './planted.ts'

export interface Plan {
  readonly url: string
  readonly refusedUrl: string
  readonly planted: Planted
  /** Those that are not lived. */
  readonly without?: readonly string[]
}

/** How many there were, and how many of them the garbage collector took. */
export interface Count {
  made: number
  gone: number
}

/** Of the sockets that apps are given, and of the platform's behind them. */
export type Census = Readonly<Record<'wrappers' | 'natives', Count>>

export interface Trial {
  readonly census: Census
  /** Lives so many lives, one kind after the other, a few at a time. */
  run(count: number): Promise<void>
}

/** As many as a browser dials at once without getting slower. */
const SIDE_BY_SIDE = 8

export function trial(Native: WebSocketConstructor, { url, refusedUrl, planted, without = [] }: Plan): Trial {
  const census: Census = { wrappers: { made: 0, gone: 0 }, natives: { made: 0, gone: 0 } }
  const registry = new FinalizationRegistry<keyof Census>(kind => {
    census[kind].gone++
  })
  const count = (kind: keyof Census, made: object): void => {
    census[kind].made++
    registry.register(made, kind)
  }
  class CountedWebSocket extends Native {
    constructor(...args: ConstructorParameters<WebSocketConstructor>) {
      super(...args)
      count('natives', this)
    }
  }
  // Never aborted.
  const { signal } = new AbortController()
  const leaks = leak(planted, signal)
  const stage: Stage = {
    url,
    refusedUrl,
    options: { WebSocket: CountedWebSocket },
    signal,
    hangs: () => new Promise(() => {}),
    note(socket) {
      count('wrappers', socket)
      leaks(socket)
    },
  }
  const kinds = Object.entries(lives).filter(([name]) => !without.includes(name))
  let begun = 0
  return {
    census,
    async run(count) {
      const until = begun + count
      const lane = async (): Promise<void> => {
        while (begun < until) await kinds[begun++ % kinds.length]?.[1](stage)
      }
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane))
    },
  }
}
