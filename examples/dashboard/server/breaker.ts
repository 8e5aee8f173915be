// Breaks the line between page and server, and mends it when the time is up. One standing fault at a time.
import type { FaultProxy } from '../../../test/faults/fault-proxy.ts'
import type { Breakage } from './breakage.ts'
import type { Feed } from './feed.ts'
import { plan } from './plan.ts'

export interface Report {
  readonly type: Breakage['type']
  /** What was done, in words. */
  readonly says: string
  /** Which end of the line is broken. */
  readonly at: 'proxy' | 'server'
  /** When a standing fault ends, in epoch milliseconds; `null` for a single blow. */
  readonly until: number | null
}

export interface Breaker {
  /** The fault that stands now. */
  readonly standing: Report | null
  /** Requests are carried out one after the other. */
  apply(breakage: Breakage): Promise<Report>
  close(): Promise<void>
}

export function breaker(proxy: FaultProxy, feed: Feed): Breaker {
  let standing: { readonly report: Report; readonly end: () => void | Promise<void> } | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let last: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task)
    last = turn.catch(() => {})
    return turn
  }

  const heal = async (): Promise<void> => {
    clearTimeout(timer)
    const ending = standing
    standing = null
    await ending?.end()
  }

  const carryOut = async (breakage: Breakage): Promise<Report> => {
    const { at, says, begin, end } = plan(breakage, proxy, feed)
    const type = breakage.type
    // A single blow leaves a standing fault alone; a new standing fault takes the place of the old one.
    if (end !== undefined || type === 'heal') await heal()
    await begin()
    if (end === undefined || !('seconds' in breakage)) return { type, says, at, until: null }
    const ms = breakage.seconds * 1000
    const report = { type, says, at, until: Date.now() + ms }
    standing = { report, end }
    timer = setTimeout(() => inTurn(() => (standing?.report === report ? heal() : Promise.resolve())), ms)
    return report
  }

  return {
    get standing() {
      return standing?.report ?? null
    },
    apply: breakage => inTurn(() => carryOut(breakage)),
    close: () => inTurn(heal),
  }
}
