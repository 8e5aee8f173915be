import type { Cursor } from './frames.ts'

/** Where cursors survive a reload: `sessionStorage`, or anything like it. */
export interface CursorStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** What is stored. */
interface Kept {
  readonly client: string
  /** Numbers of messages up to it may have been used. */
  readonly counter: number
  readonly cursors: Readonly<Record<string, Cursor>>
}

/** So many numbers of messages are reserved at a time: storing is slow. */
const RESERVED = 1_000

/** 128 random bits per page load. */
function randomClient(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

function isCursor(value: unknown): value is Cursor {
  if (typeof value !== 'object' || value === null || !('epoch' in value) || !('seq' in value)) return false
  return typeof value.epoch === 'string' && Number.isSafeInteger(value.seq) && Number(value.seq) >= 0
}

/** What was stored, as far as it can be read: anybody may have written there. */
function read(storage: CursorStorage, key: string): Kept | null {
  const text = storage.getItem(key)
  const kept: unknown = text === null ? null : JSON.parse(text)
  if (typeof kept !== 'object' || kept === null || !('client' in kept) || !('cursors' in kept)) return null
  const { client, cursors } = kept
  if (typeof client !== 'string' || !/^[0-9a-f]{32}$/.test(client) || typeof cursors !== 'object' || !cursors)
    return null
  const counter = 'counter' in kept && Number.isSafeInteger(kept.counter) ? Number(kept.counter) : Number.NaN
  const all: readonly [string, unknown][] = Object.entries(cursors)
  const sound = all.flatMap(([topic, cursor]) => (isCursor(cursor) ? [[topic, cursor] as const] : []))
  return counter >= 0 ? { client, counter, cursors: Object.fromEntries(sound) } : null
}

/**
 * Takes a stored client id into use, if no other page has it: a duplicated tab gets a copy of what is stored, and two
 * pages with one id would take each other's messages for resends. The lock is held as long as the page lives.
 */
async function claim(client: string): Promise<boolean> {
  const { locks } = globalThis.navigator ?? {}
  if (!locks) return false
  return new Promise(resolve => {
    const asked = locks.request(`holdfast:${client}`, { ifAvailable: true }, lock => {
      resolve(lock !== null)
      // For as long as the page lives.
      return lock ? new Promise<void>(() => {}) : undefined
    })
    asked.catch(() => resolve(false))
  })
}

/** Who this client is to the server, and where it stood before a reload. */
export class Identity {
  client: string = randomClient()
  /** Where the topics stand, as it is stored. */
  #cursors: Readonly<Record<string, Cursor>> = {}
  /** Where they stood before the reload, until they are subscribed to. */
  readonly #before = new Map<string, Cursor>()
  /** The number of the last message… */
  #counter = 0
  /** …and the first that is not reserved: what is reserved is stored before it is used, so that no reload uses it again. */
  #reserved = 0
  /** Resolves when that is known; `undefined` where nothing is stored. */
  readonly restored: Promise<void> | undefined
  readonly #storage: CursorStorage | undefined
  readonly #key: string
  readonly #report: (cause: unknown) => void

  constructor(storage: CursorStorage | undefined, key: string, report: (cause: unknown) => void) {
    this.#storage = storage
    this.#key = key
    this.#report = report
    this.restored = storage && this.#restore(storage)
  }

  async #restore(storage: CursorStorage): Promise<void> {
    try {
      const kept = read(storage, this.#key)
      this.#cursors = kept?.cursors ?? {}
      for (const [topic, cursor] of Object.entries(this.#cursors)) this.#before.set(topic, cursor)
      if (kept && (await claim(kept.client))) {
        this.client = kept.client
        this.#counter = this.#reserved = kept.counter
      } else await claim(this.client)
    } catch (cause) {
      // Denied, or not JSON: it begins anew.
      this.#report(cause)
    }
  }

  /** Where a topic stood before the reload: once. Who leaves it and comes back begins anew. */
  restore(topic: string): Cursor | undefined {
    const cursor = this.#before.get(topic)
    this.#before.delete(topic)
    return cursor
  }

  /** The id of the next message. */
  next(): string {
    if (this.#storage && this.#counter >= this.#reserved) {
      this.#reserved = this.#counter + RESERVED
      this.keep(this.#cursors)
    }
    return `${this.client}-${++this.#counter}`
  }

  /** Stores where the client stands. */
  keep(cursors: Readonly<Record<string, Cursor>>): void {
    // Those that nobody has asked for yet stay as they were.
    this.#cursors = { ...Object.fromEntries(this.#before), ...cursors }
    try {
      const kept: Kept = { client: this.client, counter: this.#reserved, cursors: this.#cursors }
      this.#storage?.setItem(this.#key, JSON.stringify(kept))
    } catch (cause) {
      // Full, or denied: a reload begins anew.
      this.#report(cause)
    }
  }

  /** Somebody else is signed in. */
  renew(): void {
    this.client = randomClient()
    this.#cursors = {}
    this.#before.clear()
    try {
      this.#storage?.removeItem(this.#key)
    } catch (cause) {
      this.#report(cause)
    }
  }
}
