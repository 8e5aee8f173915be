import { ResilientError } from '../core/resilient-error.ts'
import { PROTOCOL } from './frames.ts'

/** Dials that did not open before that is told of: one or two are bad luck. */
const UNOPENED_TOLD = 3
const WAY_OUT = '`session({ optional: true })` does without.'

/** Whether a server is asked to speak the protocol: always, but once per life, where it is optional, after a first dial that did not open. Chromium fails the handshake of a server that does not select a subprotocol, and tells nobody why. */
export class Offer {
  /** The next dial asks for the protocol. */
  asks = true
  #first = true
  #unopened = 0
  /** It spoke the protocol before: what does not open now has other reasons. */
  #spoke = false
  readonly #optional: boolean
  readonly #report: (error: unknown) => void

  constructor(optional: boolean, report: (error: unknown) => void) {
    this.#optional = optional
    this.#report = report
  }

  /** A dial opened. The result is what is wrong with that, if anything is. */
  opened(speaks: boolean): ResilientError | undefined {
    this.#first = false
    this.#unopened = 0
    this.#spoke ||= speaks
    if (speaks || this.#optional) return undefined
    const fact = `The server did not select the subprotocol \`${PROTOCOL}\`: it may not speak the session protocol.`
    return new ResilientError('ERR_PROTOCOL', `${fact} ${WAY_OUT}`)
  }

  /** A dial did not open. One that does not open without the name either was not refused for it. */
  refused(): void {
    this.asks = !(this.#first && this.#optional)
    this.#first = false
    if (this.#spoke || ++this.#unopened !== UNOPENED_TOLD) return
    const fact = `${UNOPENED_TOLD} dials did not open: the server may not speak the subprotocol \`${PROTOCOL}\`.`
    this.#report(new ResilientError('ERR_PROTOCOL', this.#optional ? fact : `${fact} ${WAY_OUT}`))
  }

  /** A new life, a new chance. */
  renew(): void {
    this.asks = this.#first = true
    this.#unopened = 0
  }
}
