import type { Connection } from './connection.ts'

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

/** Who is connected to this server. */
export class Roster {
  /** All, from the handshake on. */
  readonly all: Set<Connection> = new Set()
  /** Those that were welcomed. */
  readonly welcomed: Set<Connection> = new Set()
  readonly #addresses = new Index()
  readonly #identities = new Index()
  readonly #clients = new Index()

  arrived(connection: Connection): void {
    this.all.add(connection)
    this.#addresses.add(connection.network, connection)
  }

  /** Of one address. */
  from(network: string): number {
    return this.#addresses.of(network).size
  }

  of(identity: string): ReadonlySet<Connection> {
    return this.#identities.of(identity)
  }

  /** Of one page of one user, the oldest first. */
  twins({ identity, client }: Connection): readonly Connection[] {
    return [...this.#clients.of(`${identity ?? ''}|${client}`)]
  }

  joined(connection: Connection): void {
    const { identity, client } = connection
    this.welcomed.add(connection)
    this.#clients.add(`${identity ?? ''}|${client}`, connection)
    if (identity !== undefined) this.#identities.add(identity, connection)
  }

  left(connection: Connection): void {
    const { identity, client, network } = connection
    this.all.delete(connection)
    this.#addresses.remove(network, connection)
    if (!this.welcomed.delete(connection)) return
    this.#clients.remove(`${identity ?? ''}|${client}`, connection)
    if (identity !== undefined) this.#identities.remove(identity, connection)
  }
}
