/** A status, a disconnect and a record are read, never written; and only what exists can be asked for. */
import type { ResilientCloseEvent, ResilientError, Status, TransitionRecord } from '../../src/index.ts'

declare const status: Status
declare const record: TransitionRecord
declare const event: ResilientCloseEvent
declare const error: ResilientError

// @ts-expect-error: readonly
status.state = 'open'
// @ts-expect-error: readonly, inside too
status.queued.messages = 0
// @ts-expect-error: readonly
status.nextRetryAt = null
// @ts-expect-error: readonly
record.to = 'open'
// @ts-expect-error: a list that cannot grow
record.effects.push()
// @ts-expect-error: the machine's state neither
record.state.retry.attempt = 0
// @ts-expect-error: readonly
event.willReconnect = false
// @ts-expect-error: readonly
event.disconnect.code = 1000
// @ts-expect-error: no such state
status.state === 'disconnected'
// @ts-expect-error: no such error
error.code === 'ERR_UNKNOWN'
// @ts-expect-error: there may be no cause
status.cause.code
// @ts-expect-error: there may be no next dial
status.nextRetryAt.toFixed()
