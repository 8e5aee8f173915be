/** `holdfast/sse`: server-sent events, where WebSockets do not get through. */
export type { StreamEvent } from '../transports/event-stream-parser.ts'
export type { HttpOptions, RequestQuestion } from '../transports/http-request.ts'
export { ladder } from '../transports/ladder.ts'
export type { SendFunction } from '../transports/plain-outlet.ts'
export { type SseOptions, sse } from '../transports/sse.ts'
