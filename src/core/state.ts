import type { Disconnect } from './disconnect.ts'
import { GUARD_DIALS } from './limits.ts'

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
  /** Instants of the last dials, oldest first, as many as the dial guard counts. */
  readonly dials: readonly number[]
  /** When something local last hinted that dialling is worth it now, unless that was used up. */
  readonly evidenceAt: number
  /** When such a hint last shortened a wait. */
  readonly evidenceUsedAt: number
}

/** What outlives a connection. */
export interface Session {
  readonly everOpen: boolean
  /** What is known of the credential; its value never enters the machine. Without an auth provider it is `held` for ever. */
  readonly credential: 'missing' | 'held' | 'refused'
  /** When the credential expires by the wall clock; `null` when that is not known. */
  readonly expiresAt: number | null
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
  readonly retry: Retry
  readonly session: Session
  readonly page: Page
  /** Why nothing serves: the last disconnect and what was decided about it; `null` while something serves. */
  readonly cause: Disconnect | null
  /** How many connections were begun; the number of the last one. */
  readonly connections: number
}

/** The six public states. */
export type State = 'connecting' | 'open' | 'reconnecting' | 'auth-refresh' | 'degraded' | 'closed'

/** Before anything: a number, because `-Infinity` does not survive JSON. */
export const LONG_AGO = -1e12

/** A socket that was not started. `credential` is `missing` when there is an auth provider to ask. */
export function initialState(credential: Session['credential'] = 'held'): MachineState {
  return {
    intent: 'closed',
    serving: null,
    dial: null,
    wait: null,
    down: null,
    retry: {
      attempt: 0,
      failingSince: null,
      previousMs: 0,
      transport: 0,
      dials: Array(GUARD_DIALS).fill(LONG_AGO),
      evidenceAt: LONG_AGO,
      evidenceUsedAt: LONG_AGO,
    },
    session: { everOpen: false, credential, expiresAt: null, refusals: 0 },
    page: { online: true, frozen: false, hiddenSince: null },
    cause: null,
    connections: 0,
  }
}

/** The public state of a machine state. */
export function stateOf({ intent, serving, down, session }: MachineState): State {
  if (intent !== 'run') return 'closed'
  if (serving) return serving.transport ? 'degraded' : 'open'
  if (down?.limitedAt === null) return 'degraded'
  if (session.credential === 'refused') return 'auth-refresh'
  return session.everOpen ? 'reconnecting' : 'connecting'
}
