import type { MachineEvent } from '../core/event.ts'
import { CLAMPS, clamp, GOAWAY_EVERY_MS, GOAWAY_LEAST_MS, type ServerFrame } from './frames.ts'
import type { Timers } from './timers.ts'

/** How long the answer to `auth` may take; then the credential is carried by a second connection. */
const AUTH_ANSWER_MS = 5_000

/** What rotation needs of the socket. */
interface RotationHost {
  readonly clock: { roll(): number }
  /** Epoch ms. */
  readonly epochMs: number
  /** There is a provider that can be asked. */
  readonly credentials: boolean
  dispatch(event: MachineEvent): void
}

/** What makes a connection that serves another one, or its credential: a fresh token, and a server that goes away. */
export class Rotation {
  #authenticating: (() => void) | undefined
  /** It did not answer `auth`: a server that ignores what it does not know. */
  #refusesAuth = false
  #goawayAt = -Infinity
  #leaving: (() => void) | undefined
  readonly #host: RotationHost
  readonly #timers: Timers

  constructor(host: RotationHost, timers: Timers) {
    this.#host = host
    this.#timers = timers
  }

  /** A fresh credential is on its way over the connection that serves. */
  get authenticating(): boolean {
    return this.#authenticating !== undefined
  }

  /** A fresh credential came. `say`: tells the server, `false` where that cannot be. */
  renewed(say: false | (() => boolean)): void {
    if (!say || this.#refusesAuth || !say()) {
      this.lost()
      return
    }
    // Credentials that come faster than the answer do not put off the end of waiting for it.
    this.#authenticating ??= this.#timers.in(AUTH_ANSWER_MS, () => {
      this.#authenticating = undefined
      this.#refusesAuth = true
      this.#replace()
    })
  }

  /** The server took the credential. */
  taken(expiresInMs: number | undefined): void {
    this.lost()
    // It was late, and does take them.
    this.#refusesAuth = false
    this.expires(expiresInMs)
  }

  /** The server says how long the credential lives. */
  expires(inMs: number | undefined): void {
    if (inMs === undefined || !this.#host.credentials) return
    const expiresAt = this.#host.epochMs + clamp(inMs, CLAMPS.authExpiresInMs)
    this.#host.dispatch({ type: 'renewed', expiresAt, same: true })
  }

  /** Fresh credentials are wanted. */
  wanted(): void {
    if (this.#host.credentials) this.#host.dispatch({ type: 'renew' })
  }

  /** The server is about to go: another connection is made before, at a moment of this client's own. */
  goaway({ afterMs, spreadMs }: Extract<ServerFrame, { readonly t: 'goaway' }>): void {
    const { clock, epochMs } = this.#host
    if (epochMs - this.#goawayAt < GOAWAY_EVERY_MS) return
    this.#goawayAt = epochMs
    this.#leaving?.()
    const least = clamp(afterMs, CLAMPS.goawayAfterMs)
    const spread = Math.max(clamp(spreadMs, CLAMPS.goawaySpreadMs), GOAWAY_LEAST_MS - least)
    this.#leaving = this.#timers.in(least + clock.roll() * spread, () => {
      this.#leaving = undefined
      this.#replace()
    })
  }

  /** Another connection serves. */
  replaced(): void {
    this.lost()
    this.#leaving?.()
    this.#leaving = undefined
  }

  /** Nobody waits for the answer to `auth` any more. */
  lost(): void {
    this.#authenticating?.()
    this.#authenticating = undefined
  }

  /** A life has ended. */
  end(): void {
    this.replaced()
    this.#refusesAuth = false
    this.#goawayAt = -Infinity
  }

  #replace(): void {
    this.#host.dispatch({ type: 'handover', purpose: 'replace' })
  }
}
