import type { Connection } from './connection.ts'
import { isBrief, type Lane, laneOf } from './wire.ts'

/** Connections by a name. */
class Index {
  readonly #sets = new Map<string, Set<Connection>>()

  of(name: string): ReadonlySet<Connection> {
    return this.#sets.get(name) ?? new Set()
  }

  add(name: string, connection: Connection): void {
    const set = this.#sets.get(name) ?? new Set()
    this.#sets.set(name, set.add(connection))
  }

  remove(name: string, connection: Connection): void {
    const set = this.#sets.get(name)
    set?.delete(connection)
    if (set?.size === 0) this.#sets.delete(name)
  }
}

/** Who is connected to this server. Whoever listens and whoever only sends are counted apart: see {@link laneOf}. */
export class Roster {
  /** All, from the handshake on. */
  readonly all: Set<Connection> = new Set()
  /** Those that were welcomed, and listen. */
  readonly welcomed: Set<Connection> = new Set()
  readonly #addresses = new Index()
  readonly #identities = new Index()
  readonly #clients = new Index()

  arrived(connection: Connection): void {
    this.all.add(connection)
    this.#addresses.add(`${laneOf(connection.transport)} ${connection.network}`, connection)
  }

  /** Of one address. */
  from(network: string, lane: Lane): number {
    return this.#addresses.of(`${lane} ${network}`).size
  }

  of(identity: string, lane: Lane): ReadonlySet<Connection> {
    return this.#identities.of(`${lane} ${identity}`)
  }

  /** Of one page of one user, the oldest first. A poll or a request that sends is nobody's twin: it is over by itself. */
  twins({ identity, client }: Connection): readonly Connection[] {
    return [...this.#clients.of(`${identity ?? ''}|${client}`)]
  }

  joined(connection: Connection): void {
    const { identity, client, transport } = connection
    const lane = laneOf(transport)
    if (lane === 'down') this.welcomed.add(connection)
    if (!isBrief(transport)) this.#clients.add(`${identity ?? ''}|${client}`, connection)
    if (identity !== undefined) this.#identities.add(`${lane} ${identity}`, connection)
  }

  left(connection: Connection): void {
    const { identity, client, network, transport } = connection
    const lane = laneOf(transport)
    this.all.delete(connection)
    this.welcomed.delete(connection)
    this.#addresses.remove(`${lane} ${network}`, connection)
    this.#clients.remove(`${identity ?? ''}|${client}`, connection)
    if (identity !== undefined) this.#identities.remove(`${lane} ${identity}`, connection)
  }
}
