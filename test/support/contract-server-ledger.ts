import type { IncomingHttpHeaders } from 'node:http'

/** What the server saw of one connection, as JSON for the page. */
export interface Sighting {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly messages: ({ readonly text: string } | { readonly hex: string })[]
  /** The close frame the client sent; 1005 when it carried no code, 1006 when there was none. */
  close: { readonly code: number; readonly reason: string } | null
  ended: boolean
}

/** What the page may make the server do to a connection that is already there. */
export interface Levers {
  /** Answers a handshake that was held back. */
  release?(): void
  drop?(): void
  close?(code: number | undefined, reason: string): void
  text?(data: string): void
  bytes?(raw: Buffer): void
}

interface Entry {
  readonly sightings: Sighting[]
  levers: Levers
  /** Of every connection there was. */
  readonly drops: Set<() => void>
  forgotten: boolean
  readonly waiting: Set<() => void>
}

export interface Ledger {
  arrive(id: string, path: string, headers: IncomingHttpHeaders): Sighting
  attach(id: string, levers: Levers): void
  hear(id: string, sighting: Sighting, message: Sighting['messages'][number]): void
  end(id: string, sighting: Sighting): void
  /** Resolves with everything seen under the id once its first `count` connections are over. */
  ended(id: string, count?: number): Promise<readonly Sighting[]>
  /** Resolves with everything seen under the id once that many handshake requests have come in. */
  arrived(id: string, count?: number): Promise<readonly Sighting[]>
  /** Everything seen under the id so far. */
  seen(id: string): readonly Sighting[]
  /** Resolves with the first messages of the first connection once there are that many. */
  heard(id: string, count: number): Promise<Sighting['messages']>
  /** Drops what is there under the id, and whatever still comes. */
  forget(id: string): void
  /** Resolves with the lever of that name, waiting until the connection offers it. */
  lever<K extends keyof Levers>(id: string, name: K): Promise<NonNullable<Levers[K]>>
}

/** One entry per id the page made up; every wait is for an event, none for time. */
export function ledger(): Ledger {
  const entries = new Map<string, Entry>()

  function entry(id: string): Entry {
    const known = entries.get(id)
    if (known) return known
    const fresh: Entry = { sightings: [], levers: {}, drops: new Set(), forgotten: false, waiting: new Set() }
    entries.set(id, fresh)
    return fresh
  }

  function until<T>(id: string, read: (entry: Entry) => T | undefined): Promise<T> {
    return new Promise(resolve => {
      const look = () => {
        const value = read(entry(id))
        if (value === undefined) return
        entry(id).waiting.delete(look)
        resolve(value)
      }
      entry(id).waiting.add(look)
      look()
    })
  }

  function changed(id: string): void {
    for (const look of [...entry(id).waiting]) look()
  }

  return {
    arrive(id, path, headers) {
      const sighting: Sighting = { path, headers, messages: [], close: null, ended: false }
      entry(id).sightings.push(sighting)
      changed(id)
      return sighting
    },
    attach(id, levers) {
      entry(id).levers = levers
      if (levers.drop) entry(id).drops.add(levers.drop)
      changed(id)
      if (entry(id).forgotten) levers.drop?.()
    },
    hear(id, sighting, message) {
      sighting.messages.push(message)
      changed(id)
    },
    end(id, sighting) {
      sighting.ended = true
      changed(id)
    },
    ended: (id, count = 1) =>
      until(id, ({ sightings }) => (sightings.filter(({ ended }) => ended).length >= count ? sightings : undefined)),
    arrived: (id, count = 1) => until(id, ({ sightings }) => (sightings.length >= count ? sightings : undefined)),
    seen: id => entry(id).sightings,
    heard: (id, count) =>
      until(id, ({ sightings: [first] }) =>
        first && first.messages.length >= count ? first.messages.slice(0, count) : undefined,
      ),
    forget(id) {
      entry(id).forgotten = true
      for (const drop of entry(id).drops) drop()
    },
    lever: (id, name) => until(id, ({ levers }) => levers[name] ?? undefined),
  }
}
