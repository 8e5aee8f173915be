import type { Disconnect } from './disconnect.ts'

/** Why a dial is made. A stronger purpose relabels a dial that is under way: first and recover, then replace, then promote. */
export type Purpose = 'first' | 'recover' | 'replace' | 'promote'

/** The connection that carries the app's traffic now. */
export interface Serving {
  readonly number: number
  readonly id: string
  /** Index into `rules.transports`; 0 is the preferred one. */
  readonly transport: number
  readonly openedAt: number
  /** When the connection counts as stable and the attempts are forgotten; `null` once they are. */
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
  readonly deadlineAt: number
}

/** Who decided how long a wait lasts. */
export type WaitedBy = 'backoff' | 'local-evidence' | 'server' | 'policy' | 'app' | 'offline' | 'dial-guard'

/** Why nothing is being dialled. */
export type Wait =
  | {
      readonly type: 'backoff'
      readonly purpose: Purpose
      readonly until: number
      /** A floor asked for by the server or a policy: local evidence does not shorten the wait below it. */
      readonly notBefore: number
      readonly by: WaitedBy
    }
  | { readonly type: 'paused'; readonly purpose: Purpose; readonly notBefore: number; readonly by: 'frozen' | 'hidden' }

/** Since when nothing serves. Only a connection clears it. */
export type Down =
  | { readonly type: 'brief'; readonly since: number; readonly limitedAt: number }
  | { readonly type: 'limited'; readonly since: number }

/** Our luck so far. */
export interface Retry {
  /** Attempts since a connection was last stable; 0 during the first dial. */
  readonly attempt: number
  /** The last delay that backoff drew, in ms. */
  readonly previousMs: number
  /** Index of the transport that the next dial uses. */
  readonly transport: number
  /** Instants of the last dials, oldest first: what the dial guard counts. */
  readonly dials: readonly number[]
  /** When something local last hinted that dialling is worth it now, and when that last shortened a wait. */
  readonly evidence: { readonly seenAt: number | null; readonly usedAt: number | null }
}

/** What is known of the credential. A value never enters the machine. */
export type Credential =
  | { readonly type: 'unneeded' }
  | { readonly type: 'missing' }
  | { readonly type: 'refused' }
  /** `expiresAt` is wall-clock time, `null` when the provider gave none. */
  | { readonly type: 'held'; readonly expiresAt: number | null }

/** What outlives a connection. */
export interface Session {
  readonly everOpen: boolean
  readonly credential: Credential
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

/** A socket that has not been started. `credential` is `missing` when an auth provider has to be asked. */
export function initialState(credential: Credential = { type: 'unneeded' }): MachineState {
  return {
    intent: 'closed',
    serving: null,
    dial: null,
    wait: null,
    down: null,
    retry: { attempt: 0, previousMs: 0, transport: 0, dials: [], evidence: { seenAt: null, usedAt: null } },
    session: { everOpen: false, credential, refusals: 0 },
    page: { online: true, frozen: false, hiddenSince: null },
    cause: null,
    connections: 0,
  }
}

/** The public state of a machine state. */
export function stateOf(state: MachineState): State {
  if (state.intent !== 'run') return 'closed'
  if (state.serving) return state.serving.transport === 0 ? 'open' : 'degraded'
  if (state.down?.type === 'limited') return 'degraded'
  if (state.session.credential.type === 'refused') return 'auth-refresh'
  return state.session.everOpen ? 'reconnecting' : 'connecting'
}
