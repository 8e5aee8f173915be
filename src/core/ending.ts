import { ABNORMAL } from './close-codes.ts'
import type { Disconnect, Ending, Next } from './disconnect.ts'
import type { Effect } from './effect.ts'
import type { Instant, MachineEvent } from './event.ts'
import type { Rules } from './rules.ts'
import type { Dial, MachineState, Serving, Wait } from './state.ts'
import type { Step } from './step.ts'

/** A report that a connection ended. */
export type Ended = Extract<MachineEvent, { readonly type: 'ended' }>

/** An end without a close frame [RFC 6455 §7.1.5]: ours, or one the machine finds out by itself. */
export function lost(number: number, origin?: Ended['origin']): Ended {
  return { type: 'ended', number, code: ABNORMAL, reason: '', wasClean: false, ...(origin && { origin }) }
}

/** The facts of an end, as policies and the app are told them. `was` is `null` when there was no connection to end. */
export function endingOf(
  rules: Rules,
  state: MachineState,
  was: Serving | Dial | null,
  { code, reason, wasClean, origin }: Ended,
  { now }: Instant,
): Ending {
  const openedAt = was && 'openedAt' in was ? was.openedAt : null
  const unopened = openedAt === null ? 'dial-failed' : null
  return {
    origin: origin ?? (state.intent === 'run' ? (unopened ?? (code === ABNORMAL ? 'network' : 'server')) : 'client'),
    code,
    reason,
    wasClean,
    connection: was && was.number,
    connectionId: was && was.id,
    transport: (was && rules.transports[was.transport]) ?? null,
    openMs: openedAt === null ? null : now - openedAt,
    attempt: state.retry.attempt,
  }
}

/** What a wait means for somebody who was just told of a disconnect. */
export function nextAfter(wait: Wait, now: number): Next {
  return wait.type === 'paused'
    ? { type: 'pause', by: wait.by }
    : { type: 'retry', inMs: wait.until - now, by: wait.by }
}

/** The end of a life: nothing is tried until `reconnect()`. */
export function stop(
  state: MachineState,
  ending: Ending,
  by: Extract<Next, { readonly type: 'stop' }>['by'],
  effects: readonly Effect[],
): Step {
  const disconnect: Disconnect = { ...ending, next: { type: 'stop', by } }
  return [
    { ...state, intent: 'closed', serving: null, dial: null, wait: null, down: null, cause: disconnect },
    [...effects, { type: 'discard' }, { type: 'disconnected', disconnect, silent: false }],
  ]
}
