/** reconnecting-websocket 4 over Holdfast: its options, and a class with its name and its two extra members. */
import {
  type CloseTable,
  type Endpoints,
  type Options,
  type Protocols,
  type Provided,
  ResilientWebSocket,
  type Watcher,
  type WebSocketConstructor,
} from 'holdfast'
import { log } from 'holdfast/observe'
import { type GrowingDelays, growingDelays } from './growing-delays.ts'

/** The options of reconnecting-websocket 4.4. */
export interface ReconnectingOptions extends GrowingDelays {
  readonly WebSocket?: WebSocketConstructor | undefined
  readonly minUptime?: number | undefined
  readonly connectionTimeout?: number | undefined
  readonly maxRetries?: number | undefined
  readonly maxEnqueuedMessages?: number | undefined
  readonly startClosed?: boolean | undefined
  readonly debug?: boolean | undefined
}

/** It connects again whatever the code; these are the ones that stop Holdfast. Drop the table when your codes are sorted. */
export const RETRIES: CloseTable = {
  '1002-1003': 'retry',
  '1007-1010': 'retry',
  3000: 'retry',
  3003: 'retry',
  4401: 'retry',
  4403: 'retry',
}

/** Its debug lines, and after each dial Holdfast's own. */
export function debugging(print: (...line: readonly unknown[]) => void): Watcher {
  const tell = log({ write: line => print('RWS>', 'holdfast', line) })
  return record => {
    const dials = record.effects.some(({ type }) => type === 'dial')
    if (dials) print('RWS>', 'connect', record.state.retry.attempt)
    tell(record)
  }
}

/** Its options as Holdfast's. What it was not given keeps Holdfast's default. */
export function fromReconnectingWebSocket(theirs: ReconnectingOptions): Options {
  const { minUptime, connectionTimeout, maxRetries, maxEnqueuedMessages, startClosed, debug, WebSocket } = theirs
  // Theirs is drawn once per page load, and all sockets of the page share it; this one is drawn for each wait.
  const backoff = growingDelays(theirs, roll => 1_000 + 4_000 * roll)
  return {
    closePolicy: RETRIES,
    ...(backoff && { backoff }),
    ...(minUptime !== undefined && { stableMs: minUptime }),
    ...(connectionTimeout !== undefined && { connectTimeoutMs: Math.max(1, connectionTimeout) }),
    ...(maxRetries !== undefined && { maxAttempts: maxRetries }),
    // Theirs counts messages only, and drops what does not fit.
    ...(maxEnqueuedMessages !== undefined && {
      outbox: { maxMessages: maxEnqueuedMessages, maxBytes: Infinity, overflow: 'drop-newest' },
    }),
    ...(startClosed !== undefined && { startClosed }),
    ...(debug && { watch: debugging((...line) => console.log(...line)) }),
    ...(WebSocket !== undefined && { WebSocket }),
  }
}

/** For the first of two steps: the class that the rest of the code knows, and underneath already Holdfast. */
export class ReconnectingWebSocket extends ResilientWebSocket {
  readonly #maxRetries: number

  /** @param ours - Options of Holdfast, in front of what theirs come to: a heartbeat, a close policy. */
  constructor(
    url: Endpoints,
    protocols?: Provided<Protocols> | null,
    theirs: ReconnectingOptions = {},
    ours: Options = {},
  ) {
    // Theirs takes `null` for none; the platform asks for a subprotocol called "null".
    super(url, protocols ?? [], { ...fromReconnectingWebSocket(theirs), ...ours })
    this.#maxRetries = theirs.maxRetries ?? Infinity
  }

  /** Retries since a connection was last up for `minUptime`. */
  get retryCount(): number {
    return Math.min(this.status.attempt, this.#maxRetries)
  }

  /** Like theirs with 1000 where no code is given; the platform sends none then, and both ends see 1005. */
  override close(code = 1000, reason?: string): void {
    super.close(code, reason)
  }

  /** Tells the server the code and the reason, and dials without waiting for its answer. */
  override reconnect(code?: number, reason?: string): void {
    if (this.readyState === this.OPEN) this.close(code, reason)
    super.reconnect()
  }
}
