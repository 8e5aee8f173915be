/** How a credential is kept fresh, and how a connection that serves is replaced. */

import { lifeLeft, renewalAgain } from './dialling.ts'
import { type Draft, retire } from './draft.ts'
import { restart } from './ending.ts'
import { AUTH_TIMEOUT_MS, QUIET_MS, RENEW_AT_LIFE, RENEW_EVERY_MS } from './limits.ts'
import { hold } from './waiting.ts'

/** Monotonic time stood still during sleep: what is left of the credential's life says when it is renewed. */
export function awake(t: Draft): void {
  const { after, now, wall } = t
  const { serving, session } = after
  const left = lifeLeft(t)
  if (!serving || serving.renewAt === null || left === null) return
  const due = (session.renewAt ?? 0) - wall
  const inMs = due > 0 ? due : Math.max(0, left) * RENEW_AT_LIFE
  after.serving = { ...serving, renewAt: Math.min(serving.renewAt, now + inMs) }
}

/** Fetches a credential while no dial waits for it. */
export function renew({ after, effects, now }: Draft, fresh: boolean): void {
  after.renewal = { deadlineAt: now + AUTH_TIMEOUT_MS }
  if (after.serving) after.serving = { ...after.serving, renewAt: null }
  effects.push({ type: 'renew', fresh })
}

/** The renewal failed: the connection stays, and the next try comes half-way to the expiry. */
export function notRenewed(t: Draft): void {
  const { after, wall } = t
  const { session } = after
  after.renewal = null
  // Whatever this side hears meanwhile, the provider is asked at most once in 10 s.
  if (session.renewAt !== null) session.renewAt = wall + RENEW_EVERY_MS
  if (after.serving) after.serving = { ...after.serving, renewAt: renewalAgain(t) }
}

/** Replaces the connection that serves: beside it where two may overlap, else at its first quiet moment, by `latestAt`. */
export function rotate(t: Draft, latestAt: number): void {
  const { after, rules, now } = t
  const { serving } = after
  if (!serving) return
  if (rules.overlaps) replace(t)
  else {
    const soonest = Math.min(latestAt, serving.rotation?.latestAt ?? latestAt)
    // Looked at once now, and again after the silence.
    after.serving = { ...serving, rotation: { latestAt: soonest, checkAt: now, traffic: -1 } }
  }
}

/** Dials beside the connection that serves. A stronger reason relabels what is under way, and never adds a second dial. */
export function replace(t: Draft): void {
  const { after, now } = t
  const current = after.dial ?? after.wait
  if (!current) hold(t, 'replace', now, 'rotation')
  else if (current.purpose === 'promote') {
    after.dial = after.dial && { ...after.dial, purpose: 'replace' }
    after.wait = after.wait && { ...after.wait, purpose: 'replace' }
  }
}

/** Looks whether the quiet moment has come; `traffic` is -1 while something is buffered. */
export function lookForQuiet(t: Draft, traffic: number): void {
  const { after, now } = t
  const { serving } = after
  const rotation = serving?.rotation
  if (!serving || !rotation) return
  if (now >= rotation.latestAt || (traffic >= 0 && traffic === rotation.traffic)) restart(t, 'rotation')
  else {
    const checkAt = Math.min(now + QUIET_MS, rotation.latestAt)
    after.serving = { ...serving, rotation: { ...rotation, checkAt, traffic } }
  }
}

/** The dial that is on its way is not the right one: it is made again, at once. */
export function redial(t: Draft): void {
  const { dial } = t.after
  retire(t, dial)
  if (!dial) return
  t.after.dial = null
  hold(t, dial.purpose, t.now, 'rotation')
}
