/** How many there were, and how many of them the garbage collector took. */
export interface Count {
  made: number
  gone: number
}

/** By kind. */
export type Counts = Readonly<Record<string, Count>>

/** Counts objects and holds on to none of them. */
export interface Census {
  readonly counts: Counts
  note(kind: string, made: object): void
}

export function census(): Census {
  const counts: Record<string, Count> = {}
  const of = (kind: string): Count => {
    counts[kind] ??= { made: 0, gone: 0 }
    return counts[kind]
  }
  const registry = new FinalizationRegistry<string>(kind => {
    of(kind).gone++
  })
  return {
    counts,
    note(kind, made) {
      of(kind).made++
      registry.register(made, kind)
    },
  }
}
