import { ResilientError, unexpected } from '../core/resilient-error.ts'
import type { Parcel } from './delivery.ts'
import type { RequestOptions } from './layer.ts'
import type { Outgoing } from './outgoing.ts'
import type { Timers } from './timers.ts'

/** How long the answer to a request may take. */
const REQUEST_MS = 30_000

/** Sends a message that is answered. Whoever gives up waiting leaves it: it is not sent again. */
export async function request(
  outgoing: Outgoing,
  parcel: Parcel,
  timers: Timers,
  { signal, timeoutMs = REQUEST_MS }: RequestOptions,
): Promise<unknown> {
  if (!(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
    throw unexpected('ERR_OPTION', 'timeoutMs', 'a number from 0', timeoutMs)
  }
  signal?.throwIfAborted()
  const entry = outgoing.send(parcel)
  return new Promise((resolve, reject) => {
    const leave = (cause: unknown): void => {
      reject(cause)
      outgoing.abandon(entry)
    }
    const aborted = (): void => leave(signal?.reason)
    const late = (): void =>
      leave(
        new ResilientError('ERR_TIMEOUT', `No answer within ${timeoutMs} ms; the request may still be carried out.`),
      )
    const cancel = timeoutMs < Infinity ? timers.in(timeoutMs, late) : undefined
    signal?.addEventListener('abort', aborted)
    const over = (): void => {
      cancel?.()
      signal?.removeEventListener('abort', aborted)
    }
    entry.answer.then(resolve, reject).then(over)
  })
}
