/** How a connection ends, and what is decided about it. */
import { ABNORMAL, askedDelayMs } from './close-codes.ts'
import { forget } from './dialling.ts'
import type { Ending, Next } from './disconnect.ts'
import { type Draft, drop, retire } from './draft.ts'
import { HISTORY, LIMITED_AFTER_MS, MAX_REFUSALS } from './limits.ts'
import { learn } from './liveness.ts'
import type { Dial, Purpose, Serving, WaitedBy } from './state.ts'
import { draw, hold } from './waiting.ts'

type Facts = Partial<Pick<Ending, 'origin' | 'code' | 'reason' | 'wasClean' | 'silentMs'>> & {
  readonly refused?: boolean
}

/** What the next dial is for when nothing serves. */
function recovery({ after }: Draft): Purpose {
  return after.session.everOpen ? 'recover' : 'first'
}

/** The facts, as policies and the app are told them. `was` is `null` when there was no connection to end. */
export function endingOf(
  { rules, before, after: { retry, session }, now }: Draft,
  was: Serving | Dial | null,
  { code = ABNORMAL, reason = '', wasClean = false, origin, silentMs }: Facts = {},
): Ending {
  const openMs = was && 'openedAt' in was ? now - was.openedAt : null
  const dialled = was && 'phase' in was && was.phase !== 'greeting'
  const found = dialled ? 'dial-failed' : code === ABNORMAL ? 'network' : 'server'
  return {
    origin: origin ?? (before.intent === 'run' ? found : 'client'),
    code,
    reason,
    wasClean,
    connection: was ? was.number : null,
    connectionId: was ? was.id : null,
    transport: (was && rules.transports[was.transport]) ?? null,
    openMs,
    silentMs: openMs === null || silentMs == null ? null : Math.min(silentMs, openMs),
    attempt: retry.attempt,
    refusals: rules.credentials ? session.refusals : null,
    history: retry.history,
  }
}

function tell({ after, effects }: Draft, ending: Ending, next: Next, silent = false): void {
  const disconnect = { ...ending, next }
  if (!silent) after.cause = disconnect
  effects.push({ type: 'disconnected', disconnect, silent })
}

function tellWait(t: Draft, ending: Ending, silent?: boolean): void {
  const { wait } = t.after
  if (wait) tell(t, ending, { type: 'retry', inMs: wait.until && wait.until - t.now, by: wait.by }, silent)
}

/** The end of a life: nothing is tried until `reconnect()`. */
export function stop(t: Draft, ending: Ending, by: Extract<Next, { readonly type: 'stop' }>['by']): void {
  const { after } = t
  after.intent = 'closed'
  after.serving = after.dial = after.wait = after.down = after.renewal = null
  t.effects.push({ type: 'discard' })
  tell(t, ending, { type: 'stop', by })
}

/** From now on nothing serves. */
export function goDown({ after, now }: Draft): void {
  after.down ??= { since: now, limitedAt: now + LIMITED_AFTER_MS }
}

/** A connection ended: ask the policy, and wait, stop, or leave it to the other connection. */
export function ended(t: Draft, was: Serving | Dial, facts: Facts): void {
  const { rules, before, after, now } = t
  const { serving, dial, intent } = before
  const { retry, session } = after
  if (intent !== 'run') {
    stop(t, endingOf(t, was, facts), 'app')
    return
  }
  after.dial = null
  if (was === serving) {
    after.serving = null
    goDown(t)
    if (dial) {
      // A handover was under way: its dial is now the one that recovers.
      after.dial = { ...dial, purpose: 'recover' }
      tell(t, endingOf(t, was, facts), { type: 'handover' })
      return
    }
    // Hidden tabs tick late, so the stable window is judged here too.
    if (now - serving.openedAt >= rules.stableMs) forget(t)
  }
  const ending = endingOf(t, was, facts)
  // A credential that is known to be refused needs no second opinion.
  const answer = facts.refused ? 'refresh-auth' : (rules.decide(ending) ?? 'retry')
  const refused = answer === 'refresh-auth'
  // Looking for a better way costs the one that serves nothing. Whoever asked for it asks again.
  if (after.serving && 'purpose' in was && was.purpose === 'promote' && !refused) {
    tell(t, ending, { type: 'stay' }, true)
    return
  }
  const { origin, code, openMs, silentMs } = ending
  // A machine that slept was silent itself.
  const since = serving?.heart?.since ?? 0
  if (was === serving && origin === 'network' && silentMs !== null) learn(t, Math.min(silentMs, now - since))
  retry.history = retry.history.slice(1 - HISTORY).concat({ origin, code, openMs, endedAt: t.wall })
  retry.attempt++
  retry.failingSince ??= now
  if (refused && rules.credentials) {
    // What was refused is the credential of that connection; a fresher one may be here already.
    if (was.credential === session.issued) session.credential = 'refused'
    session.refusals++
    t.effects.push({ type: 'refuse', number: was.number })
  }
  const unauthorized = refused && (!rules.credentials || session.refusals >= MAX_REFUSALS)
  const exhausted = retry.attempt > rules.maxAttempts
  const end = answer === 'stop' ? 'policy' : unauthorized ? 'unauthorized' : exhausted ? 'attempts' : null
  if (after.serving) {
    // A handover that cannot be made is given up; the connection that serves is not to blame.
    if (end) tell(t, ending, { type: 'stop', by: end }, true)
    else retryAs('purpose' in was ? was.purpose : 'replace', true)
  } else if (end) stop(t, ending, end)
  else retryAs(recovery(t))

  function retryAs(purpose: Purpose, silent?: boolean): void {
    // The next one after the transport that failed: what failed may have been a dial for a better one.
    const next = was.transport + 1
    if (answer === 'fall-back' && next < rules.transports.length) retry.transport = Math.max(retry.transport, next)
    if (refused && session.refusals === 1) hold(t, purpose, now, 'policy')
    else draw(t, purpose, answer, askedDelayMs(ending.code, ending.reason))
    tellWait(t, ending, silent)
  }
}

/** Drops what there is and dials as soon as the guard allows; after `closed`, a new life. */
export function restart(t: Draft, by: WaitedBy = 'app'): void {
  const { rules, before, after, now } = t
  const { serving, dial } = before
  const live = serving ?? dial
  if (before.intent === 'closed') {
    forget(t)
    // A new life, a new chance: the provider is asked again.
    if (rules.credentials) after.session.credential = 'missing'
  }
  after.intent = 'run'
  after.serving = after.dial = after.cause = null
  goDown(t)
  hold(t, recovery(t), now, by)
  drop(t, dial)
  retire(t, serving)
  if (live) tellWait(t, endingOf(t, live, { origin: 'client' }))
}
