/** What the auction house does about every way a connection can end. What is not here is left to the standard table. */
import { type ClosePolicy, type CloseTable, closePolicy, type Ending, type Past } from 'holdfast'

/** What our server and our app have agreed on, beside the registered codes. */
const AGREED: CloseTable = {
  // The auction is over. To others 1000 may be a proxy that ends an idle connection; ours does not send it.
  1000: 'stop',
  // Banned. The page says so; trying again would only be another line in the log of the server.
  4003: 'stop',
  // The session has expired: the auth provider fetches another one first.
  4401: 'refresh-auth',
}

const SLOW_DOWN_MS = 5_000

/** 4290-4299, the 429s: bid less often. The last digit says how often we have been told: 5, 10, 20 … 300 s. */
const slowDown: ClosePolicy = ({ code }) =>
  code >= 4290 && code <= 4299 ? { afterMs: Math.min(SLOW_DOWN_MS * 2 ** (code - 4290), 300_000) } : undefined

const RETURN_WITHIN_MS = 30_000

/** Time and chance, so that a test can say what they are. */
export interface World {
  readonly now: () => number
  readonly random: () => number
}

/** 4503, maintenance: the reason says until when, `until=2026-03-01T04:00:00Z`. Back then, and not all in one second. */
function maintenance({ now, random }: World): ClosePolicy {
  return ({ code, reason }) => {
    if (code !== 4503) return undefined
    const until = Date.parse(/\buntil=(\S+)/.exec(reason)?.[1] ?? '')
    if (Number.isNaN(until)) return 'retry-slowly'
    // Holdfast waits for 10 min at most; the server then says it again.
    return { afterMs: Math.max(0, until - now()) + random() * RETURN_WITHIN_MS }
  }
}

const QUICK_MS = 5_000

function quick({ code, openMs }: Pick<Past, 'code' | 'openMs'>): boolean {
  return (code === 1001 || code === 1012) && openMs !== null && openMs < QUICK_MS
}

/** A deploy walks through our servers, and we always meet the next one that goes: after three of those, wait it out. */
const rollingDeploy: ClosePolicy = (ending: Ending) =>
  ending.attempt >= 2 && [...ending.history.slice(-2), ending].every(quick) ? 'retry-slowly' : undefined

const OURS: World = { now: () => Date.now(), random: () => Math.random() }

/** The policy: `new ResilientWebSocket(url, [], { closePolicy: auctionPolicy() })`. */
export function auctionPolicy(world: World = OURS): ClosePolicy {
  return closePolicy(AGREED, slowDown, maintenance(world), rollingDeploy)
}
