import type { Disconnect } from '../core/disconnect.ts'
import type { State } from '../core/state.ts'
import { duration } from './words.ts'

/** What {@link describe} looks at: a `socket.status` has it all. */
export interface Describable {
  readonly state: State
  readonly limited: boolean
  readonly online: boolean
  readonly nextRetryAt: number | null
  readonly attempt: number
  readonly transport: string | null
  readonly cause: Disconnect | null
}

function untilNext({ nextRetryAt, transport, cause }: Describable, now: number): string {
  if (nextRetryAt !== null)
    return `, next try in ${duration(Math.max(0, Math.ceil((nextRetryAt - now) / 1_000)) * 1_000)}`
  const paused = transport === null && cause?.next.type === 'retry'
  return paused ? ', paused until you are back' : '…'
}

/**
 * A status in the words of a user interface: `Connected`, `Reconnecting, next try in 4 s`, `Working offline`.
 *
 * @param now - Epoch ms, for the countdown: call it once a second while `nextRetryAt` is set.
 */
export function describe(status: Describable, now: number = Date.now()): string {
  const soon = untilNext(status, now)
  switch (status.state) {
    case 'connecting':
      return `Connecting${soon}`
    case 'open':
      return 'Connected'
    case 'reconnecting':
      return `${status.online ? 'Reconnecting' : 'Offline'}${soon}`
    case 'auth-refresh':
      return 'Renewing your session…'
    case 'degraded':
      return status.limited ? `Working offline${soon}` : 'Connected (slow lane)'
    case 'closed': {
      const by = status.cause?.next.type === 'stop' ? status.cause.next.by : null
      if (by === 'unauthorized') return 'Session expired, sign in again'
      if (by === 'signed-out') return 'Signed out'
      return by === 'attempts' ? `Disconnected after ${status.attempt} attempts` : 'Disconnected'
    }
  }
}
