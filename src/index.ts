export type {
  LifecycleEvents,
  ResilientCloseEvent,
  ResilientEventMap,
  ResilientOpenEvent,
} from './client/events.ts'
export type { Options, OutboxOptions, Watcher } from './client/options.ts'
export { type EventAttribute, ResilientWebSocket } from './client/resilient-web-socket.ts'
export type { Status } from './client/status.ts'
export type { Disconnect, Ending, Next, Origin } from './core/disconnect.ts'
export type { Effect } from './core/effect.ts'
export type { Instant, MachineEvent, Signal } from './core/event.ts'
export { type ErrorCode, ResilientError } from './core/resilient-error.ts'
export type { Answer, Backoff, BackoffQuestion, ClosePolicy } from './core/rules.ts'
export type {
  Dial,
  Down,
  MachineState,
  Page,
  Purpose,
  Retry,
  Serving,
  Session,
  State,
  Wait,
  WaitedBy,
} from './core/state.ts'
export type { TransitionRecord } from './core/trace.ts'
export { type FullJitterOptions, fullJitter } from './policies/backoff.ts'
export type { Clock } from './runtime/clock.ts'
export type { PageSignals } from './runtime/page-signals.ts'
export type { DialContext, Protocols, Provided, Provider, Url } from './runtime/targets.ts'
export type { WebSocketConstructor } from './transports/websocket.ts'
