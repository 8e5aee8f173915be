import { ResilientError } from '../core/resilient-error.ts'
import type { Carrier } from '../transports/transport.ts'

interface Claim {
  /** Monotonic ms. */
  readonly since: number
  readonly wants: (event: MessageEvent) => boolean
  readonly take: (event: MessageEvent) => void
  readonly drop: () => void
}

/** Messages kept while a connection is made ready: as many as the outbox holds… */
const KEPT_MESSAGES = 1_000
/** …and as many bytes. */
const KEPT_BYTES = 1_048_576

function sizeOf({ data }: MessageEvent): number {
  return data.length ?? data.byteLength ?? data.size ?? 0
}

/** Whose messages they are. */
interface Connection {
  readonly carrier: Carrier
  /** Something arrived; `true` when it is nobody's. */
  hears(event: MessageEvent): boolean
}

/** What an inbox tells. */
export interface Reader {
  readonly now: number
  /** Somebody awaits an answer from now on. */
  awaits(): void
  /** A message was claimed. */
  heard(): void
  message(event: MessageEvent): void
  report(error: unknown): void
}

/** What arrives on a connection that somebody looks through: messages are claimed, or kept, before they reach the app. */
export class Inbox {
  readonly #connection: Connection
  readonly #listener: Reader
  /** The way of every message when nobody looks: it is put back. */
  readonly #direct: Carrier['onmessage']
  readonly #flooded: () => void
  #claims: readonly Claim[] = []
  #kept: MessageEvent[] | undefined
  #keptBytes = 0
  readonly #abort = new AbortController()

  /**
   * @param flooded - More arrived than can be kept.
   */
  constructor(connection: Connection, listener: Reader, flooded: () => void) {
    this.#connection = connection
    this.#listener = listener
    this.#flooded = flooded
    this.#direct = connection.carrier.onmessage
  }

  /** Since when the oldest of those who wait does, monotonic ms; `undefined` when nobody does. */
  get awaitedAt(): number | undefined {
    return this.#claims[0]?.since
  }

  /** Aborted when the connection ends. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  #look(): void {
    if (this.signal.aborted) return
    this.#connection.carrier.onmessage = this.#claims.length || this.#kept ? event => this.#sort(event) : this.#direct
  }

  #sort(event: MessageEvent): void {
    if (this.#connection.hears(event)) return
    const claim = this.#claims.find(each => this.#wanted(each, event))
    // What was asked may have ended it.
    if (this.signal.aborted) return
    if (claim) {
      this.#claims = this.#claims.filter(each => each !== claim)
      this.#look()
      this.#listener.heard()
      claim.take(event)
    } else if (this.#kept) {
      this.#keptBytes += sizeOf(event)
      this.#kept.push(event)
      if (this.#kept.length > KEPT_MESSAGES || this.#keptBytes > KEPT_BYTES) this.#flooded()
    } else this.#listener.message(event)
  }

  #wanted({ wants }: Claim, event: MessageEvent): boolean {
    try {
      return wants(event)
    } catch (cause) {
      this.#listener.report(new ResilientError('ERR_HANDLER', '`receive()` was given a test that threw.', cause))
      return false
    }
  }

  /** Keeps what arrives until {@link release}. */
  keep(): void {
    this.#kept = []
    this.#look()
  }

  /** Gives what was kept, in order, while `wanted` holds. */
  release(wanted: () => boolean): void {
    const kept = this.#kept ?? []
    this.#kept = undefined
    this.#look()
    for (const event of kept) if (wanted()) this.#listener.message(event)
  }

  /** The first message that the test says yes to. */
  claim(wants: Claim['wants']): Promise<MessageEvent> {
    const claimed = new Promise<MessageEvent>((take, reject) => {
      const claim = { since: this.#listener.now, wants, take, drop: () => reject(connectionEnded()) }
      const index = this.#kept?.findIndex(event => this.#wanted(claim, event)) ?? -1
      const [early] = index < 0 ? [] : (this.#kept?.splice(index, 1) ?? [])
      if (this.signal.aborted) claim.drop()
      else if (early) {
        this.#keptBytes -= sizeOf(early)
        take(early)
      } else {
        this.#claims = [...this.#claims, claim]
        this.#look()
        this.#listener.awaits()
      }
    })
    // Whoever awaits it is told; whoever does not is not to be told by an unhandled rejection.
    claimed.catch(() => {})
    return claimed
  }

  /** Nobody waits for a message any more. */
  end(): void {
    const claims = this.#claims
    this.#claims = []
    this.#kept = undefined
    this.#abort.abort()
    for (const { drop } of claims) drop()
  }
}

/** For whoever uses a connection that is gone. */
export function connectionEnded(): ResilientError {
  return new ResilientError('ERR_CLOSED', 'This connection has ended.')
}
