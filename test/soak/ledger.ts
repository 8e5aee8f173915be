// What was sent, what the log holds, what everybody got: and whatever does not fit.
import { redisLog } from '../../src/server/redis-log.ts'
import type { RedisServer } from '../server/redis-server.ts'

/** One message: the how-manieth of that client to its topic. */
export interface Payload {
  readonly by: number
  readonly n: number
}

export type Wrong =
  /** Stored and never received, or acknowledged and not stored. */
  | 'lost'
  | 'doubled'
  | 'out of order'
  /** A gap event though everything was retained. */
  | 'gap'
  /** Two clients were given different events under one number. */
  | 'another event'
  /** Neither stored nor still trying: rejected, unknown, expired… */
  | 'undelivered'
  /** Something was missing, and nothing came any more. */
  | 'stuck'
  | 'closed for good'
  /** The state was another than `open` where it must not be. */
  | 'not open'

export interface Violation {
  readonly wrong: Wrong
  readonly client: number
  readonly topic: string
  readonly seq: number | null
  readonly what: string
  /** What the client's connections came to, with what the nodes said of them. */
  readonly connections: readonly string[]
}

/** Violations that are kept in full: one fault may have thousands of consequences. */
const MOST_KEPT = 200

export class Ledger {
  /** The first ones, with what there is to know. */
  readonly violations: Violation[] = []
  sent = 0
  received = 0
  readonly #counts = new Map<Wrong, number>()
  readonly #topics = new Map<string, string[]>()

  /** The highest number that anybody has seen. */
  head(topic: string): number {
    return Math.max(0, (this.#topics.get(topic)?.length ?? 0) - 1)
  }

  /** Somebody received it. What others received under that number, if it was something else. */
  saw(topic: string, seq: number, payload: Payload): string | undefined {
    this.received++
    const events = this.#topics.get(topic) ?? []
    this.#topics.set(topic, events)
    events[seq] ??= wordsOf(payload)
    return this.differs(topic, seq, payload)
  }

  /** What was received under that number, if it was something else. */
  differs(topic: string, seq: number, payload: Payload): string | undefined {
    const known = this.#topics.get(topic)?.[seq]
    return known === undefined || known === wordsOf(payload) ? undefined : known
  }

  wrong(violation: Violation): void {
    this.#counts.set(violation.wrong, this.count(violation.wrong) + 1)
    if (this.violations.length < MOST_KEPT) this.violations.push(violation)
  }

  count(wrong: Wrong): number {
    return this.#counts.get(wrong) ?? 0
  }

  /** All of them. */
  get wrongs(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }
}

const wordsOf = ({ by, n }: Payload): string => `message ${n} of client ${by}`

/** A message, however it was sent and came: as JSON, as text that is JSON, as bytes of it. */
export function payloadOf(received: unknown): Payload | undefined {
  if (received instanceof Uint8Array) return payloadOf(Buffer.from(received).toString())
  if (typeof received === 'string') return payloadOf(JSON.parse(received))
  if (typeof received !== 'object' || received === null || !('by' in received && 'n' in received)) return undefined
  return { by: Number(received.by), n: Number(received.n) }
}

/** Everything that Redis holds of a topic, as the log gives it. */
export async function stored(server: Pick<RedisServer, 'client'>, topic: string): Promise<readonly Payload[]> {
  const log = redisLog({ redis: server.client(), maxEvents: 1_000_000 })
  const all: Payload[] = []
  const { epoch } = await log.head(topic)
  for (let seq = 0; ; ) {
    const events = await log.read(topic, { epoch, seq }, 1_000)
    if (events === null) throw new Error(`The log of ${topic} has lost its beginning.`)
    if (!events.length) break
    for (const { body } of events) {
      const payload = payloadOf(body)
      if (!payload) throw new Error(`Expected a message of the soak in ${topic}, got ${body}.`)
      all.push(payload)
      seq++
    }
  }
  await log.close()
  return all
}
