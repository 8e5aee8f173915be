import type { Disconnect } from '../core/disconnect.ts'
import { type MachineState, type State, stateOf } from '../core/state.ts'

/** What the socket is doing: immutable, and the same object until something changes. Instants are epoch ms. */
export interface Status {
  readonly state: State
  /** When this state began. */
  readonly since: number
  /** What carries or will carry the traffic: `websocket`; `null` while nothing does and nothing is dialled. */
  readonly transport: string | null
  /** The serving connection, else the one being dialled: the id that log lines carry. */
  readonly connectionId: string | null
  /** Attempts since a connection was last stable; 0 during the first dial. */
  readonly attempt: number
  /** When the native constructor will be called; `null` when no dial is scheduled. */
  readonly nextRetryAt: number | null
  /** What the browser says. It may be wrong either way. */
  readonly online: boolean
  /** Why nothing serves, and what was decided about it; `null` while something serves. */
  readonly cause: Disconnect | null
  /** Nothing has carried traffic for a minute. */
  readonly limited: boolean
  /** When the last message arrived; refreshed at most every 250 ms. `socket.lastMessageAt` is live. */
  readonly lastMessageAt: number | null
  /** The last measured round trip in ms; `null` without a heartbeat. */
  readonly roundTripMs: number | null
  /** What waits in the outbox. */
  readonly queued: { readonly messages: number; readonly bytes: number }
}

/** What a status shows beside the machine's state. */
export interface Counters {
  readonly lastMessageAt: number | null
  readonly messages: number
  readonly bytes: number
  readonly roundTripMs: number | null
}

/** The status of a machine state. `offset`: epoch time minus monotonic time. */
export function statusOf(
  state: MachineState,
  transports: readonly string[],
  since: number,
  offset: number,
  { lastMessageAt, messages, bytes, roundTripMs }: Counters,
): Status {
  const { serving, dial, wait, retry, page, cause, down } = state
  const live = serving ?? dial
  return Object.freeze({
    state: stateOf(state),
    since,
    transport: (live && transports[live.transport]) ?? null,
    connectionId: live?.id ?? null,
    attempt: retry.attempt,
    nextRetryAt: wait?.until == null ? null : Math.round(wait.until + offset),
    online: page.online,
    cause,
    limited: down?.limitedAt === null,
    lastMessageAt,
    roundTripMs,
    queued: Object.freeze({ messages, bytes }),
  })
}
