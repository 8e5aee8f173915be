/** Messages the outbox holds. A client that is away for long should refetch, not replay an hour of clicks. */
export const OUTBOX_MESSAGES = 1_000
/** UTF-8 bytes the outbox holds: 1 MiB, far below what a tab may use, far above what a person types. */
export const OUTBOX_BYTES = 1_048_576
/** Counters refresh the status at most this often, in ms, so that traffic does not re-render an app. */
export const STATUS_EVERY_MS = 250
/** A volatile message is dropped when more than this waits to be written, in bytes: what waits behind 64 KiB is late. */
export const VOLATILE_BYTES = 65_536
/** How often `bufferedAmount` is looked at while somebody awaits `drained()`, in ms: the platform has no event for it. */
export const DRAIN_EVERY_MS = 50
/** Keys of messages that are remembered: at 100 messages a second, ten seconds, twice as long as two connections overlap. */
export const DEDUPE_KEYS = 1_024
