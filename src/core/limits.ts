/** Every number of the machine, each with its reason. */

/** A first failure is not final, and neither is a hundredth: only the app knows when to give up. */
export const MAX_ATTEMPTS: number = Infinity
/** Attempts are forgotten after 10 s of being up: a server that accepts and closes looks open each time, and a client that forgot on open would dial it again at once (`npm run bench -- --only=dials`). */
export const STABLE_MS = 10_000
/** First connect timeout: three TCP SYN retransmissions (1 + 2 + 4 s, RFC 6298) and a TLS handshake fit. */
export const CONNECT_TIMEOUT_MS = 10_000
/** It grows by half per failed attempt: with a short fixed one an overloaded server pays for handshakes that nobody waits for. */
export const CONNECT_TIMEOUT_GROWTH = 1.5
/** Firefox parks dials to a host that just failed for up to 60 s. */
export const CONNECT_TIMEOUT_CAP_MS = 65_000
/** Whatever policies, chance and the app say, at most six dials… */
export const GUARD_DIALS = 6
/** …in any 10 s. A server counts arrivals, and a first handshake is slower than a seventh: hence 250 ms on top. */
export const GUARD_WINDOW_MS = 10_250
/** Local evidence replaces a wait by 0 to 0.5 s: a whole office may come back at once. */
export const EVIDENCE_DELAY_MS = 500
/** Evidence counts for 10 s, and shortens a wait at most once in 10 s: a flapping interface must not defeat backoff. */
export const EVIDENCE_FOR_MS = 10_000
/** A dial older than the initial retransmission timeout (1 s, RFC 6298 §2) has lost its SYN when the network comes back. */
export const HUNG_DIAL_MS = 1_000
/** While the browser says offline: one dial per 30 s. Never none: `navigator.onLine` is wrong on LANs and localhost. */
export const OFFLINE_EVERY_MS = 30_000
/** A page hidden for an hour waits until somebody looks: nobody is served by its dials. */
export const HIDDEN_PAUSE_MS = 3_600_000
/** After a minute without traffic the app is told to work offline. */
export const LIMITED_AFTER_MS = 60_000
/** No server or policy may park a client for longer than 10 min. */
export const DELAY_CAP_MS = 600_000
/** A provider of credentials that has not answered by then is given up, as a failed attempt. */
export const AUTH_TIMEOUT_MS = 10_000
/** A credential is renewed at 80 % of its life: a fifth is left for a provider that is slow or down. */
export const RENEW_AT_LIFE = 0.8
/** And at most once in 10 s: credentials that live for seconds must not storm whoever hands them out. */
export const RENEW_EVERY_MS = 10_000
/** A renewal that failed is tried again half-way to the expiry, and every 30 s after it. */
export const RENEW_LATE_MS = 30_000
/** A connection that is to be replaced waits for this much silence, so that no message is on its way. */
export const QUIET_MS = 250
/** How long it waits for that when no expiry says so. */
export const ROTATE_WITHIN_MS = 60_000
/** A connection is replaced at 80 to 100 % of its maximum age: those of a fleet were made together. */
export const AGE_SPREAD = 0.2
/** How many endings a policy is told of: enough to tell a loop from bad luck. */
export const HISTORY = 10
/** The third refused credential in a row is final: the first may have expired on its way, the second may come from a cache; whoever refuses a third refuses the next one too. */
export const MAX_REFUSALS = 3
/** How long nothing may be heard before a ping: a quarter of the common idle timeout (60 s: nginx, AWS ALB), and with 5 s for the answer a dead link is found in 20 s. */
export const PING_EVERY_MS = 15_000
/** The first sign of life after a ping has 5 s, on fast links too: a round trip that was short is no promise. With four round trips from 2 s, 98 of 100 links whose latency rose to 1.5 s each way were given up alive, and 3 of 1,000 under 20 % packet loss; with 5 s none (test/scenarios/live-links.test.ts)… */
export const ANSWER_MS = 5_000
/** …and 4 s after waking up or coming back, when a radio needs one of them, and a person is looking. */
export const WAKE_ANSWER_MS = 4_000
/** A second ping goes out after two round trips, at the earliest after 1 s (the initial retransmission timeout, RFC 6298 §2). */
export const PING_AGAIN_MS = 1_000
/** Regular traffic that stops, or an answer that does not come, for this long is asked about at once: with 5 s for the answer it is found dead in 8 s, while a person still waits. */
export const OVERDUE_MS = 3_000
/** So many messages make traffic regular: two may be a question and its answer. */
export const REGULAR_MESSAGES = 3
/** A page that comes back within a second of something heard has nothing to ask. */
export const JUST_HEARD_MS = 1_000
/** A timer that is later than this says that the page was busy: what was heard meanwhile may not have been delivered… */
export const LATE_MS = 250
/** …so it is given a second. */
export const GRACE_MS = 1_000
/** Timers this late are throttled: in pages hidden for long they fire once a minute. */
export const THROTTLED_MS = 5_000
/** More than this in the platform's buffer is a backlog that an answer may have to wait behind. */
export const BACKLOG_BYTES = 65_536
/** A heartbeat is not asked more often than this, whatever it says: one that is wrong must not spin. */
export const LOOK_EVERY_MS = 50
/** Asleep for a minute without a way to ask: most servers and proxies have given up by then (idle timeouts of 60 s). */
export const PRESUMED_DEAD_MS = 60_000
/** Below 10 s of silence a cut is a fault, and no idle timeout. */
export const LESSON_FROM_MS = 10_000
/** Two cuts teach when their silences are within 10 % of each other: the timer of a proxy is that exact, chance is not. */
export const LESSON_SPREAD = 0.1
/** What was learnt is forgotten after half an hour: people move between networks, and not every platform tells. */
export const LESSON_FOR_MS = 1_800_000
/** First window of the standard backoff: a lone client pays 2 s on average, less than a fixed 3 s. */
export const BACKOFF_BASE_MS = 4_000
/** Widest window: with 4 to 15 s a fleet after a restart peaks at 0.39 N dials a second, with 1 to 30 s at 1.23 N (`npm run bench -- --only=storm`). */
export const BACKOFF_CAP_MS = 15_000
/** After a long outage, and when asked to go slow, the window is a minute: a fleet dials a quarter as often then. */
export const BACKOFF_SLOW_MS = 60_000
/** An outage is long after 7 min without a stable connection: nobody sits waiting any more, and the server may be starting cold. Not before 5 min and the 110 s in which a server that takes 1 % of its clients a second has them all back: a minute's window would make the last of them wait three times as long (`npm run bench -- --only=storm`). One that accepts and closes all that time is dialled at most 80 times in 10 min (1,000 seeds); without this it was 99. */
export const LONG_OUTAGE_MS = 420_000
