import type { Vitals } from '../core/event.ts'
import { REGULAR_MESSAGES } from '../core/limits.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { MachineState } from '../core/state.ts'
import type { Heartbeat } from '../policies/heartbeat.ts'
import { bufferedBy } from '../transports/transport.ts'
import type { Clock } from './clock.ts'
import type { Link } from './link.ts'

/** What vital signs need of the socket, and tell it. */
interface Patient {
  readonly clock: Clock
  readonly state: MachineState
  dispatch(event: { readonly type: 'stirred' | 'not-pinged'; readonly number: number }): void
  /** Something was heard that is no message of the app's. */
  hear(): void
  /** The round trip was measured. */
  counted(): void
  report(error: unknown): void
}

/** What is known of the traffic of a connection. `heardAt`: when something was last heard, monotonic ms. */
export function vitalsOf({ received, signs, awaitedAt, carrier }: Link, heardAt: number): Vitals {
  const messages = received - (signs?.pongs ?? 0)
  return {
    received,
    messages,
    heardAt,
    awaitedAt,
    roundTripMs: signs?.roundTripMs ?? null,
    buffered: bufferedBy(carrier),
  }
}

/** What is heard of a connection beside the app's messages. Made where there is a heartbeat. */
export class VitalSigns {
  /** The last measured round trip in ms; `null` before the first. */
  roundTripMs: number | null = null
  /** Answers so far. */
  pongs = 0
  readonly #heartbeat: Heartbeat
  readonly #patient: Patient
  #pingedAt: number | null = null

  constructor(heartbeat: Heartbeat, patient: Patient) {
    this.#heartbeat = heartbeat
    this.#patient = patient
  }

  /** Asks for a sign of life. */
  ping({ carrier, number }: Link): boolean {
    const { clock } = this.#patient
    if (carrier.readOnly) {
      this.#patient.dispatch({ type: 'not-pinged', number })
      return false
    }
    try {
      const message = this.#heartbeat.message?.()
      if (message === undefined) throw new TypeError('It gave no message.')
      carrier.send(message)
      this.#pingedAt ??= clock.now()
      return true
    } catch (cause) {
      this.#patient.report(new ResilientError('ERR_POLICY', '`heartbeat.message` failed: nothing was asked.', cause))
      this.#patient.dispatch({ type: 'not-pinged', number })
      return false
    }
  }

  /** Something was heard. `true`: it was an answer, and is not for the app. */
  hears({ number, received }: Link, event: MessageEvent): boolean {
    const { clock, state } = this.#patient
    const { serving } = state
    const pong = this.#isPong(event)
    if (pong) {
      this.pongs++
      this.#patient.hear()
      if (this.#pingedAt !== null) this.roundTripMs = clock.now() - this.#pingedAt
      this.#pingedAt = null
      this.#patient.counted()
    }
    if (serving?.number !== number) return pong
    const { sleptMs = null, flowing, messages = 0 } = serving.heart ?? {}
    if (sleptMs !== null || (!flowing && received - this.pongs === messages + REGULAR_MESSAGES)) {
      this.#patient.dispatch({ type: 'stirred', number })
    }
    return pong
  }

  #isPong(event: MessageEvent): boolean {
    try {
      return !!this.#heartbeat.isPong?.(event)
    } catch (cause) {
      this.#patient.report(new ResilientError('ERR_POLICY', '`heartbeat.isPong` threw: taken for a message.', cause))
      return false
    }
  }
}
