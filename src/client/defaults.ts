/** Messages the outbox holds. A client that is away for long should refetch, not replay an hour of clicks. */
export const OUTBOX_MESSAGES = 1_000
/** UTF-8 bytes the outbox holds: 1 MiB, far below what a tab may use, far above what a person types. */
export const OUTBOX_BYTES = 1_048_576
/** Counters refresh the status at most this often, in ms, so that traffic does not re-render an app. */
export const STATUS_EVERY_MS = 250
