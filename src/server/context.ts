import type { Farewell } from './drain.ts'
import { Feeds } from './feed.ts'
import { Later } from './later.ts'
import type { Log } from './log.ts'
import { Metrics } from './metrics.ts'
import { Paces } from './pace.ts'
import { type Happening, recorded } from './records.ts'
import { Roster } from './roster.ts'
import type { Settings } from './settings.ts'
import { TokenBuckets } from './token-bucket.ts'

/** What the connections of one server share. */
export interface Context {
  readonly settings: Settings
  readonly log: Log
  readonly feeds: Feeds
  readonly roster: Roster
  readonly metrics: Metrics
  readonly identityRates: TokenBuckets
  readonly topicRates: TokenBuckets
  /** Of requests over HTTP: the rates of a connection hold over all of one client. */
  readonly paces: Paces
  /** Requests that are being answered, by key: a resend waits for the same answer. */
  readonly answering: Map<string, Promise<string>>
  /** What waits for the log. */
  readonly later: Later
  report(happening: Happening): void
  /** What a new connection is to be told when the server is on its way out. */
  readonly goaway: () => Farewell | undefined
}

/** All of that, for a server that begins. */
export function contextOf(settings: Settings, log: Log, goaway: Context['goaway']): Context {
  const { clock, rates, onLog } = settings
  return {
    settings,
    log,
    feeds: new Feeds(log),
    roster: new Roster(),
    metrics: new Metrics(),
    identityRates: new TokenBuckets(rates.identity, clock),
    topicRates: new TokenBuckets(rates.topic, clock),
    paces: new Paces(rates, clock),
    answering: new Map(),
    later: new Later(clock),
    goaway,
    report(happening) {
      try {
        onLog(recorded(happening, clock.wall()))
      } catch (error) {
        // Whoever listens must not bring the server down, and cannot be told.
        console.error('holdfast: `onLog` threw', error)
      }
    },
  }
}
