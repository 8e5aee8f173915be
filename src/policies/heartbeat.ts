import {
  ANSWER_MS,
  OVERDUE_MS,
  PING_AGAIN_MS,
  PING_EVERY_MS,
  PRESUMED_DEAD_MS,
  THROTTLED_MS,
  WAKE_ANSWER_MS,
} from '../core/limits.ts'
import { refuseOthers, unexpected } from '../core/resilient-error.ts'
import type { Beat, Pulse } from '../core/rules.ts'

/** What a ping may be: what the platform's `send()` takes. */
type PingMessage = Parameters<WebSocket['send']>[0]

/**
 * How the life of a connection is watched: `ping()`, `expect()`, or an object of yours. It is asked when it wanted to be
 * asked, when the machine woke up or the page came back, and when traffic begins, never per message. One that throws or
 * answers nonsense is reported, and asked again 15 s later.
 */
export interface Heartbeat {
  /** What to do about the connection that serves. Called often while traffic flows (every 3 s): keep it pure and quick. */
  judge(pulse: Pulse): Beat
  /** What a ping sends. Without it this heartbeat only listens. One that throws is reported, and no answer is expected. */
  readonly message?: () => PingMessage
  /** Whether that is the answer to a ping: it reaches no listener. @defaultValue nothing is */
  readonly isPong?: (event: MessageEvent) => boolean
}

/** Options of {@link ping}. */
export interface PingOptions {
  /** How long nothing may be heard before a ping is sent, in ms, from 1000; `Infinity`: only when there is reason to doubt. @defaultValue 15000 */
  readonly everyMs?: number
  /** What is sent: text, bytes, or a function that makes it anew for every ping. @defaultValue 'ping' */
  readonly message?: PingMessage | (() => PingMessage)
  /** The answer, which reaches no listener: its text, or a function that recognises it. Anything else that arrives is a sign of life too. @defaultValue 'pong' */
  readonly pong?: string | ((event: MessageEvent) => boolean)
}

/** Options of {@link expect}. */
export interface ExpectOptions {
  /** How long the server is silent at most, in ms, from 1000. */
  readonly everyMs: number
}

/** What is due this soon is done now: it is not worth another timer. */
const SOON_MS = 50

const wait = (ms: number): Beat => ({ type: 'wait', ms: ms < Infinity ? ms : null })
const DEAD: Beat = { type: 'dead' }

/** When an unanswered ping is followed by a second one: after two round trips, within bounds. */
function againAfter(roundTripMs: number | null, answerMs: number): number {
  return Math.min(Math.max(2 * (roundTripMs ?? Infinity), PING_AGAIN_MS), answerMs / 2)
}

/**
 * A heartbeat that asks: after `everyMs` without a word it sends `message`, and a connection on which nothing at all is
 * heard within the deadline is dead, and dialled anew. The server must answer; whatever it sends counts as an answer.
 *
 * The deadline is 5 s, with a second ping after two round trips (1 to 2.5 s): a dead link is found within 20 s.
 * It asks sooner after 3 s where regular traffic stopped or a `receive()` is not answered (found within 8 s), and at
 * once, with 4 s, when the machine woke up or the page came back. Where connections were cut twice after the same
 * silence of N s, it asks every N/2 s, at most every 10 s, for half an hour.
 *
 * @throws ResilientError `ERR_OPTION` for an `everyMs` below 1000, a `pong` of the wrong kind, or an option that there is not.
 */
export function ping({
  everyMs = PING_EVERY_MS,
  message = 'ping',
  pong = 'pong',
  ...others
}: PingOptions = {}): Heartbeat {
  refuseOthers('heartbeat', others)
  if (!(typeof everyMs === 'number' && everyMs >= 1_000)) {
    throw unexpected('ERR_OPTION', 'heartbeat.everyMs', 'a number from 1000', everyMs)
  }
  if (typeof pong !== 'string' && typeof pong !== 'function') {
    throw unexpected('ERR_OPTION', 'heartbeat.pong', 'a string or a function', pong)
  }
  return {
    message: typeof message === 'function' ? message : () => message,
    isPong: typeof pong === 'function' ? pong : ({ data }) => data === pong,
    judge: ({ silentMs, askedMs, pings, roundTripMs, flowing, awaitedMs, sleptMs, learntMs, lateMs }) => {
      const answerMs = sleptMs === null ? ANSWER_MS : WAKE_ANSWER_MS
      const againMs = againAfter(roundTripMs, answerMs)
      if (askedMs !== null) {
        if (askedMs >= answerMs) return DEAD
        if (pings > 1) return wait(answerMs - askedMs)
        return askedMs < againMs ? wait(againMs - askedMs) : { type: 'ping', ms: answerMs - askedMs }
      }
      const awaited = awaitedMs !== null && silentMs >= awaitedMs ? OVERDUE_MS - awaitedMs : Infinity
      const quiet = Math.min(everyMs, learntMs ?? Infinity, flowing ? OVERDUE_MS : Infinity) - silentMs
      const due = Math.min(quiet, awaited)
      // Timers this late fire once a minute: the next one would be too late to ask.
      const now = sleptMs !== null || due < SOON_MS || (lateMs >= THROTTLED_MS && silentMs >= SOON_MS)
      return now ? { type: 'ping', ms: againMs } : wait(due)
    },
  }
}

/**
 * A heartbeat that listens, for servers that speak regularly by themselves: a connection is dead when nothing was heard
 * for `everyMs` and 5 s. It sends nothing, so it cannot ask: a connection that slept for a minute is presumed dead.
 *
 * @throws ResilientError `ERR_OPTION` for an `everyMs` below 1000 or not finite.
 */
export function expect({ everyMs, ...others }: ExpectOptions): Heartbeat {
  refuseOthers('heartbeat', others)
  if (!(typeof everyMs === 'number' && everyMs >= 1_000 && everyMs < Infinity)) {
    throw unexpected('ERR_OPTION', 'heartbeat.everyMs', 'a number from 1000', everyMs)
  }
  return {
    judge: ({ silentMs, sleptMs }) => {
      const left = everyMs + ANSWER_MS - silentMs
      return left <= 0 || (sleptMs ?? 0) >= PRESUMED_DEAD_MS ? DEAD : wait(left)
    },
  }
}
