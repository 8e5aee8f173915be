/** Walks the machine breadth first, from a socket that was not started, and notes every edge it takes. */
import { deadline } from '../../src/core/deadline.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { MachineEvent, Vitals } from '../../src/core/event.ts'
import type { Answer, LifeRule, Rules } from '../../src/core/rules.ts'
import { initialState, type MachineState, type State, stateOf } from '../../src/core/state.ts'
import { transition } from '../../src/core/transition.ts'
import { SIGNALS } from '../../src/testing/menus.ts'

/** One way that one event leads from one kind of state to another. */
export interface Edge {
  readonly from: MachineState
  readonly event: string
  readonly to: MachineState
  readonly effects: readonly Effect[]
}

/** An event as the tables name it, and what the close policy says when it is asked. */
interface Trial {
  readonly label: string
  readonly event: MachineEvent
  readonly answer?: Answer
}

/** A state, and the moment at which it was reached. */
interface Place {
  readonly state: MachineState
  readonly now: number
}

const WALL_MS = 1_700_000_000_000
const HOUR_MS = 3_600_000
const ANSWERS: readonly Answer[] = ['retry', 'refresh-auth', 'fall-back', 'stop']

const PLAIN: Rules = {
  transports: ['websocket'],
  authorizes: false,
  credentials: false,
  overlaps: false,
  rotates: true,
  maxAgeMs: Infinity,
  life: null,
  presumes: false,
  maxAttempts: 2,
  stableMs: 10_000,
  connectTimeoutMs: 10_000,
  decide: () => undefined,
  backoff: () => 3_000,
}
/** A heartbeat that asks a silent connection, and finds it dead when it has been silent for longer. */
const ASKING: LifeRule = {
  pings: true,
  judge: ({ askedMs, silentMs, sleptMs }) => {
    if (askedMs !== null) return { type: 'dead' }
    return sleptMs !== null || silentMs >= HOUR_MS ? { type: 'ping', ms: 5_000 } : { type: 'wait', ms: HOUR_MS }
  },
}
/** A socket with nothing optional, one with a heartbeat, one with credentials, and one with everything. */
const KINDS: readonly Rules[] = [
  PLAIN,
  { ...PLAIN, life: ASKING, presumes: true },
  { ...PLAIN, credentials: true, maxAgeMs: 2 * HOUR_MS, maxAttempts: Infinity },
  { ...PLAIN, transports: ['websocket', 'sse'], credentials: true, overlaps: true, maxAttempts: Infinity },
]

const VITALS: Vitals = { received: 0, messages: 0, heardAt: 0, awaitedAt: null, roundTripMs: null, buffered: 0 }

/** What could happen to a state. Late reports are left out: by law 2 they change nothing. */
function trialsOf({ serving, dial, renewal, connections }: MachineState, wall: number): readonly Trial[] {
  const expiresAt = wall + HOUR_MS
  const trials: Trial[] = [
    // The constructor runs once.
    ...(connections ? [] : [{ label: 'start', event: { type: 'start' } } as const]),
    { label: 'reconnect', event: { type: 'reconnect' } },
    { label: 'retry-now', event: { type: 'retry-now' } },
    { label: 'close', event: { type: 'close' } },
    { label: 'handover (replace)', event: { type: 'handover', purpose: 'replace' } },
    { label: 'handover (promote)', event: { type: 'handover', purpose: 'promote' } },
    { label: 'renew', event: { type: 'renew' } },
    { label: 'signed-out', event: { type: 'signed-out' } },
    ...SIGNALS.map((signal): Trial => ({ label: `signal (${signal})`, event: { type: 'signal', signal } })),
  ]
  if (renewal) {
    trials.push(
      { label: 'renewed', event: { type: 'renewed', expiresAt } },
      { label: 'renewed (changed)', event: { type: 'renewed', expiresAt, changed: true } },
      { label: 'not-renewed', event: { type: 'not-renewed' } },
    )
  }
  if (dial) {
    const { number } = dial
    const ended = { type: 'ended', number, code: 1006, reason: '', wasClean: false, origin: 'provider' } as const
    trials.push(
      { label: 'authorized', event: { type: 'authorized', number, expiresAt } },
      { label: 'authorized (expired)', event: { type: 'authorized', number, expiresAt: wall } },
      { label: 'connected', event: { type: 'connected', number } },
      { label: 'ready', event: { type: 'ready', number } },
      ...(dial.phase === 'authorizing'
        ? [{ label: 'ended (dial: refused again)', event: { ...ended, refused: true } } as const]
        : []),
    )
  }
  if (serving?.heart) {
    const { number, heart } = serving
    const vitals = { ...VITALS, received: heart.received + 1 }
    trials.push(
      { label: 'tick (heard)', event: { type: 'tick', vitals } },
      { label: 'stirred', event: { type: 'stirred', number, vitals } },
      { label: 'not-pinged', event: { type: 'not-pinged', number } },
    )
  }
  if (serving) trials.push({ label: 'signal (slept)', event: { type: 'signal', signal: 'woke', sleptMs: HOUR_MS } })
  for (const live of [serving, dial]) {
    if (!live) continue
    const which = live === serving ? 'serving' : 'dial'
    for (const answer of ANSWERS) {
      const event = { type: 'ended', number: live.number, code: 1006, reason: '', wasClean: false } as const
      trials.push({ label: `ended (${which}: ${answer})`, event, answer })
    }
  }
  return trials
}

/** States that answer to this alike are explored once. */
function kindOf({ state, now }: Place): string {
  const { intent, serving, dial, wait, down, renewal, retry, session, page } = state
  const hidden = page.hiddenSince !== null && (now - page.hiddenSince >= HOUR_MS ? 'long hidden' : 'hidden')
  const looks = page.frozen ? 'frozen' : hidden || (page.online ? 'well' : 'offline')
  const current = (serving ?? dial)?.credential === session.issued
  const serves = serving && [serving.transport, serving.stableAt === null, serving.renewAt === null]
  const { agedAt, rotation, heart } = serving ?? {}
  const watched = heart && [heart.askedAt !== null, heart.sleptMs !== null, heart.spared]
  return JSON.stringify([
    [intent, serves, watched, agedAt === null, rotation && rotation.traffic >= 0, dial && [dial.phase, dial.purpose]],
    [renewal !== null, current],
    [wait && [wait.by, wait.purpose], down && down.limitedAt === null, Math.min(retry.attempt, 3), retry.transport],
    [session.everOpen, session.credential, Math.min(session.refusals, 3), looks],
  ])
}

/** Every edge out of a place: each trial at once and a second later, and ticks, on time and an hour late. */
function* edgesOf(rules: Rules, { state, now }: Place): Generator<Edge & { readonly now: number }> {
  const { serving } = state
  const due = deadline(state)
  function* take(at: number, { label, event, answer }: Trial): Generator<Edge & { readonly now: number }> {
    const asked = { ...rules, decide: () => answer }
    const [to, effects] = transition(asked, state, event, { now: at, wall: WALL_MS + at, roll: 0.5 })
    if (to !== state) yield { from: state, event: label, to, effects, now: at }
  }
  for (const at of [now, now + 1_000]) {
    // By then a tick has come; before that, anything may.
    if (at > now && at >= due) continue
    for (const trial of trialsOf(state, WALL_MS + at)) yield* take(at, trial)
  }
  if (due === Infinity) return
  for (const late of [0, HOUR_MS]) {
    const at = Math.max(now, due) + late
    yield* take(at, { label: 'tick', event: { type: 'tick' } })
    // As silent as it was when it was last looked at.
    if (serving?.rotation) yield* take(at, { label: 'tick (quiet)', event: { type: 'tick', traffic: 0 } })
  }
}

/** An edge of every kind, of sockets of every kind, in the order in which they are found. */
export function explore(): readonly Edge[] {
  const edges = new Map<string, Edge>()
  for (const rules of KINDS) {
    const queue: Place[] = [{ state: initialState(rules.credentials ? 'missing' : 'held'), now: 0 }]
    const seen = new Set(queue.map(kindOf))
    for (let place = queue.shift(); place; place = queue.shift()) {
      for (const edge of edgesOf(rules, place)) {
        const name = [shapeOf(edge.from), stateOf(edge.from), edge.event, shapeOf(edge.to), stateOf(edge.to)]
        const told = edge.effects.map(toldOf)
        const key = [...name, ...told].join('|')
        if (!edges.has(key)) edges.set(key, edge)
        const next = { state: edge.to, now: edge.now }
        const kind = kindOf(next)
        if (seen.has(kind)) continue
        seen.add(kind)
        queue.push(next)
      }
    }
  }
  return [...edges.values()]
}

/** An effect in words. */
export function toldOf(effect: Effect): string {
  if (effect.type === 'serve') return effect.handover ? 'serve (handover)' : 'serve'
  if (effect.type !== 'disconnected') return effect.type
  const { next } = effect.disconnect
  return `disconnected (${next.type}${next.type === 'stop' ? `: ${next.by}` : ''}${effect.silent ? ', silent' : ''})`
}

/** The slots that are taken, in words. */
export function shapeOf({ intent, serving, dial, wait, renewal }: MachineState): string {
  const waiting = wait && (wait.until === null ? 'paused' : 'waiting')
  const slots = [serving && 'serving', dial?.phase, waiting, renewal && 'renewing'].filter(Boolean).join(' + ')
  if (intent === 'closed') return 'closed'
  return intent === 'closing' ? `closing${slots && ` (${slots})`}` : slots
}

/** The six public states, in the order of a life. */
export const STATES: readonly State[] = ['connecting', 'open', 'reconnecting', 'auth-refresh', 'degraded', 'closed']

/** The edge between public states; `null` where it stays in one. */
export function publicEdge({ from, to }: Edge): readonly [State, State] | null {
  return stateOf(from) === stateOf(to) ? null : [stateOf(from), stateOf(to)]
}
