/** Whether the connection that serves still lives: when its heartbeat is asked, what is done, and what a cut teaches. */
import type { Draft } from './draft.ts'
import type { Vitals } from './event.ts'
import {
  BACKLOG_BYTES,
  GRACE_MS,
  JUST_HEARD_MS,
  LATE_MS,
  LESSON_FOR_MS,
  LESSON_FROM_MS,
  LESSON_SPREAD,
  LOOK_EVERY_MS,
  OVERDUE_MS,
  PRESUMED_DEAD_MS,
  REGULAR_MESSAGES,
} from './limits.ts'
import type { Beat } from './rules.ts'
import type { Heart, Serving } from './state.ts'

/** A heart that nobody doubts, from now on. What was heard so far is the measure of what will be. */
export function calm({ now }: Draft, { received = 0, messages = 0 }: Partial<Vitals> = {}): Heart {
  return {
    lookAt: null,
    countedAt: now,
    received,
    messages,
    flowing: false,
    since: now,
    askedAt: null,
    pings: 0,
    sleptMs: null,
    spared: false,
    buffered: 0,
  }
}

/** How long nothing has been heard, in ms. Silence from before it opened, or from before the machine woke up, does not count. */
export function silence({ now }: Draft, { openedAt, heart }: Serving, vitals?: Vitals): number {
  return now - Math.max(heart?.since ?? openedAt, Math.min(now, vitals?.heardAt ?? openedAt))
}

/** Whether the app's messages came at least every 3 s since they were last counted. A few make it regular, and one keeps it so. */
function flows(heart: Heart, messages: number, now: number): boolean {
  const fresh = messages - heart.messages
  return fresh >= (heart.flowing ? 1 : REGULAR_MESSAGES) && fresh * OVERDUE_MS >= now - heart.countedAt
}

/** Looks at the connection, and asks its heartbeat what to do. `true`: it is dead. */
export function look(t: Draft, vitals?: Vitals, lateMs = 0): boolean {
  const { rules, after, effects, now } = t
  const { serving, lesson } = after
  if (!serving?.heart) return false
  const { heart, number, openedAt } = serving
  const { received = heart.received, messages = heart.messages, buffered = 0 } = vitals ?? {}
  const { roundTripMs = null, awaitedAt = null } = vitals ?? {}
  // A backlog that shrinks is a sign of life too: the network takes little more than the other side has acknowledged.
  const drains = heart.buffered > BACKLOG_BYTES && buffered < heart.buffered && heart.sleptMs === null
  const heard = received > heart.received || drains
  const flowing = flows(heart, messages, now)
  const known = heard ? { ...heart, askedAt: null, pings: 0, sleptMs: null, spared: false } : heart
  const { askedAt, pings, sleptMs, spared } = known
  if (heard && heart.sleptMs) effects.push({ type: 'trust', number })
  const next = { ...known, countedAt: now, received, messages, flowing, buffered }
  after.serving = { ...serving, heart: next }
  // Nobody watched before it slept, and nobody does now that it lives.
  if (heard && !rules.life) {
    after.serving = { ...serving, heart: null }
    return false
  }
  const beat: Beat = rules.life?.judge({
    openMs: now - openedAt,
    silentMs: silence(t, serving, vitals),
    askedMs: askedAt === null ? null : now - askedAt,
    pings,
    roundTripMs,
    flowing: flowing || heart.flowing,
    awaitedMs: awaitedAt === null ? null : now - awaitedAt,
    sleptMs,
    learntMs: lesson && now - lesson.at <= LESSON_FOR_MS ? lesson.everyMs : null,
    lateMs,
  }) ?? { type: 'dead' }
  if (beat.type === 'dead') {
    // Once more: what was heard may wait behind this very task, or behind what kept the timer.
    const lookAt = lateMs > LATE_MS ? now + GRACE_MS : now
    after.serving = { ...serving, heart: { ...next, spared: true, lookAt } }
    return spared
  }
  const lookAt = beat.ms === null ? null : now + Math.max(beat.ms, LOOK_EVERY_MS)
  const asked = beat.type === 'ping' && { askedAt: askedAt ?? now, pings: pings + 1 }
  if (asked) effects.push({ type: 'ping', number })
  // A heartbeat that has nothing to ask after a sleep trusts it: nobody else will say so.
  const trusts = !asked && askedAt === null
  if (trusts && sleptMs) effects.push({ type: 'trust', number })
  after.serving = { ...serving, heart: { ...next, ...asked, ...(trusts && { sleptMs: null }), lookAt } }
  return false
}

/** Traffic begins, or an answer is awaited: looks earlier than it would have. `false`: it looks by then anyway. */
export function hasten({ after, now }: Draft, vitals?: Vitals): false | undefined {
  const { serving } = after
  const heart = serving?.heart
  const lookAt = now + OVERDUE_MS
  if (!heart || heart.askedAt !== null || (heart.lookAt !== null && heart.lookAt <= lookAt)) return false
  const { received = heart.received, messages = heart.messages } = vitals ?? {}
  const flowing = flows(heart, messages, now)
  after.serving = { ...serving, heart: { ...heart, received, messages, flowing, countedAt: now, lookAt } }
  return
}

/** The machine woke up, or the page came back: it is asked at once whether it lives. */
export function doubt(t: Draft, sleptMs: number, vitals?: Vitals): void {
  const { rules, after, now } = t
  const { serving } = after
  // It has spoken since.
  if (!serving || (vitals && now - vitals.heardAt < Math.max(sleptMs, JUST_HEARD_MS))) return
  const { heart } = serving
  // It is in doubt already.
  if (!sleptMs && heart && heart.sleptMs !== null) return
  if (heart ? !rules.life : !rules.presumes || sleptMs < PRESUMED_DEAD_MS) return
  const longest = Math.max(sleptMs, heart?.sleptMs ?? 0)
  after.serving = { ...serving, heart: { ...calm(t, vitals), sleptMs: longest } }
  // The first look ends nothing.
  look(t, vitals)
}

/** A connection was cut in silence. Twice after the same one is an idle timeout on the way: it is asked sooner from now on. */
export function learn({ rules, after, effects, now }: Draft, silentMs: number): void {
  const known = after.lesson && now - after.lesson.at <= LESSON_FOR_MS ? after.lesson : null
  const everyMs = known?.everyMs ?? null
  const same = known && Math.abs(silentMs - known.silentMs) <= known.silentMs * LESSON_SPREAD
  // A later cut teaches nothing new where an earlier one has taught already.
  if (silentMs < LESSON_FROM_MS || (everyMs !== null && silentMs >= (known?.silentMs ?? 0) && !same)) return
  after.lesson = { silentMs, at: now, everyMs: same ? Math.max(LESSON_FROM_MS, silentMs / 2) : everyMs }
  if (!same || everyMs !== null) return
  effects.push({ type: 'learnt', silentMs, everyMs: rules.life?.pings ? after.lesson.everyMs : null })
}
