import { type MonoTypeOperatorFunction, repeat, retry } from 'rxjs'
import { type WebSocketSubject, webSocket } from 'rxjs/webSocket'
import { type Lender, type LendOptions, lend } from './lend.ts'

/** A WebSocketSubject that Holdfast connects. What subscribes to it, or to its `multiplex()`, goes through `lasting()`. */
export function liveSubject<T>(
  url: string,
  options: LendOptions = {},
): { readonly subject: WebSocketSubject<T>; readonly live: Lender } {
  const live = lend(options)
  const subject = webSocket<T>({ url, WebSocketCtor: live.WebSocket })
  return { subject, live }
}

/** rxjs ends a subscription with its connection. This begins it again, at once: when, and whether, is for Holdfast to say. */
export function lasting<T>(): MonoTypeOperatorFunction<T> {
  // A close that was clean completes it, any other is an error.
  return source => source.pipe(retry(), repeat())
}
