import { unexpected } from '../core/resilient-error.ts'
import { type Carrier, type DialRequest, isCarrier, type Ladder, type Transport } from '../transports/transport.ts'
import type { Engine } from './engine.ts'

/** What is known of the ways to a server is kept by this name: its host. A function may answer anything, so there it is the page's. */
function serverOf(url: unknown): string {
  const { location } = globalThis
  const [first] = [url].flat()
  const text = typeof first === 'function' ? '' : `${first}`
  try {
    return new URL(text, location?.href).host
  } catch {
    return location?.host ?? ''
  }
}

/** The transports of a socket, and what decides between them. Made only where there are any to choose from. */
export class Ways {
  readonly ladder: Ladder | undefined
  readonly #engine: Engine
  readonly #transports: readonly Transport[]

  constructor(engine: Engine, transports: readonly Transport[], url: unknown) {
    this.#engine = engine
    this.#transports = transports
    const { clock, options } = engine
    const maker = options.reconnect === false ? undefined : transports.find(each => each.ladder)
    this.ladder = maker?.ladder?.({
      transports,
      clock,
      server: serverOf(url),
      get state() {
        return engine.state
      },
      get overlaps() {
        return engine.rules.overlaps
      },
      dispatch: event => engine.dispatch(event),
      moved: () => engine.counted(),
    })
  }

  /** When something is due here, monotonic ms. */
  get dueAt(): number {
    return this.ladder?.dueAt ?? Infinity
  }

  dial(target: Omit<DialRequest, 'clock' | 'report' | 'socket'>): Carrier {
    const { clock, state } = this.#engine
    const request = { ...target, clock, socket: this.#engine, report: (error: unknown) => this.#engine.report(error) }
    const transport = this.#transports[state.dial?.transport ?? 0]
    const carrier: unknown = this.ladder?.dial(request) ?? transport?.dial(request)
    if (isCarrier(carrier)) return carrier
    throw unexpected('ERR_PROVIDER', `transports: ${transport?.name}.dial()`, 'a carrier', carrier)
  }
}
