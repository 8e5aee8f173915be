/** What tells a message from all others. */
export type Key = string | number

/** Letters in all keys of a window together: 1,024 ids take a fraction of it, and a server that sends long ones cannot make a client grow. */
export const KEY_LETTERS = 1_048_576

/** The last keys that were seen. */
export interface DedupeWindow {
  /** Remembers the key; `false` when it is remembered already. */
  add(key: Key): boolean
}

/**
 * A window of so many keys, oldest out first. A key that comes again keeps its place: what is sent again and again
 * pushes nothing out. One that is longer than all of them may be is not remembered for long: the next one pushes it out.
 */
export function dedupeWindow(keys: number): DedupeWindow {
  const seen = new Set<Key>()
  // Live: it goes on with what is added later, and never ends, because no more is taken out than was put in.
  const oldest = seen.values()
  let letters = 0
  return {
    add(key) {
      if (seen.has(key)) return false
      letters += lengthOf(key)
      while (seen.size && (seen.size >= keys || letters > KEY_LETTERS)) {
        const { value = key } = oldest.next()
        seen.delete(value)
        letters -= lengthOf(value)
      }
      seen.add(key)
      return true
    },
  }
}

function lengthOf(key: Key): number {
  return `${key}`.length
}
