import type { Disconnect } from '../core/disconnect.ts'
import { type MachineState, type State, stateOf } from '../core/state.ts'
import type { Degraded, DegradedReason } from '../transports/transport.ts'

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
  /** Why a fallback carries the traffic, and which better transport is tried next and when (epoch ms; `null` while it is being tried); `null` while the preferred one serves, or nothing. */
  readonly degraded: { readonly why: DegradedReason; readonly next: string; readonly nextAt: number | null } | null
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
  readonly degraded: Degraded | null
}

/** The status of a machine state. `offset`: epoch time minus monotonic time. */
export function statusOf(
  state: MachineState,
  transports: readonly string[],
  since: number,
  offset: number,
  { lastMessageAt, messages, bytes, roundTripMs, degraded }: Counters,
): Status {
  const { serving, dial, wait, retry, page, cause, down } = state
  const live = serving ?? dial
  const instant = (at: number | null = null): number | null =>
    at === null || at === Infinity ? null : Math.round(at + offset)
  return Object.freeze({
    state: stateOf(state),
    since,
    transport: (live && transports[live.transport]) ?? null,
    connectionId: live?.id ?? null,
    attempt: retry.attempt,
    nextRetryAt: instant(wait?.until),
    online: page.online,
    cause,
    degraded: degraded && Object.freeze({ ...degraded, nextAt: instant(degraded.nextAt) }),
    limited: down?.limitedAt === null,
    lastMessageAt,
    roundTripMs,
    queued: Object.freeze({ messages, bytes }),
  })
}
