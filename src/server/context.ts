import type { Feeds } from './feed.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Happening } from './records.ts'
import type { Roster } from './roster.ts'
import type { Settings } from './settings.ts'
import type { TokenBuckets } from './token-bucket.ts'

/** What the connections of one server share. */
export interface Context {
  readonly settings: Settings
  readonly log: Log
  readonly feeds: Feeds
  readonly roster: Roster
  readonly metrics: Metrics
  readonly identityRates: TokenBuckets
  readonly topicRates: TokenBuckets
  /** Requests that are being answered, by key: a resend waits for the same answer. */
  readonly answering: Map<string, Promise<string>>
  report(happening: Happening): void
  /** Calls again when the log is available, and in a second anyway. */
  later(again: () => void): void
  /** What a new connection is to be told when the server is on its way out. */
  goaway(): { readonly afterMs: number; readonly spreadMs: number; readonly reason?: string } | undefined
}
