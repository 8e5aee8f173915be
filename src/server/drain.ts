import type { Clock } from './clock.ts'
import { numberFrom, refuseOthers } from './limits.ts'
import type { Roster } from './roster.ts'

/** How a server is drained. */
export interface DrainOptions {
  /** In ms: who is still there then is closed with 1012. The dials of the clients are spread over the first four fifths. @defaultValue 30000 (Kubernetes' grace period, before it kills) */
  readonly withinMs?: number
  /** Told to the clients, at most 123 bytes. @defaultValue 'drain' */
  readonly reason?: string
}

const WITHIN_MS = 30_000
/** The last fifth is for handovers that are under way. */
const SPREAD = 0.8
/** A client honours one `goaway` in 10 s. */
const AGAIN_MS = 10_000

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
    const spreadMs = Math.floor(withinMs * SPREAD)
    for (const connection of roster.welcomed) {
      connection.send({ t: 'goaway', afterMs: 0, spreadMs, reason: this.#reason })
    }
    this.#undo?.()
    this.#undo = this.#clock.schedule(this.#until, () => this.end(roster))
    return withinMs
  }

  /** For one that comes while the others go: it was sent here by somebody who does not know yet. */
  goaway(): { readonly afterMs: number; readonly spreadMs: number; readonly reason: string } | undefined {
    if (this.#until === undefined) return undefined
    const left = Math.max(0, this.#until - this.#clock.now())
    const afterMs = Math.floor(Math.min(AGAIN_MS, left / 2))
    return { afterMs, spreadMs: Math.floor((left - afterMs) * SPREAD), reason: this.#reason }
  }

  /** Closes everybody who is left. */
  end(roster: Roster): void {
    this.#undo?.()
    this.#over = true
    for (const connection of [...roster.all]) connection.end(1012, this.#reason)
  }
}
