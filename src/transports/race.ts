import { PROTOCOL } from '../session/frames.ts'
import { type Carrier, type DialRequest, detach, OPEN, type Sendable } from './transport.ts'

/** A connection that has opened and brought nothing back by then has the next transport tried beside it, in ms: a handshake is one round trip, and four retransmissions of its packets fit [RFC 6298 §2: 1 s, doubling]. */
export const ROUND_TRIP_MS = 4_000

interface Leg {
  readonly index: number
  readonly carrier: Carrier
}

/** Another transport that may be tried. */
export interface Contender {
  readonly index: number
  dial(): Carrier
}

/**
 * One connection to whoever looks at it, tried by several transports: each gets what is sent, the next one starts where
 * nothing came back in time, and the first that brings something carries on alone.
 */
export class Race implements Carrier {
  onopen: Carrier['onopen'] = null
  onmessage: Carrier['onmessage'] = null
  onerror: Carrier['onerror'] = null
  onclose: Carrier['onclose'] = null
  #legs: readonly Leg[] = []
  #lead: Leg
  #won = false
  #opened = false
  #sent: readonly Sendable[] = []
  #rest: readonly Contender[]
  #cancel: (() => void) | undefined
  readonly #first: number
  readonly #clock: DialRequest['clock']

  /** @param eager - The next one starts also where this one does not even open. */
  constructor(first: Contender, rest: readonly Contender[], clock: DialRequest['clock'], eager: boolean) {
    this.#clock = clock
    this.#rest = rest
    this.#first = first.index
    this.#lead = this.#join(first)
    if (eager) this.#wait()
  }

  /** See {@link Carrier.transport}. */
  get transport(): number | undefined {
    return this.#lead.index === this.#first ? undefined : this.#lead.index
  }

  get url(): string {
    return this.#lead.carrier.url
  }

  get protocol(): string {
    return this.#lead.carrier.protocol
  }

  get extensions(): string {
    return this.#lead.carrier.extensions
  }

  get bufferedAmount(): number {
    return this.#lead.carrier.bufferedAmount
  }

  get readyState(): Carrier['readyState'] {
    return this.#lead.carrier.readyState
  }

  get binaryType(): BinaryType {
    return this.#lead.carrier.binaryType
  }

  set binaryType(type: BinaryType) {
    for (const { carrier } of this.#legs) carrier.binaryType = type
  }

  send(data: Sendable): void {
    if (!this.#won) this.#sent = [...this.#sent, data]
    const open = this.#won ? [this.#lead] : this.#legs.filter(({ carrier }) => carrier.readyState === OPEN)
    for (const { carrier } of open.length ? open : [this.#lead]) carrier.send(data)
  }

  close(code?: number, reason?: string): void {
    this.#decide(this.#lead)
    this.#lead.carrier.close(code, reason)
  }

  #join({ index, dial }: Contender): Leg {
    const leg = { index, carrier: dial() }
    this.#legs = [...this.#legs, leg]
    const { carrier } = leg
    carrier.onopen = event => this.#open(leg, event)
    carrier.onmessage = event => {
      this.#decide(leg)
      this.onmessage?.(event)
    }
    carrier.onerror = event => {
      if (this.#alone(leg)) this.onerror?.(event)
    }
    carrier.onclose = event => this.#closed(leg, event)
    return leg
  }

  #open(leg: Leg, event: Event): void {
    for (const data of this.#sent) leg.carrier.send(data)
    if (this.#opened) return
    this.#opened = true
    this.#lead = leg
    // A plain server: nobody knows what a round trip is there.
    if (leg.carrier.protocol !== PROTOCOL) this.#decide(leg)
    else if (!this.#cancel) this.#wait()
    this.onopen?.(event)
  }

  /** The last one that runs, or the one that won. */
  #alone(leg: Leg): boolean {
    return this.#legs.every(each => each === leg)
  }

  #closed(leg: Leg, event: CloseEvent): void {
    // A close frame is the word of the server, whichever way it came.
    if (this.#alone(leg) || event.code !== 1006) {
      this.#decide(leg)
      this.onclose?.(event)
      return
    }
    this.#legs = this.#legs.filter(each => each !== leg)
    const [next] = this.#legs
    if (this.#lead === leg && next) this.#lead = next
  }

  #decide(leg: Leg): void {
    if (this.#won) return
    this.#won = true
    this.#lead = leg
    this.#cancel?.()
    this.#sent = []
    this.#rest = []
    for (const { carrier } of this.#legs.filter(each => each !== leg)) {
      detach(carrier)
      carrier.close()
    }
    this.#legs = [leg]
  }

  #wait(): void {
    if (!this.#rest.length) return
    this.#cancel = this.#clock.schedule(this.#clock.now() + ROUND_TRIP_MS, () => {
      const [next, ...rest] = this.#rest
      this.#rest = rest
      if (!next || this.#won) return
      try {
        this.#join(next)
      } catch {
        // Not to be had here.
      }
      this.#wait()
    })
  }
}
