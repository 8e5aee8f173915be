/** `holdfast/testing`: reconnecting without a server and without waiting. */
export type { LifeRule, Rules } from '../core/rules.ts'
export { initialState, type MachineState } from '../core/state.ts'
export { type Answered, replay, type TransitionRecord } from '../core/trace.ts'
export type { Carrier, DialRequest, Sendable, Transport } from '../transports/transport.ts'
export {
  type After,
  type Answering,
  accepts,
  answers,
  type Behaviour,
  type Closing,
  closes,
  echoes,
  goesSilent,
  hangs,
  refuses,
  resets,
  sequence,
} from './behaviours.ts'
export { ending } from './ending.ts'
export type { Payload } from './payload.ts'
export * from './random-walk.ts'
export type { ScriptedConnection, ScriptedDial, ScriptedState } from './scripted-connection.ts'
export { type ScriptedPage, scriptedPage } from './scripted-page.ts'
export { type ScriptedServer, type ScriptedServerOptions, scriptedServer } from './scripted-server.ts'
export { type TransportCheck, type TransportUnderTest, transportChecks } from './transport-checks.ts'
export { type VirtualClock, type VirtualClockOptions, virtualClock } from './virtual-clock.ts'
