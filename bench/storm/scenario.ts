/** What becomes of a dial that exceeds the capacity: refused at once, opened and closed with 1013, or kept waiting. */
export type Overflow = 'refused' | '1013' | 'queued'

/** How every client loses its connection when the server goes: the drop of a connection, or a close frame. */
export type RestartCode = 1006 | 1012 | 1013

/** A restart of the server. */
export interface Restart {
  readonly code: RestartCode
  /** How long every dial is refused at once, in ms. */
  readonly outageMs: number
  /** Handshakes a second after that, as a share of the clients. */
  readonly capacity: number
  readonly overflow: Overflow
}

/** 1012 is answered as 1006 is, so what is simulated for one of them holds for both: that is a test. */
export const CODES: readonly RestartCode[] = [1006, 1013]
export const OUTAGES_MS: readonly number[] = [500, 10_000, 60_000, 300_000]
export const CAPACITIES: readonly number[] = [1 / 20, 1 / 100]
export const OVERFLOWS: readonly Overflow[] = ['refused', '1013', 'queued']

export const RESTARTS: readonly Restart[] = CODES.flatMap(code =>
  OUTAGES_MS.flatMap(outageMs =>
    CAPACITIES.flatMap(capacity => OVERFLOWS.map(overflow => ({ code, outageMs, capacity, overflow }))),
  ),
)

/** What came of a restart. */
export interface Outcome {
  /** Most dials in any second, as a share of the clients. */
  readonly peakSecond: number
  /** Most dials in any 100 ms, as a share of the clients. */
  readonly peakTenth: number
  /** When 99 % were back, as a multiple of the bound; `Infinity` when they never were. */
  readonly most: number
  /** When all were back, as a multiple of the bound. */
  readonly all: number
  /** Dials per client that reached the server after the outage and did not end in the connection. */
  readonly wasted: number
}

/** How long all clients are connected before the restart: longer than every stable window of the subjects. */
export const CALM_MS = 20_000
/** Round trips are spread evenly from 20 to 80 ms. */
export const ROUND_TRIP_MS = [20, 80] as const
/** The bound: how long a server with that capacity takes for all clients if it is never idle. */
export const boundMs = ({ capacity }: Pick<Restart, 'capacity'>): number => 1_000 / capacity
/** Longer than so many bounds after the outage nobody waits in the simulation. */
export const GIVEN_UP_AFTER = 10
/** `Date.now()` at the beginning of the simulation. */
export const EPOCH = Date.UTC(2026, 0, 1)
