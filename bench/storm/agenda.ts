/** What can happen in the simulation, to which client, at an instant. `number` says to which of its timers or connections. */
export const KIND = {
  /** A timer of a client is due. */
  timer: 0,
  /** A dial reaches the server. */
  arrives: 1,
  /** A socket opens. */
  opens: 2,
  /** A dial failed: `error`, then `close` 1006. */
  fails: 3,
  /** The server closes a connection with 1013, because it is busy. */
  turnedAway: 4,
  /** The server closes a connection with the code of its restart. */
  dropped: 5,
  /** A socket that its own client closed has closed. */
  closed: 6,
  /** A message reaches the client. */
  message: 7,
  /** A message reaches the server. */
  ping: 8,
  /** The answer to it reaches the client. */
  pong: 9,
} as const

export type Kind = (typeof KIND)[keyof typeof KIND]

/** Numbers per entry: instant, order, kind, client, number. */
const WIDTH = 5

/**
 * What happens next: a priority queue of plain numbers, so that a simulation of 100,000 clients is quick and can be
 * copied half-way. What is due at the same instant happens in the order in which it was posted.
 */
export class Agenda {
  /** The instant of the entry taken last, in ms. */
  now = 0
  kind = 0
  client = 0
  number = 0
  #heap = new Float64Array(WIDTH * 1_024)
  #length = 0
  #posted = 0

  post(at: number, kind: Kind, client: number, number: number): void {
    if (this.#length * WIDTH === this.#heap.length) {
      const wider = new Float64Array(this.#heap.length * 2)
      wider.set(this.#heap)
      this.#heap = wider
    }
    const heap = this.#heap
    let hole = this.#length++
    const order = this.#posted++
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      // An equal instant was posted earlier.
      if ((heap[parent * WIDTH] ?? 0) <= at) break
      this.#move(parent, hole)
      hole = parent
    }
    this.#put(hole, at, order, kind, client, number)
  }

  /** Takes the next entry, if it is due by then: it stands in the fields. */
  take(until: number): boolean {
    const heap = this.#heap
    const at = heap[0] ?? 0
    if (!this.#length || at > until) return false
    this.now = at
    this.kind = heap[2] ?? 0
    this.client = heap[3] ?? 0
    this.number = heap[4] ?? 0
    const last = --this.#length * WIDTH
    const lastAt = heap[last] ?? 0
    const order = heap[last + 1] ?? 0
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= this.#length) break
      if (child + 1 < this.#length && this.#before(child + 1, child)) child++
      const childAt = heap[child * WIDTH] ?? 0
      if (lastAt < childAt || (lastAt === childAt && order < (heap[child * WIDTH + 1] ?? 0))) break
      this.#move(child, hole)
      hole = child
    }
    this.#move(this.#length, hole)
    return true
  }

  /** Another one with the same entries. */
  copy(): Agenda {
    const copy = new Agenda()
    copy.now = this.now
    copy.#heap = this.#heap.slice()
    copy.#length = this.#length
    copy.#posted = this.#posted
    return copy
  }

  #before(one: number, other: number): boolean {
    const heap = this.#heap
    const difference = (heap[one * WIDTH] ?? 0) - (heap[other * WIDTH] ?? 0)
    return difference < 0 || (difference === 0 && (heap[one * WIDTH + 1] ?? 0) < (heap[other * WIDTH + 1] ?? 0))
  }

  #move(from: number, to: number): void {
    const heap = this.#heap
    for (let i = 0; i < WIDTH; i++) heap[to * WIDTH + i] = heap[from * WIDTH + i] ?? 0
  }

  #put(hole: number, at: number, order: number, kind: number, client: number, number: number): void {
    const heap = this.#heap
    heap[hole * WIDTH] = at
    heap[hole * WIDTH + 1] = order
    heap[hole * WIDTH + 2] = kind
    heap[hole * WIDTH + 3] = client
    heap[hole * WIDTH + 4] = number
  }
}
