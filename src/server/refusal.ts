import type { Retry } from '../session/frames.ts'
import { HookTimeout } from './hooks.ts'
import { LogUnavailable } from './log.ts'
import { Refused } from './refused.ts'

/** How a refusal stands in `err`. */
export interface Refusal {
  readonly code: string
  readonly message: string
  readonly retry: Retry
  readonly afterMs?: number
}

/** When it may work again, where nobody knows better. */
const AFTER_MS = 1_000

/** What was thrown, as the client is told: in full when it is a refusal; otherwise that it failed, and no more. */
export function refusal(error: unknown, retry: 'never' | 'later' = 'never'): Refusal {
  if (error instanceof Refused) {
    const { code, message, afterMs } = error
    return { code, message, retry: error.retry, ...(afterMs !== undefined && { afterMs }) }
  }
  const when = retry === 'later' ? { retry, afterMs: AFTER_MS } : { retry }
  if (error instanceof LogUnavailable) {
    return { code: 'unavailable', message: 'the log is unavailable', retry: 'later', afterMs: AFTER_MS }
  }
  if (error instanceof HookTimeout) return { code: 'timeout', message: 'the server took too long', ...when }
  return { code: 'failed', message: 'the server failed', ...when }
}
