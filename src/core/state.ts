import type { Disconnect, Past } from './disconnect.ts'

/** Why a dial is made. A stronger purpose relabels a dial that is under way: first and recover, then replace, then promote. */
export type Purpose = 'first' | 'recover' | 'replace' | 'promote'

/** The connection that carries the app's traffic now. */
export interface Serving {
  readonly number: number
  readonly id: string
  /** Index into `rules.transports`; 0 is the preferred one. */
  readonly transport: number
  readonly openedAt: number
  /** When the connection counts as stable and the attempts are forgotten; `null` once they are, or when that is never. */
  readonly stableAt: number | null
  /** Which credential it was dialled with: the number of the last one that had arrived. */
  readonly credential: number
  /** When a fresh credential is fetched, at 80 % of the life of this one; `null` when that is not known, or under way. */
  readonly renewAt: number | null
  /** When it is too old (`maxAgeMs`) and wants replacing; `null` for never. */
  readonly agedAt: number | null
  /** It waits for a quiet moment to be replaced; `null` while it may stay. */
  readonly rotation: Rotation | null
  /** How its life is watched; `null` while nobody does. */
  readonly heart: Heart | null
}

/** The watch over the life of a serving connection. Whatever is heard puts an end to doubt, and nothing else does. */
export interface Heart {
  /** When it is looked at next; `null` for not before something happens. */
  readonly lookAt: number | null
  /** When traffic was last counted, and how much there was: everything, and of it the app's. */
  readonly countedAt: number
  readonly received: number
  readonly messages: number
  /** The app's messages came at least every 3 s. */
  readonly flowing: boolean
  /** Silence before this does not count: it opened, or the machine woke up. */
  readonly since: number
  /** When it was asked for a sign of life that has not come yet, and how often. */
  readonly askedAt: number | null
  readonly pings: number
  /** See {@link Pulse.sleptMs}. */
  readonly sleptMs: number | null
  /** It was found dead, and is looked at once more. */
  readonly spared: boolean
  /** Bytes that waited to be written. */
  readonly buffered: number
}

/** What a cut after a silence taught. */
export interface Lesson {
  /** How long nothing had been heard. */
  readonly silentMs: number
  /** When. It is forgotten after half an hour. */
  readonly at: number
  /** How often to ask for life; `null` until two cuts agree. */
  readonly everyMs: number | null
}

/** A serving connection that is replaced at the first silence, by this instant at the latest. */
export interface Rotation {
  readonly latestAt: number
  /** When the traffic is looked at again. */
  readonly checkAt: number
  /** Messages in and out when it was last looked at; silence is when they are the same a window later. */
  readonly traffic: number
}

/** A credential that is fetched while no dial waits for it. */
export interface Renewal {
  /** When it is given up. */
  readonly deadlineAt: number
}

/** A connection on its way up. */
export interface Dial {
  readonly number: number
  readonly id: string
  readonly transport: number
  readonly purpose: Purpose
  /** authorizing: what the dial needs is being fetched. connecting: the transport dials. greeting: it is up, and not ready yet. */
  readonly phase: 'authorizing' | 'connecting' | 'greeting'
  readonly startedAt: number
  /** See {@link Serving.credential}. */
  readonly credential: number
  /** When it is given up; `null` when it may take as long as the platform lets it. */
  readonly deadlineAt: number | null
}

/** Who decided how long a wait lasts. */
export type WaitedBy =
  | 'backoff'
  | 'local-evidence'
  | 'server'
  | 'policy'
  | 'app'
  | 'rotation'
  | 'offline'
  | 'dial-guard'
  | 'frozen'
  | 'hidden'

/** Why nothing is being dialled. */
export interface Wait {
  readonly purpose: Purpose
  /** When the next dial is made; `null` while paused, by a frozen page or one that was hidden for long. */
  readonly until: number | null
  /** What the server or a policy asked for: nothing that happens on this side makes the dial earlier than that. */
  readonly notBefore: number
  readonly by: WaitedBy
}

/** Since when nothing serves. Only a connection clears it. */
export interface Down {
  readonly since: number
  /** When the app is told to work offline; `null` once it was. */
  readonly limitedAt: number | null
}

/** Our luck so far. */
export interface Retry {
  /** Attempts since a connection was last stable; 0 during the first dial. */
  readonly attempt: number
  /** When the first of them failed; `null` before. */
  readonly failingSince: number | null
  /** The last delay that backoff drew, in ms. */
  readonly previousMs: number
  /** Index of the transport that the next dial uses. */
  readonly transport: number
  /** Index of the better one that is looked for. */
  readonly better: number
  /** Instants of the last dials, oldest first; at most as many as the dial guard counts. */
  readonly dials: readonly number[]
  /** When something local last hinted that dialling is worth it now, unless that was used up. */
  readonly evidenceAt: number
  /** When such a hint last shortened a wait. */
  readonly evidenceUsedAt: number
  /** How the last connections ended, oldest first, at most 10. A stable connection does not shorten it. */
  readonly history: readonly Past[]
}

/** What outlives a connection. */
export interface Session {
  readonly everOpen: boolean
  /** What is known of the credential; its value never enters the machine. Without an auth provider it is `held` for ever. */
  readonly credential: 'missing' | 'held' | 'expired' | 'refused'
  /** How many have arrived. */
  readonly issued: number
  /** When the credential expires by the wall clock; `null` when that is not known. */
  readonly expiresAt: number | null
  /** When a fresh one is fetched, by the wall clock: at 80 % of its life, counted from when it arrived; `null` when that is not known. */
  readonly renewAt: number | null
  /** Credentials refused in a row, without a stable connection between. */
  readonly refusals: number
}

/** What the page (or its stand-in) last said. */
export interface Page {
  readonly online: boolean
  readonly frozen: boolean
  readonly hiddenSince: number | null
}

/** Everything the machine knows: plain data, so that a trace can be saved as JSON. Instants are monotonic ms unless said. */
export interface MachineState {
  readonly intent: 'run' | 'closing' | 'closed'
  readonly serving: Serving | null
  readonly dial: Dial | null
  readonly wait: Wait | null
  readonly down: Down | null
  readonly renewal: Renewal | null
  readonly retry: Retry
  readonly session: Session
  readonly page: Page
  /** What connections that were cut in silence taught; `null` when none were. */
  readonly lesson: Lesson | null
  /** Why nothing serves: the last disconnect and what was decided about it; `null` while something serves. */
  readonly cause: Disconnect | null
  /** How many connections were begun; the number of the last one. */
  readonly connections: number
}

/** The six public states. */
export type State = 'connecting' | 'open' | 'reconnecting' | 'auth-refresh' | 'degraded' | 'closed'

/** Before anything: a number, because `-Infinity` does not survive JSON. */
export const LONG_AGO = -1e12

// Shared: an idle socket has nothing to say of these.
const NO_HISTORY: readonly Past[] = []
const NO_DIALS: readonly number[] = []
const SHOWN: Page = { online: true, frozen: false, hiddenSince: null }

/** A socket that was not started. `credential` is `missing` when there is an auth provider to ask. */
export function initialState(credential: Session['credential'] = 'held'): MachineState {
  return {
    intent: 'closed',
    serving: null,
    dial: null,
    wait: null,
    down: null,
    renewal: null,
    retry: {
      attempt: 0,
      failingSince: null,
      previousMs: 0,
      transport: 0,
      better: 0,
      dials: NO_DIALS,
      evidenceAt: LONG_AGO,
      evidenceUsedAt: LONG_AGO,
      history: NO_HISTORY,
    },
    session: { everOpen: false, credential, issued: 0, expiresAt: null, renewAt: null, refusals: 0 },
    page: SHOWN,
    lesson: null,
    cause: null,
    connections: 0,
  }
}

/** The public state of a machine state. */
export function stateOf({ intent, serving, down, session }: MachineState): State {
  if (intent !== 'run') return 'closed'
  if (serving) return serving.transport ? 'degraded' : 'open'
  if (down?.limitedAt === null) return 'degraded'
  if (session.credential === 'refused' || session.credential === 'expired') return 'auth-refresh'
  return session.everOpen ? 'reconnecting' : 'connecting'
}
