import type { Disconnect, Next, Origin } from '../core/disconnect.ts'
import type { FallBackReason } from '../core/event.ts'
import type { MachineState, Wait, WaitedBy } from '../core/state.ts'
import { isBeat, type TransitionRecord } from '../core/trace.ts'
import { meaningOf } from './meanings.ts'
import { count, duration, quoted, timeOfDay } from './words.ts'

type Stop = Extract<Next, { readonly type: 'stop' }>

const ENDED: Readonly<Record<Origin, string>> = {
  server: 'closed by server',
  network: 'lost',
  'browser-failed': 'failed by the browser (bad frame or bad UTF-8)',
  'dial-failed': 'could not connect',
  'dial-timeout': 'did not connect in time',
  heartbeat: 'found dead',
  provider: 'not dialled, the URL, the protocols or the credential could not be fetched',
  hook: 'given up, beforeOpen failed',
  client: 'closed by this side',
}

const SCHEDULED: Readonly<Record<WaitedBy, string>> = {
  backoff: 'backoff',
  'local-evidence': 'sooner, something changed on this side',
  server: 'the server asked for it',
  policy: 'the close policy asked for it',
  app: 'the app asked for it',
  rotation: 'replacing the connection: a fresh credential or its maximum age',
  offline: 'the browser says offline, one try per 30 s',
  'dial-guard': 'held back by the dial guard, 6 dials in 10 s',
  frozen: 'the page is frozen',
  hidden: 'the page was hidden for an hour',
}

/** Whose bug it is when a policy stops at that code. */
const WHOSE: Readonly<Record<number, string>> = {
  1002: 'the server or a proxy',
  1003: 'the app',
  1007: 'the app',
  1010: 'the server',
}

function stopped({ code, refusals }: Disconnect, by: Stop['by']): string {
  switch (by) {
    case 'app':
      return 'as asked'
    case 'policy':
      return `the close policy stops at ${code}${code in WHOSE ? `, a bug of ${WHOSE[code]}` : ''}`
    case 'attempts':
      return 'the attempts are used up'
    case 'signed-out':
      return 'nobody is signed in'
    case 'unauthorized':
      return refusals === null
        ? 'unauthorized, and no auth provider to ask'
        : `unauthorized, ${refusals + 1} credentials refused in a row`
  }
}

function retrying(inMs: number | null, by: WaitedBy, attempt: number, wall: number): string {
  if (inMs === null) return `paused: ${SCHEDULED[by]}`
  const when = inMs > 0 ? `next try in ${duration(inMs)}, ${timeOfDay(wall + inMs)}` : 'trying now'
  return `${when} (${attempt ? `attempt ${attempt}; ` : ''}${SCHEDULED[by]})`
}

function next(disconnect: Disconnect, { state: { retry, session }, wall }: TransitionRecord): string {
  const { next, attempt, refusals } = disconnect
  if (next.type === 'stop') return `${stopped(disconnect, next.by)}; nothing more is tried until reconnect()`
  if (next.type === 'handover') return 'another connection is taking over'
  if (next.type === 'stay') return 'the connection that serves stays'
  const then = retrying(next.inMs, next.by, Math.max(retry.attempt, attempt), wall)
  if (refusals === null || session.refusals <= refusals) return then
  const how = session.credential === 'refused' ? 'refreshing credentials' : 'a fresher credential is here'
  const when = next.inMs === 0 ? `reconnect (attempt ${retry.attempt})` : then
  return `${how} (refusal ${session.refusals}), then ${when}`
}

/** The browser failed this connection and the two before it. */
function violates({ origin, attempt, history }: Disconnect): boolean {
  return attempt > 1 && [{ origin }, ...history.slice(-2)].every(past => past.origin === 'browser-failed')
}

function ended(disconnect: Disconnect, record: TransitionRecord): string {
  const { origin, code, reason, openMs, silentMs, transport, connection } = disconnect
  const meaning = meaningOf(code)
  const said = reason ? ` ${quoted(reason)}` : ''
  const { event } = record
  const waited = event.type === 'signed-out' ? 'closed while waiting' : 'closed by the app while waiting'
  const again = violates(disconnect) ? ', three in a row: a protocol violation by the server' : ''
  const refused = event.type === 'ended' && event.refused
  const how = refused ? 'not dialled, the provider gave the refused credential' : found(disconnect, record)
  const what = connection === null ? waited : `${transport} ${how}${again}`
  const facts = `: ${code}${meaning ? ` ${meaning}` : ''}${said}`
  const life =
    openMs === null ? '' : ` after ${duration(openMs)}, ${count(record.received)} in / ${count(record.sent)} out`
  const unclean = origin === 'network' || origin === 'heartbeat'
  const silent = unclean && (silentMs ?? 0) >= LONG_SILENCE_MS ? `, silent for ${duration(silentMs ?? 0)}` : ''
  return `${what}${facts}${life}${silent}; ${learnt(record)}${next(disconnect, record)}`
}

/** A silence that tells something about the end: as long as one that teaches. */
const LONG_SILENCE_MS = 10_000

function found({ origin }: Disconnect, { answers }: TransitionRecord): string {
  // Nobody was asked.
  if (origin === 'heartbeat' && !answers.some(isBeat)) return 'presumed dead after a sleep'
  return ENDED[origin]
}

/** What two cuts after the same silence taught; '' when they did not. */
function learnt({ effects }: TransitionRecord): string {
  for (const effect of effects) {
    if (effect.type !== 'learnt') continue
    const { silentMs, everyMs } = effect
    const cure = everyMs === null ? 'ping() would keep it open' : `a ping every ${duration(everyMs)} from now on`
    return `second cut after ${duration(silentMs)} of silence, an idle timeout: ${cure}; `
  }
  return ''
}

const FALLEN: Readonly<Record<FallBackReason, string>> = {
  blocked: 'it never got through on this network, and the server answers over HTTP',
  failing: 'it failed 5 times in 60 s and more, without a word of the server',
  'not-offered': 'the server does not offer it',
  buffered: 'something on the way holds back what is sent',
  exhausted: 'nothing else works either',
}
/** A better transport served for a moment. */
const RELAPSED = 'it was cut again soon after it was back, without a word of the server'

function fallen({ state: { retry } }: TransitionRecord, why: FallBackReason, to: string): string {
  // Five failures in a row are as many attempts.
  const what = why === 'failing' && retry.attempt < 5 ? RELAPSED : FALLEN[why]
  return `${what}: ${why === 'exhausted' ? 'on' : 'falling back'} to ${to}`
}

/** When the next dial is made; '' while it is under way or paused. */
function when({ state: { wait }, now, wall }: TransitionRecord): string {
  if (wait?.until == null) return ''
  const inMs = wait.until - now
  return inMs > 0 ? `, next try in ${duration(inMs)}, ${timeOfDay(wall + inMs)}` : ', trying now'
}

function waiting(wait: Wait, { state, now, wall, event }: TransitionRecord): string {
  const why = event.type === 'signal' ? event.signal : event.type
  return `${why}: ${retrying(wait.until && wait.until - now, wait.by, state.retry.attempt, wall)}`
}

const FETCHED: Readonly<Record<MachineState['session']['credential'], string>> = {
  missing: 'a credential',
  held: 'what the dial needs',
  expired: 'a fresh credential, the last one has expired',
  refused: 'a fresh credential, the last one was refused',
}

function fetching({ state: { session }, wall }: TransitionRecord): string {
  const { credential, expiresAt } = session
  const expired = credential === 'held' && expiresAt !== null && expiresAt <= wall
  return `fetching ${FETCHED[expired ? 'expired' : credential]}`
}

/** A monotonic instant as time of day. */
function clockTime(at: number, { now, wall }: TransitionRecord): string {
  return timeOfDay(wall + at - now)
}

/** What is done about a connection that has just become too old, or whose credential was replaced; '' when it stays. */
function rotating(record: TransitionRecord): string {
  const rotation = record.state.serving?.rotation
  const begins = rotation?.checkAt === record.now
  return begins ? `; the connection is replaced at its first silence, by ${clockTime(rotation.latestAt, record)}` : ''
}

/** When a renewal that failed is tried again; '' when only the next dial does. */
function renewing(record: TransitionRecord): string {
  const at = record.state.serving?.renewAt
  return at ? `; next try ${clockTime(at, record)}` : ''
}

/** What happened, without the head of the line; `null` when a person on call need not know. */
function story(record: TransitionRecord): string | null {
  const { effects, event, state, queued } = record
  for (const effect of effects) {
    if (effect.type === 'disconnected') {
      const lost =
        effect.disconnect.next.type === 'stop' && queued ? `; ${count(queued)} queued messages discarded` : ''
      const attempt = effect.disconnect.next.type === 'stay' ? 'nothing better yet, ' : 'handover failed, '
      return (effect.silent ? attempt : '') + ended(effect.disconnect, record) + lost
    }
    if (effect.type === 'serve') {
      const again = effect.reconnected ? `reconnected (attempt ${effect.attempt})` : 'open'
      const over = effect.over ? `${effect.handover ? ' to' : ' over'} ${effect.over}` : ''
      const raced = event.type === 'ready' && event.transport ? ': the other one brought nothing back within 4 s' : ''
      return `${effect.handover ? 'handed over' : again}${over}${raced}${queued ? `, sending ${count(queued)} queued messages` : ''}`
    }
    if (effect.type === 'dial') return `dialling${state.retry.attempt ? ` (attempt ${state.retry.attempt})` : ''}`
    if (effect.type === 'authorize') return fetching(record)
    if (effect.type === 'renew') return `renewing the credential${effect.fresh ? ', as the app asked' : ''}`
    if (effect.type === 'ping' && event.type === 'signal' && event.sleptMs) {
      return `awake after ${duration(event.sleptMs)}, probing`
    }
    if (effect.type === 'trust') return `alive${queued ? `, sending ${count(queued)} queued messages` : ''}`
    if (effect.type === 'shut') return `closing, as the app asked${effect.code ? `: ${effect.code}` : ''}`
  }
  if (event.type === 'tick' && state.down?.limitedAt === null && state.down.since < record.now) {
    return state.wait || state.dial
      ? 'nothing has carried traffic for 60 s: working offline, quiet retries go on'
      : null
  }
  if (event.type === 'fall-back') return fallen(record, event.why, event.to) + when(record)
  if (event.type === 'renewed')
    return `credential renewed${event.expiresAt ? `, expires ${timeOfDay(event.expiresAt)}` : ''}${rotating(record)}`
  const hung = event.type === 'tick' && effects.some(({ type }) => type === 'abandon')
  if (hung || event.type === 'not-renewed') {
    return `the credential could not be renewed${hung ? ' in time' : ''}${renewing(record)}`
  }
  const aged = rotating(record)
  if (event.type === 'tick' && aged) return `maximum age reached${aged}`
  const asked = event.type === 'retry-now' || event.type === 'reconnect' || event.type === 'signal'
  return asked && state.wait ? waiting(state.wait, record) : null
}

/**
 * One transition as one line: which connection, when, who ended it, what it means, what happens next, when, and who
 * scheduled that. `null` for steps that a person on call need not know.
 *
 * `#3 4f2a 12:04:11Z websocket closed by server: 1012 service restart after 60 min, 1,204 in / 88 out; next try in 2.1 s, 12:04:13Z (attempt 1; backoff)`
 *
 * `#7 91c0 13:04:11Z websocket closed by server: 4401 unauthorized "token expired" after 60 min, 1,204 in / 88 out; refreshing credentials (refusal 1), then reconnect (attempt 1)`
 *
 * Close reasons come from the server: they are quoted and cannot break the line. URLs and tokens are not in a record,
 * so they are not in the line.
 */
export function explain(record: TransitionRecord): string | null {
  const told = story(record)
  if (told === null) return null
  const { state, effects } = record
  const lost = effects.flatMap(effect => (effect.type === 'disconnected' ? [effect.disconnect] : [])).at(0)
  const live = state.serving ?? state.dial
  const [number, id] = lost ? [lost.connection, lost.connectionId] : [live?.number, live?.id]
  return `${number ? `#${number} ${id} ` : ''}${timeOfDay(record.wall)} ${told}`
}
