import type { Ending, Origin } from '../core/disconnect.ts'

/** Codes that say what happened on this side and never travel in a frame [RFC 6455 §7.4.1]. */
const NO_FRAME: readonly number[] = [1006, 1015]

/** What kind of end the other facts tell of. */
function originOf(code: number, openMs: number | null): Origin {
  if (!NO_FRAME.includes(code)) return 'server'
  return openMs === null ? 'dial-failed' : 'network'
}

/**
 * A disconnect to test a close policy with, as the pure function that it is:
 *
 * ```ts
 * expect(policy(ending({ code: 4003 }))).toBe('stop')
 * ```
 *
 * Say what matters to your policy; the rest agrees with it. Without any facts: a connection that was open for a minute
 * broke (1006). A code that travels in a frame comes from the server, cleanly; `openMs: null` is a dial that failed.
 */
export function ending(facts: Partial<Ending> = {}): Ending {
  const never = facts.origin === 'dial-failed' || facts.origin === 'dial-timeout' || facts.origin === 'provider'
  const { code = 1006, openMs = never || facts.origin === 'hook' ? null : 60_000 } = facts
  const { origin = originOf(code, openMs) } = facts
  const framed = origin === 'server' || origin === 'client'
  return {
    origin,
    code,
    reason: '',
    wasClean: framed && !NO_FRAME.includes(code),
    connection: 1,
    connectionId: '8000',
    transport: 'websocket',
    openMs,
    silentMs: openMs,
    attempt: 0,
    refusals: null,
    history: [],
    ...facts,
  }
}
