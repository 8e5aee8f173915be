import { CLAMPS, GOAWAY_EVERY_MS, GOAWAY_LEAST_MS, type ServerFrame } from '../session/frames.ts'
import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import { numberFrom, refuseOthers } from './limits.ts'
import type { Roster } from './roster.ts'

/** How a server is drained. */
export interface DrainOptions {
  /** In ms: who is still there then is closed with 1012. The dials of the clients are spread over the first four fifths, evenly: each has a moment of its own. @defaultValue 30000 (Kubernetes' grace period, before it kills) */
  readonly withinMs?: number
  /** Told to the clients, at most 123 bytes. @defaultValue 'drain' */
  readonly reason?: string
}

const WITHIN_MS = 30_000
/** The last fifth is for handovers that are under way. */
const SPREAD = 0.8

/** What a connection is to be told, and in how many ms. */
export interface Farewell {
  readonly inMs: number
  readonly frame: ServerFrame & { readonly t: 'goaway' }
}

/** The way out of a server. */
export class Drain {
  readonly #clock: Clock
  #until: number | undefined
  #reason = 'drain'
  #undo: (() => void) | undefined
  #over = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get draining(): boolean {
    return this.#until !== undefined
  }

  /** Nobody is served any more. */
  get over(): boolean {
    return this.#over
  }

  /** Asks everybody to go, and says how long they have. */
  begin(options: DrainOptions, roster: Roster): number {
    const { withinMs = WITHIN_MS, reason = 'drain', ...others } = options
    refuseOthers('drain.', others, [])
    numberFrom('drain.withinMs', withinMs, 0, 2 ** 31 - 1)
    this.#reason = Buffer.from(reason).subarray(0, 120).toString()
    this.#until = this.#clock.now() + withinMs
    this.#spread(Math.min(withinMs * SPREAD, CLAMPS.goawayAfterMs[1]), [...roster.welcomed])
    this.#undo?.()
    this.#undo = this.#clock.schedule(this.#until, () => this.end(roster))
    return withinMs
  }

  /**
   * For one that comes while the others go: it was sent here by somebody who does not know yet. It is told `inMs` later: one
   * that comes because it was told to go, here or elsewhere, would not listen before.
   */
  goaway(): Farewell | undefined {
    if (this.#until === undefined) return undefined
    const left = Math.max(0, this.#until - this.#clock.now())
    const inMs = Math.floor(Math.min(GOAWAY_EVERY_MS, left / 2))
    const spreadMs = Math.floor((left - inMs) * SPREAD)
    return { inMs, frame: { t: 'goaway', afterMs: 0, spreadMs, reason: this.#reason } }
  }

  /**
   * Each is given a slot of its own, one after the other: moments that all draw from the whole time would lie together now
   * and then, several times as many as on average.
   */
  #spread(ms: number, connections: readonly Connection[]): void {
    const from = Math.min(GOAWAY_LEAST_MS, ms / 2)
    const slot = (index: number): number => Math.floor(from + ((ms - from) * index) / connections.length)
    for (const [index, connection] of connections.entries()) {
      const afterMs = slot(index)
      connection.send({ t: 'goaway', afterMs, spreadMs: slot(index + 1) - afterMs, reason: this.#reason })
    }
  }

  /** Closes everybody who is left. */
  end(roster: Roster): void {
    this.#undo?.()
    this.#over = true
    for (const connection of [...roster.all]) connection.end(1012, this.#reason)
  }
}
