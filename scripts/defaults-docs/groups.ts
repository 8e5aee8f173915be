/** Every number of the library, in the order in which a reader asks. */

/** A number by the name of its constant: what it is, and the option that changes it, where there is one. */
export type Row = readonly [name: string, what: string, option?: string]

export interface Group {
  readonly title: string
  readonly intro: string
  readonly rows: readonly Row[]
}

export const GROUPS: readonly Group[] = [
  {
    title: 'Dialling',
    intro:
      'A dial takes as long as a slow network needs, and no longer. Whatever policies, chance and your code say, the dial guard counts.',
    rows: [
      ['CONNECT_TIMEOUT_MS', 'the first dial may take', 'connectTimeoutMs'],
      ['CONNECT_TIMEOUT_GROWTH', 'with every failed attempt that is multiplied by'],
      ['CONNECT_TIMEOUT_CAP_MS', 'and is at most'],
      ['GUARD_DIALS', 'the dial guard lets through'],
      ['GUARD_WINDOW_MS', 'in any'],
      ['STABLE_MS', 'a connection is stable, and earlier attempts are forgotten, after', 'stableMs'],
      ['MAX_ATTEMPTS', 'attempts without a stable connection before it closes for good', 'maxAttempts'],
    ],
  },
  {
    title: 'Waiting between dials',
    intro:
      'The delay is drawn uniformly from a window, the first one too, so that the clients of a server that restarts do not come back together.',
    rows: [
      ['BACKOFF_BASE_MS', 'the first window', 'fullJitter().baseMs'],
      ['BACKOFF_CAP_MS', 'the widest window', 'fullJitter().capMs'],
      ['LONG_OUTAGE_MS', 'an outage is long after'],
      ['BACKOFF_SLOW_MS', 'the window then, and after `retry-slowly`'],
      ['DELAY_CAP_MS', 'what a server or a policy may ask for, at most'],
      ['HISTORY', 'endings that a policy is shown'],
    ],
  },
  {
    title: 'When this side knows something',
    intro:
      'Back online, awake again, another network: these shorten a wait. The word of the browser never closes anything.',
    rows: [
      ['EVIDENCE_DELAY_MS', 'a wait is replaced by one from 0 to'],
      ['EVIDENCE_FOR_MS', 'evidence counts for, and shortens a wait at most once in'],
      ['HUNG_DIAL_MS', 'a dial under way is begun anew when it is older than'],
      ['OFFLINE_EVERY_MS', 'while the browser says offline, one dial in'],
      ['HIDDEN_PAUSE_MS', 'a hidden page pauses after'],
      ['SLEPT_MS', 'the machine slept when the clocks differ, or a timer is late, by'],
      ['HIDDEN_TIMERS_MS', 'in a hidden page, a timer that is late says so only beyond another'],
      ['CLOCK_SET_MS', 'differences of the clocks that mean nothing, up to'],
    ],
  },
  {
    title: 'An outage that lasts',
    intro: 'What the app and its user are told.',
    rows: [
      ['LIMITED_AFTER_MS', '`degraded` and `limited` after'],
      ['STATUS_EVERY_MS', 'counters refresh the status at most once in'],
      ['LONG_SILENCE_MS', 'a log line tells a silence from'],
    ],
  },
  {
    title: 'Heartbeat',
    intro:
      'There is none by default: a server of an unknown protocol may not take a ping well. With `heartbeat: ping()` these hold. [Heartbeats](heartbeat.md) tells the story.',
    rows: [
      ['PING_EVERY_MS', 'a ping after silence of', 'ping().everyMs'],
      ['ANSWER_MS', 'a sign of life has'],
      ['WAKE_ANSWER_MS', 'after waking up or coming back it has'],
      ['PING_AGAIN_MS', 'a second ping goes out at the earliest after'],
      ['OVERDUE_MS', 'an answer, or regular traffic, is overdue after'],
      ['REGULAR_MESSAGES', 'messages that make traffic regular'],
      ['JUST_HEARD_MS', 'nothing is asked by a page that comes back when it heard something within'],
      ['LATE_MS', 'a timer says that the page was busy when it is later than'],
      ['GRACE_MS', 'and what arrived meanwhile is given'],
      ['THROTTLED_MS', 'timers are throttled when they are later than'],
      ['BACKLOG_BYTES', 'what waits to be written is a backlog from'],
      ['LOOK_EVERY_MS', 'a heartbeat is asked at most once in'],
      ['SOON_MS', 'a ping that is due within this is sent now'],
      ['PRESUMED_DEAD_MS', 'without a way to ask, a connection is presumed dead after a sleep of'],
    ],
  },
  {
    title: 'What cuts teach',
    intro:
      'Two connections that were cut after the same silence met an idle timeout. From then on it is pinged in time, and `ERR_IDLE_TIMEOUT` says so: [behind a proxy](behind-a-proxy.md).',
    rows: [
      ['LESSON_FROM_MS', 'a silence teaches from'],
      ['LESSON_SPREAD', 'two silences are the same within'],
      ['LESSON_FOR_MS', 'it is forgotten after'],
    ],
  },
  {
    title: 'Credentials',
    intro: 'With an `auth` provider: [credentials](auth.md).',
    rows: [
      ['AUTH_TIMEOUT_MS', 'the provider may take'],
      ['RENEW_AT_LIFE', 'a credential is renewed after this much of its life'],
      ['RENEW_EVERY_MS', 'and at most once in'],
      ['RENEW_LATE_MS', 'after its expiry a renewal that failed is tried again every'],
      ['MAX_REFUSALS', 'the refusal in a row that is final'],
      ['REMEMBERED', 'tokens that are remembered'],
      ['PIECE', 'letters of a token in a close reason that make it secret'],
    ],
  },
  {
    title: 'Replacing a connection',
    intro: 'A fresh credential (`onRotate`) or `maxAgeMs` replace a connection that is fine, at a quiet moment.',
    rows: [
      ['QUIET_MS', 'a moment is quiet after silence of'],
      ['ROTATE_WITHIN_MS', 'it is waited for'],
      ['AGE_SPREAD', 'the last part of `maxAgeMs` over which a fleet is spread'],
      ['OVERLAP_MS', 'where connections may overlap (`dedupe`), the replaced one is listened to for'],
    ],
  },
  {
    title: 'Messages',
    intro: 'Memory is bounded everywhere. A full outbox throws, or follows `outbox.overflow`.',
    rows: [
      ['OUTBOX_MESSAGES', 'messages that wait', 'outbox.maxMessages'],
      ['OUTBOX_BYTES', 'their size', 'outbox.maxBytes'],
      ['VOLATILE_BYTES', 'a volatile message is dropped behind'],
      ['DRAIN_EVERY_MS', '`drained()` looks once in'],
      ['KEPT_MESSAGES', 'messages that are kept while `beforeOpen` or `resume.since` runs'],
      ['KEPT_BYTES', 'their size'],
      ['DEDUPE_KEYS', 'keys of messages that are remembered', 'dedupe.window'],
      ['KEY_LETTERS', 'letters in them, at most'],
    ],
  },
  {
    title: 'Typed messages',
    intro: 'With [`typed()`](schema.md).',
    rows: [
      ['MOST_ISSUES', 'issues that are told of one message'],
      ['NAMED', 'places that an error names'],
      ['LETTERS', 'letters of a name in a path'],
      ['MOST_WAITING', 'messages that wait for an async schema'],
    ],
  },
  {
    title: 'Between transports',
    intro:
      'With more than one in `transports`: when one is given up, and when a better one is looked for. [Fallbacks](fallbacks.md) tells the story.',
    rows: [
      ['ROUND_TRIP_MS', 'a connection that brought nothing back has the next transport beside it after'],
      ['PROVEN_FOR_MS', 'that a WebSocket got through is remembered for'],
      ['FAILURES', 'then failures in a row give it up'],
      ['FAILING_MS', 'when they took'],
      ['LAST_FAILURES', 'failures of the last transport before the first is tried again'],
      ['PROBE_MS', 'a server answers a probe within'],
      ['ABSENT_MS', 'a transport that is not offered is left alone for'],
      ['WORKS_FOR_MS', 'what worked instead is begun with, and a stream that was kept back is left alone, for'],
      ['CLIMB_MS', 'the better one is looked for after'],
      ['CLIMB_CAP_MS', 'then after twice as long, to'],
      ['CLIMB_SPREAD', 'give or take'],
      ['CLIMB_SOON_MS', 'on another network, within'],
      ['CLIMBED_MS', 'a climb counts after'],
      ['PROBE_EVERY_MS', '`probe()` of `holdfast/observe` asks at most every'],
      ['ANSWER_WITHIN_MS', 'and waits for'],
      ['LONGEST_ASKED_MS', 'and believes `Retry-After` up to'],
    ],
  },
  {
    title: 'Where WebSockets do not get through',
    intro: 'With `holdfast/sse` and `holdfast/polling`.',
    rows: [
      ['WELCOME_MS', 'a stream says `welcome` within'],
      ['SILENCE_MARGIN_MS', 'a stream is dead after a silence of two heartbeats and'],
      ['PING_OWED', 'the server owes a word after this part of a heartbeat'],
      ['PING_PATIENCE_MS', 'a ping waits for what comes by itself'],
      ['WITH_WELCOME_MS', 'what came with `welcome` came within'],
      ['MUTE_STREAMS', 'streams in a row without a word after that: something keeps them back'],
      ['REOPEN_MS', 'a stream is asked for anew at most once in'],
      ['RESUME_EVERY_MS', 'a stream that broke goes on without a word, at most once in'],
      ['RESUME_SPREAD_MS', 'spread over'],
      ['KEPT_MS', 'a welcome that is later than this'],
      ['IN_ONE_PIECE_MS', 'and has the end behind it within this was kept back'],
      ['RETRY_CAP_S', 'seconds that `retry` of a plain stream may ask for'],
      ['POLL_HOLD_MS', 'the server may hold a poll for'],
      ['POLL_ANSWER_MS', 'and is late beyond that by'],
      ['POLL_AGAIN_MS', 'a poll is asked anew at most once in'],
      ['CUT_FROM_MS', 'a poll that came to nothing after this was cut, and is asked again without a word'],
      ['CUT_SHARE', 'after a 504 the server may hold a poll for this part of the time that it took'],
      ['CUT_SPREAD_MS', 'a poll that was cut is asked again within'],
      ['EMPTY_POLL_MS', 'a poll that brought nothing takes at least'],
      ['PING_DUE', 'a ping is due after this part of a heartbeat'],
      ['SEND_ANSWER_MS', 'the server may be silent over a request with messages for'],
      ['LAST_SENDS_MS', 'what was sent before `close()` has'],
      ['POLL_EVERY_MS', 'a plain endpoint is polled every', 'polling().everyMs'],
      ['POLL_LEAST_MS', 'at most every'],
      ['POLL_TIMEOUT_MS', 'and answers within', 'polling().timeoutMs'],
      ['EVENT_LETTERS', 'letters of a line, or of the data of an event'],
      ['LINE_LETTERS', 'letters of a line of an answer'],
      ['FIELD_LETTERS', 'letters of an id, or of the name of an event'],
      ['SPREAD_BYTES', 'bytes that become base64 at once'],
    ],
  },
  {
    title: 'Fixed by the platform',
    intro: 'Nobody chose these.',
    rows: [
      ['LONGEST_MS', 'the longest timer'],
      ['MAX_REASON_BYTES', 'a close reason'],
      ['REASON_BYTES', 'the same, where a connection goes over HTTP'],
    ],
  },
]

/** What the standards number, `readyState` and a close code: names, not amounts. */
export const NAMES: readonly string[] = [
  'CONNECTING',
  'OPEN',
  'CLOSING',
  'CLOSED',
  'ABNORMAL',
  'NO_STATUS',
  'IDENTITY_CHANGED',
]
