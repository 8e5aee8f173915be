/** How a connection comes up: fetch what the dial needs, dial, greet, serve. */
import { type Draft, retire } from './draft.ts'
import {
  AGE_SPREAD,
  AUTH_TIMEOUT_MS,
  CONNECT_TIMEOUT_CAP_MS,
  CONNECT_TIMEOUT_GROWTH,
  GUARD_DIALS,
  RENEW_AT_LIFE,
  RENEW_EVERY_MS,
  RENEW_LATE_MS,
} from './limits.ts'
import { calm } from './liveness.ts'
import type { Dial, Purpose } from './state.ts'

/** Each failed attempt gets half as long again: an overloaded server is slow, and an abandoned handshake costs it a slot. */
function giveUpAt({ rules: { connectTimeoutMs }, after, now }: Draft): number | null {
  const grown = Math.min(connectTimeoutMs * CONNECT_TIMEOUT_GROWTH ** after.retry.attempt, CONNECT_TIMEOUT_CAP_MS)
  return instantOrNever(now + Math.max(grown, connectTimeoutMs))
}

/** `null` for never: `Infinity` does not survive JSON. */
function instantOrNever(instant: number): number | null {
  return instant < Infinity ? instant : null
}

/** May be dialled with: held, not expired by the wall clock, and no fresher one is on its way. */
export function usable({ after: { session, renewal }, wall }: Draft): boolean {
  const lives = session.expiresAt === null || session.expiresAt > wall
  return session.credential === 'held' && lives && !renewal
}

/** How long the credential lives yet, in ms of the wall clock; `null` when that is not known. */
export function lifeLeft({ after: { session }, wall }: Draft): number | null {
  return session.expiresAt === null ? null : session.expiresAt - wall
}

/** A credential has arrived. */
export function hear(t: Draft, expiresAt: number | null, same = false): void {
  const { session } = t.after
  session.credential = 'held'
  session.expiresAt = expiresAt
  const left = lifeLeft(t)
  // Anchored now: a connection made with it later does not make it live longer.
  session.renewAt = left === null ? null : t.wall + Math.max(left * RENEW_AT_LIFE, RENEW_EVERY_MS)
  if (!same) session.issued++
}

/** When the credential that is held is renewed. */
export function renewalDue({ after: { session }, now, wall }: Draft): number | null {
  return session.renewAt === null ? null : now + Math.max(session.renewAt - wall, RENEW_EVERY_MS)
}

/** When a renewal that came to nothing is tried again: half-way to the expiry. */
export function renewalAgain(t: Draft): number {
  const left = lifeLeft(t)
  return t.now + (left !== null && left > 0 ? Math.max(left / 2, RENEW_EVERY_MS) : RENEW_LATE_MS)
}

/** Begins a connection: fetches what the dial needs, or dials at once when it needs nothing. */
export function begin(t: Draft, purpose: Purpose): void {
  const { after, effects, now, roll } = t
  const number = ++after.connections
  const id = Math.floor(roll * 65_536)
    .toString(16)
    .padStart(4, '0')
  const transport = after.retry[purpose === 'promote' ? 'better' : 'transport']
  const ready = usable(t)
  const dial: Dial = {
    number,
    id,
    transport,
    purpose,
    phase: 'authorizing',
    startedAt: now,
    credential: after.session.issued,
    deadlineAt: ready ? giveUpAt(t) : (after.renewal?.deadlineAt ?? now + AUTH_TIMEOUT_MS),
  }
  after.dial = dial
  // A renewal under way is what this dial waits for from now on. Should the dial fail, what serves needs another one.
  after.wait = after.renewal = null
  if (!ready && after.serving) after.serving = { ...after.serving, renewAt: renewalAgain(t) }
  // Counted here, so that a provider that fails at once is not asked in a loop. Not a spread: that leaves room for 17
  // more in every idle socket.
  after.retry.dials = after.retry.dials.slice(1 - GUARD_DIALS).concat(now)
  if (ready && !t.rules.authorizes) connect(t, dial)
  else effects.push({ type: 'authorize', number })
}

/** Dials. To the dial guard it counts from now on, however long it took to fetch what it needs. */
export function connect(t: Draft, dial: Dial): void {
  const { after, effects, now } = t
  const credential = after.session.issued
  after.dial = { ...dial, phase: 'connecting', startedAt: now, credential, deadlineAt: giveUpAt(t) }
  after.retry.dials = after.retry.dials.slice(0, -1).concat(now)
  effects.push({ type: 'dial', number: dial.number })
}

/** The connection is ready: it serves, and the one that served until now is retired. */
export function serve(t: Draft, { number, id, credential }: Dial, transport: number): void {
  const { after, effects, now, before, roll } = t
  const { retry, session } = after
  const { serving } = before
  const over = t.rules.transports[transport]
  const tells = over !== undefined && (transport > 0 || (serving?.transport ?? 0) > 0)
  effects.push({
    type: 'serve',
    number,
    attempt: retry.attempt,
    reconnected: session.everOpen,
    handover: serving !== null,
    ...(tells && { over }),
  })
  retire(t, serving)
  after.serving = {
    number,
    id,
    transport,
    openedAt: now,
    stableAt: instantOrNever(now + t.rules.stableMs),
    credential,
    renewAt: after.renewal ? null : renewalDue(t),
    agedAt: instantOrNever(now + t.rules.maxAgeMs * (1 - AGE_SPREAD * roll)),
    rotation: null,
    heart: t.rules.life && { ...calm(t), lookAt: now },
  }
  after.dial = after.wait = after.down = after.cause = null
  retry.transport = transport
  session.everOpen = true
}

/** A connection was up for the stable window, or a new life begins. */
export function forget({ after: { retry, session } }: Draft): void {
  retry.attempt = retry.previousMs = session.refusals = 0
  retry.failingSince = null
}
