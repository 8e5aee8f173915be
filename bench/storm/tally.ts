import { boundMs, type Outcome, type Restart } from './scenario.ts'

/** Dials are counted in spans of 10 ms: a peak is looked for at every 10 ms. */
const SPAN_MS = 10

/** Counts what reaches the server from its restart on, and who is back when. */
export class Tally {
  readonly #clients: number
  #downAt = Infinity
  #upAt = Infinity
  #spans = new Uint32Array(1_024)
  /** Dials that reached the server, and those of them that did after the outage. */
  dials = 0
  #late = 0
  #backAt: Float64Array
  /** How many are back. */
  back = 0

  constructor(clients: number) {
    this.#clients = clients
    this.#backAt = new Float64Array(clients).fill(Infinity)
  }

  /** Everybody is back. */
  get complete(): boolean {
    return this.back === this.#clients
  }

  /** Counts from now on. */
  begin(now: number): void {
    this.#downAt = now
  }

  isUp(now: number): void {
    this.#upAt = now
  }

  allAreGone(): void {
    this.#backAt.fill(Infinity)
    this.back = 0
  }

  dial(at: number): void {
    const span = Math.floor((at - this.#downAt) / SPAN_MS)
    if (span >= this.#spans.length) {
      const longer = new Uint32Array(Math.max(span + 1, this.#spans.length * 2))
      longer.set(this.#spans)
      this.#spans = longer
    }
    this.#spans[span] = (this.#spans[span] ?? 0) + 1
    this.dials++
    if (at >= this.#upAt) this.#late++
  }

  opened(client: number, at: number): void {
    if (this.#backAt[client] === Infinity) this.back++
    this.#backAt[client] = at
  }

  /** A connection that opened did not last. */
  lost(client: number): void {
    if (this.#backAt[client] !== Infinity) this.back--
    this.#backAt[client] = Infinity
  }

  /** Most dials in any span of that length, as a share of the clients; between two instants after the restart. */
  peak(ms: number, fromMs = 0, toMs = Infinity): number {
    const width = ms / SPAN_MS
    const spans = this.#spans.subarray(fromMs / SPAN_MS, Math.min(this.#spans.length, toMs / SPAN_MS))
    let sum = 0
    let most = 0
    spans.forEach((dials, span) => {
      sum += dials - (spans[span - width] ?? 0)
      most = Math.max(most, sum)
    })
    return most / this.#clients
  }

  outcome(restart: Restart): Outcome {
    const sorted = this.#backAt.slice().sort()
    const at = (share: number): number =>
      ((sorted[Math.ceil(share * this.#clients) - 1] ?? NaN) - this.#upAt) / boundMs(restart)
    return {
      peakSecond: this.peak(1_000),
      peakTenth: this.peak(100),
      most: at(0.99),
      all: at(1),
      wasted: (this.#late - this.back) / this.#clients,
    }
  }

  /** Dials in each span of that length, from the restart on. */
  every(ms: number, spans: number): number[] {
    const width = ms / SPAN_MS
    return Array.from({ length: spans }, (_, span) =>
      this.#spans.subarray(span * width, (span + 1) * width).reduce((sum, count) => sum + count, 0),
    )
  }

  /** Another one that has counted the same. */
  copy(): Tally {
    const copy = new Tally(this.#clients)
    copy.#downAt = this.#downAt
    copy.#upAt = this.#upAt
    copy.#spans = this.#spans.slice()
    copy.dials = this.dials
    copy.#late = this.#late
    copy.#backAt = this.#backAt.slice()
    copy.back = this.back
    return copy
  }
}
