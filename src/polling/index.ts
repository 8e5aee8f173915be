/** `holdfast/polling`: long polling, where nothing else gets through. */
export type { HttpOptions, RequestQuestion } from '../transports/http-request.ts'
export { ladder } from '../transports/ladder.ts'
export type { SendFunction } from '../transports/plain-outlet.ts'
export { type PollingOptions, polling } from '../transports/polling.ts'
export type { PollAnswer, PollFunction, PollQuestion } from '../transports/polling-plain.ts'
