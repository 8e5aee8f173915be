/** Who is here, on the server. Somebody whose connection broke stays for a while: most are back within seconds. */

/** How long somebody may be away. Longer than two tries of Holdfast take (4 s and 8 s at most), and a dial. */
export const GRACE_MS = 15_000

/** What a roster needs of the world; a test has its own. */
export interface World {
  /** Calls `fn` in `ms`; the result undoes it. */
  after(ms: number, fn: () => void): () => void
  /** Somebody came or went. A drop within the grace period is neither. */
  changed(user: string, here: boolean): void
}

/** One connection of somebody. */
export interface Seat {
  /** It ended: the user is gone after the grace period, unless another connection of theirs is there by then. */
  dropped(): void
  /** The user said goodbye on it: gone at once, unless another connection of theirs is there. */
  bye(): void
}

export interface Roster {
  /** Everybody who is here, or has not been away for long. */
  readonly users: readonly string[]
  sit(user: string): Seat
}

interface Guest {
  seats: number
  /** Undoes what would happen at the end of the grace period. */
  stay: () => void
}

export function roster({ after, changed }: World, graceMs: number = GRACE_MS): Roster {
  const guests = new Map<string, Guest>()

  function gone(user: string): void {
    guests.delete(user)
    changed(user, false)
  }

  return {
    get users() {
      return [...guests.keys()]
    },
    sit(user) {
      const guest = guests.get(user) ?? { seats: 0, stay: () => {} }
      guest.stay()
      guest.seats++
      let seated = true
      const stand = (): boolean => {
        const stood = seated
        if (seated) guest.seats--
        seated = false
        return stood
      }
      if (!guests.has(user)) {
        guests.set(user, guest)
        changed(user, true)
      }
      return {
        dropped() {
          if (stand() && guest.seats === 0) guest.stay = after(graceMs, () => gone(user))
        },
        bye() {
          if (stand() && guest.seats === 0) gone(user)
        },
      }
    },
  }
}
