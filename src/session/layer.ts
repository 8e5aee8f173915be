import type { Disconnect, Ending } from '../core/disconnect.ts'
import type { MachineEvent } from '../core/event.ts'
import type { Answer } from '../core/rules.ts'
import type { Heartbeat } from '../policies/heartbeat.ts'
import type { Delivery } from './delivery.ts'
import type { Gap } from './stream.ts'
import type { Topic } from './topic.ts'

/** What a session needs of its socket. */
export interface SessionHost {
  /** Chance. */
  readonly clock: { roll(): number }
  /** Epoch ms, which go on during sleep. */
  readonly epochMs: number
  readonly binaryType: BinaryType
  readonly outbox: {
    readonly maxMessages: number
    readonly maxBytes: number
    readonly maxMessageBytes: number
    readonly overflow: 'throw' | 'drop-oldest' | 'drop-newest'
    readonly ttlMs: number
  }
  /** There is a provider that can be asked for fresh credentials. */
  readonly credentials: boolean
  /** The connection that serves, and the one on its way up, are of a fallback. */
  readonly degraded: { readonly serving: boolean; readonly dial: boolean }
  dispatch(event: MachineEvent): void
  /** Sends on that connection; `false` when it is gone, or closing. */
  write(number: number, frame: string | Uint8Array<ArrayBuffer>): boolean
  /** A message as an app without topics gets it. */
  message(data: unknown, extra: object): void
  /** Something was heard on a connection that is no message of the app's. */
  hear(): void
  /** Ends that connection: the server breaks the protocol. */
  fail(number: number): void
  gap(gap: Gap): void
  discarded(messages: number, bytes: number, why: 'closed' | 'overflow' | 'expired' | 'identity' | 'volatile'): void
  report(error: unknown): void
  /** A counter moved, or something is due sooner. */
  moved(): void
  /** Sends as without a session: the server does not speak the protocol. */
  plainly(message: string | Uint8Array<ArrayBuffer>): void
}

/** A connection that is to be greeted. */
export interface Greeting {
  readonly number: number
  readonly id: string
  /** The subprotocol that the server selected. */
  readonly protocol: string
  readonly token: string | undefined
  readonly signal: AbortSignal
}

/** The session of one socket, as the socket sees it. */
export interface SessionLayer {
  /** The server turned out to be a plain one: the socket does without a session. */
  readonly plain: boolean
  /** When something is due, epoch ms. */
  readonly dueAt: number
  /** What waits to be sent. */
  readonly queued: { readonly messages: number; readonly bytes: number }
  readonly heartbeat: Heartbeat
  /** Fresh credentials go over the connection that serves. */
  readonly takesAuth: boolean
  /** The subprotocols of the next dial. */
  protocols(asked: string | readonly string[]): string | string[]
  /** Makes a connection ready; rejects when that fails. `undefined`: it is a plain one, and nothing has to be done. */
  greet(greeting: Greeting): Promise<void> | undefined
  /** Something arrived. */
  receives(number: number, data: unknown): void
  /** That connection serves from now on. */
  serves(number: number): void
  /** A connection is gone. */
  ended(disconnect: Disconnect): void
  /** What the close codes of the protocol mean. */
  decide(ending: Ending): Answer | undefined
  /** A fresh credential arrived. */
  renewed(token: string | undefined): void
  send(data: unknown, options?: { readonly volatile?: boolean; readonly ttlMs?: number }): Delivery
  topic(name: string): Topic
  request(data: unknown, options?: RequestOptions): Promise<unknown>
  drained(): Promise<void>
  /** Nothing of before is sent or handled any more. */
  drop(why: 'closed' | 'identity'): void
  /** Does what is due. */
  due(): void
}

/** How a request is made. */
export interface RequestOptions {
  /** Whom it is for, where the server tells requests apart by topic. @defaultValue the topic of the session */
  readonly topic?: string
  /** Aborting it rejects with its reason. A request that was sent may still be carried out. */
  readonly signal?: AbortSignal
  /** How long the answer may take, in ms, reconnects included; then it rejects with `ERR_TIMEOUT`. @defaultValue 30000 */
  readonly timeoutMs?: number
}

/** Makes the session of a socket: what `session()` gives, for the option `session`. */
export type SessionFactory = (host: SessionHost) => SessionLayer
