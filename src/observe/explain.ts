import type { Disconnect, Next, Origin } from '../core/disconnect.ts'
import type { Wait, WaitedBy } from '../core/state.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { meaningOf } from './meanings.ts'
import { count, duration, quoted, timeOfDay } from './words.ts'

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

const STOPPED: Readonly<Record<Extract<Next, { readonly type: 'stop' }>['by'], string>> = {
  app: 'as asked; nothing more is tried until reconnect()',
  policy: 'the close policy says stop; nothing more is tried until reconnect()',
  attempts: 'the attempts are used up; nothing more is tried until reconnect()',
  'signed-out': 'nobody is signed in; nothing more is tried until reconnect()',
  unauthorized: 'unauthorized; nothing more is tried until reconnect()',
}

function retrying(inMs: number | null, by: WaitedBy, attempt: number, wall: number): string {
  if (inMs === null) return `paused: ${SCHEDULED[by]}`
  const when = inMs > 0 ? `next try in ${duration(inMs)}, ${timeOfDay(wall + inMs)}` : 'trying now'
  return `${when} (attempt ${attempt}; ${SCHEDULED[by]})`
}

function next({ next, attempt }: Disconnect, record: TransitionRecord): string {
  if (next.type === 'stop') return STOPPED[next.by]
  if (next.type === 'handover') return 'another connection is taking over'
  return retrying(next.inMs, next.by, Math.max(record.state.retry.attempt, attempt), record.wall)
}

function ended(disconnect: Disconnect, record: TransitionRecord): string {
  const { origin, code, reason, openMs, transport, connection } = disconnect
  const meaning = meaningOf(code)
  const said = reason ? ` ${quoted(reason)}` : ''
  const what = connection === null ? 'closed by the app while waiting' : `${transport} ${ENDED[origin]}`
  const facts = `: ${code}${meaning ? ` ${meaning}` : ''}${said}`
  const life =
    openMs === null ? '' : ` after ${duration(openMs)}, ${count(record.received)} in / ${count(record.sent)} out`
  return `${what}${facts}${life}; ${next(disconnect, record)}`
}

function waiting(wait: Wait, { state, now, wall, event }: TransitionRecord): string {
  const why = event.type === 'signal' ? event.signal : event.type
  return `${why}: ${retrying(wait.until && wait.until - now, wait.by, state.retry.attempt, wall)}`
}

/** What happened, without the head of the line; `null` when a person on call need not know. */
function story(record: TransitionRecord): string | null {
  const { effects, event, state, queued } = record
  for (const effect of effects) {
    if (effect.type === 'disconnected') {
      const lost =
        effect.disconnect.next.type === 'stop' && queued ? `; ${count(queued)} queued messages discarded` : ''
      return (effect.silent ? 'handover failed, ' : '') + ended(effect.disconnect, record) + lost
    }
    if (effect.type === 'serve') {
      const again = effect.reconnected ? `reconnected (attempt ${effect.attempt})` : 'open'
      return `${effect.handover ? 'handed over' : again}${queued ? `, sending ${count(queued)} queued messages` : ''}`
    }
    if (effect.type === 'dial') return `dialling${state.retry.attempt ? ` (attempt ${state.retry.attempt})` : ''}`
    if (effect.type === 'authorize') return 'fetching what the dial needs'
    if (effect.type === 'shut') return `closing, as the app asked${effect.code ? `: ${effect.code}` : ''}`
  }
  if (event.type === 'tick' && state.down?.limitedAt === null && state.down.since < record.now) {
    return state.wait || state.dial
      ? 'nothing has carried traffic for 60 s: working offline, quiet retries go on'
      : null
  }
  const asked = event.type === 'retry-now' || event.type === 'reconnect' || event.type === 'signal'
  return asked && state.wait ? waiting(state.wait, record) : null
}

/**
 * One transition as one line: which connection, when, who ended it, what it means, what happens next, when, and who
 * scheduled that. `null` for steps that a person on call need not know.
 *
 * `#3 4f2a 12:04:11Z websocket closed by server: 1012 service restart after 3600 s, 1,204 in / 88 out; next try in 2.1 s, 12:04:13Z (attempt 1; backoff)`
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
