import type { IncomingMessage } from 'node:http'
import { Connection, type Origin } from './connection.ts'
import type { Context } from './context.ts'
import type { Drain } from './drain.ts'
import { originAllowed, type Refusal } from './handshake.ts'
import { type Lane, laneOf, type Transport, type Wire } from './wire.ts'

/** Who is let in, and how many are inside. */
export class Door {
  readonly #context: Context
  readonly #drain: Drain
  readonly #open: Record<Lane, number> = { down: 0, up: 0 }
  #closed = false
  #empty: (() => void)[] = []

  constructor(context: Context, drain: Drain) {
    this.#context = context
    this.#drain = drain
  }

  /** Sockets and requests. */
  get open(): number {
    return this.#open.down + this.#open.up
  }

  /** Nobody comes in any more. */
  close(): void {
    this.#closed = true
  }

  /** Whether a page of another origin is asking that may not. */
  foreign(request: IncomingMessage): Refusal | undefined {
    try {
      if (originAllowed(request, this.#context.settings.origins)) return undefined
      return { status: 403, why: `Origin ${JSON.stringify(request.headers.origin)} is not among \`origins\`` }
    } catch (error) {
      this.#context.report({ type: 'failed', where: 'origins', error })
      return { status: 403, why: '`origins` threw' }
    }
  }

  full(transport: Transport): Refusal | undefined {
    const { connections } = this.#context.settings.limits
    if (this.#closed) return { status: 503, why: 'closed' }
    return this.#open[laneOf(transport)] >= connections
      ? { status: 503, why: `${connections} connections are open` }
      : undefined
  }

  /** Tells of it. */
  refused({ status, why }: Refusal, address: string, transport?: Transport): void {
    this.#context.metrics.addTo('handshakes_refused_total', status)
    this.#context.report({ type: 'refused', ...(transport && { transport }), address, status, why })
  }

  /** A connection, which is ended already where there are too many; `attach` is given what to call when nothing is left of it. */
  enter(wire: Wire, origin: Origin, attach: (connection: Connection, gone: () => void) => void): Connection {
    const { roster, settings } = this.#context
    const lane = laneOf(wire.transport)
    const connection = new Connection(this.#context, wire, origin)
    this.#open[lane]++
    attach(connection, () => this.#gone(lane))
    const crowded = roster.from(origin.network, lane) >= settings.limits.connectionsPerAddress
    roster.arrived(connection)
    if (this.#drain.over) connection.end(1012, 'restarting; after=5')
    else if (crowded) connection.end(4302, 'too many connections of this address; after=60')
    return connection
  }

  /** Resolves when nobody is inside. */
  nobody(): Promise<void> {
    return new Promise(resolve => {
      if (this.open === 0) resolve()
      else this.#empty.push(resolve)
    })
  }

  #gone(lane: Lane): void {
    this.#open[lane]--
    if (this.open > 0) return
    for (const empty of this.#empty.splice(0)) empty()
  }
}
