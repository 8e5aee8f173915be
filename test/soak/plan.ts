// How many faults of which kind are still to be made, and how many were: one that hit nothing does not count.

/** Faults of one line, and faults of everybody. */
export const LOCAL = ['rst', 'fin', 'close', 'blackhole', 'stall', 'latency', 'expiry', 'handover'] as const
export const GLOBAL = ['kill', 'drain', 'redis'] as const

export type LocalKind = (typeof LOCAL)[number]
export type GlobalKind = (typeof GLOBAL)[number]
export type Kind = LocalKind | GlobalKind

export const KINDS: readonly Kind[] = [...LOCAL, ...GLOBAL]

/** What a fault met. */
export interface Met {
  readonly up: boolean
  readonly down: boolean
}

export interface Count {
  /** Met an open connection, or a greeting, with messages under way in both directions. */
  readonly hits: number
  /** Of these, greetings. */
  readonly greetings: number
  /** Met nothing, or messages in one direction alone: made, and not counted. */
  readonly misses: number
}

const NONE: Count = { hits: 0, greetings: 0, misses: 0 }

export class Plan {
  readonly #wanted: ReadonlyMap<Kind, number>
  readonly #counts = new Map<Kind, Count>()
  /** Given out, and neither hit nor missed yet. */
  readonly #pending = new Map<Kind, number>()
  readonly #chance: () => number

  /** `faults` in all, as many of each kind. */
  constructor(kinds: readonly Kind[], faults: number, chance: () => number) {
    this.#wanted = new Map(kinds.map(kind => [kind, Math.ceil(faults / kinds.length)]))
    this.#chance = chance
  }

  get kinds(): readonly Kind[] {
    return [...this.#wanted.keys()]
  }

  get hits(): number {
    return [...this.#counts.values()].reduce((sum, { hits }) => sum + hits, 0)
  }

  count(kind: Kind): Count {
    return this.#counts.get(kind) ?? NONE
  }

  wanted(kind: Kind): number {
    return this.#wanted.get(kind) ?? 0
  }

  /** One of these kinds, the more likely the more of it are missing; `undefined` when none is. */
  next<K extends Kind>(among: readonly K[]): K | undefined {
    const missing = among.map(kind => [kind, this.#missing(kind)] as const).filter(([, count]) => count > 0)
    let at = this.#chance() * missing.reduce((sum, [, count]) => sum + count, 0)
    const chosen = missing.find(([, count]) => {
      at -= count
      return at < 0
    })?.[0]
    if (chosen) this.#pending.set(chosen, (this.#pending.get(chosen) ?? 0) + 1)
    return chosen
  }

  /** What was given out by `next` is over. */
  done(kind: Kind): void {
    this.#pending.set(kind, (this.#pending.get(kind) ?? 1) - 1)
  }

  made(kind: Kind, { up, down }: Met, greeting = false): void {
    const { hits, greetings, misses } = this.count(kind)
    if (up && down) this.#counts.set(kind, { hits: hits + 1, greetings: greetings + Number(greeting), misses })
    else this.#counts.set(kind, { hits, greetings, misses: misses + 1 })
  }

  /** As many of these as were wanted have been made. */
  complete(kinds: readonly Kind[]): boolean {
    return kinds.every(kind => this.count(kind).hits >= this.wanted(kind))
  }

  #missing(kind: Kind): number {
    return this.wanted(kind) - this.count(kind).hits - (this.#pending.get(kind) ?? 0)
  }
}
