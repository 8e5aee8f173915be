/** `holdfast/sse`: server-sent events, where WebSockets do not get through. */
export { type SseOptions, sse } from '../transports/sse.ts'
