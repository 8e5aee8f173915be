export type { DedupeOptions, ResumeOptions } from './client/continuity.ts'
export type {
  Discard,
  LifecycleEvents,
  ResilientCloseEvent,
  ResilientEventMap,
  ResilientOpenEvent,
} from './client/events.ts'
export type { AuthOptions, Options, OutboxOptions, Watcher } from './client/options.ts'
export { type EventAttribute, ResilientWebSocket } from './client/resilient-web-socket.ts'
export type { Message, SendOptions } from './client/sending.ts'
export type { Status } from './client/status.ts'
export type { Subscription } from './client/subscriptions.ts'
export type { Disconnect, Ending, Next, Origin, Past } from './core/disconnect.ts'
export type { Effect } from './core/effect.ts'
export type { FallBackReason, Instant, MachineEvent, Signal, Vitals } from './core/event.ts'
export { type ErrorCode, ResilientError } from './core/resilient-error.ts'
export type { Answer, Backoff, BackoffQuestion, Beat, ClosePolicy, Pulse } from './core/rules.ts'
export type {
  Dial,
  Down,
  Heart,
  Lesson,
  MachineState,
  Page,
  Purpose,
  Renewal,
  Retry,
  Rotation,
  Serving,
  Session,
  State,
  Wait,
  WaitedBy,
} from './core/state.ts'
export type { Answered, TransitionRecord } from './core/trace.ts'
export {
  type AuthProvider,
  type AuthReason,
  type AuthRequest,
  type Carried,
  type Carry,
  type CarryContext,
  type Credential,
  firstMessage,
  type ProvidedCredential,
  subprotocol,
  ticket,
} from './policies/auth.ts'
export { type FullJitterOptions, fullJitter } from './policies/backoff.ts'
export { type CloseRule, type CloseTable, closePolicy } from './policies/close-policy.ts'
export { type ExpectOptions, expect, type Heartbeat, type PingOptions, ping } from './policies/heartbeat.ts'
export type { Clock } from './runtime/clock.ts'
export type { ConnectionHook, HookConnection } from './runtime/link.ts'
export { type PageSignals, pageSignals } from './runtime/page-signals.ts'
export type { DialContext, Endpoints, Protocols, Provided, Provider, Url } from './runtime/targets.ts'
export type {
  Carrier,
  Degraded,
  DegradedReason,
  DialRequest,
  Ladder,
  LadderFactory,
  LadderHost,
  Sendable,
  Transport,
} from './transports/transport.ts'
export { type WebSocketConstructor, websocket } from './transports/websocket.ts'
