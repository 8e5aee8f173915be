import { randomBytes } from 'node:crypto'
import type { Addition, Appended, Head, Log } from './log.ts'
import { appended, LogCorrupt, type Reading, reading, text } from './redis-answer.ts'
import type { RedisClient } from './redis-client.ts'
import { redisFeeds } from './redis-feeds.ts'
import { redisLink } from './redis-link.ts'
import { APPEND, READ, REPLY, REPLY_TO } from './redis-scripts.ts'

/** Options of {@link redisLog}. */
export interface RedisLogOptions {
  /**
   * A client of `ioredis`: where Redis is, and how to sign in there. The log makes two connections of its own from it and
   * neither uses nor closes this one. A `Redis` (sentinels included) or a `Cluster`.
   */
  readonly redis: RedisClient
  /** What the names of all keys and channels begin with; without braces. @defaultValue 'holdfast' */
  readonly prefix?: string
  /** Events that are kept per topic. @defaultValue 10000 */
  readonly maxEvents?: number
  /** How long an event is kept, in ms; a sixteenth of it may come on top. @defaultValue 86400000, a day */
  readonly maxAgeMs?: number
  /** A topic in which nothing was stored and at which nobody looked for so long is forgotten: its next use begins a new epoch. In ms, at least `maxAgeMs`. @defaultValue 604800000, a week */
  readonly forgetAfterMs?: number
  /** Within it everything resolves or rejects with `LogUnavailable`, in ms. @defaultValue 5000 */
  readonly deadlineMs?: number
  /**
   * When Redis was restarted, or another one took its place, a topic goes on in its epoch only if an instance that has
   * followed it up to the end says that nothing is missing. It is waited for so long, in ms, and the topic stores nothing
   * meanwhile; then a new epoch begins, and every client is told of a gap. @defaultValue 2000
   */
  readonly witnessMs?: number
  /**
   * Believe that a restart loses nothing, and wait for no witness. True of a Redis with `appendfsync always` whose
   * place no replica takes; elsewhere it may make a hole that nobody sees. @defaultValue false
   */
  readonly trustRestarts?: boolean
  /** Told what is wrong without being an outage: a `LogCorrupt` of a topic that is followed, what a follower threw. @defaultValue nothing is told */
  readonly onProblem?: (problem: unknown) => void
}

/** What this instance knows of a topic, for Redis to hold its own memory against. */
interface Known {
  readonly epoch: string
  readonly run: string
  readonly seq: number
}

const NOTHING: Known = { epoch: '', run: '', seq: 0 }
/** Topics that are remembered; some 200 bytes each. */
const MOST_KNOWN = 20_000
const DAY_MS = 86_400_000

function number(name: string, value: number | undefined, least: number, otherwise: number): number {
  const chosen = value ?? otherwise
  if (Number.isSafeInteger(chosen) && chosen >= least) return chosen
  throw new RangeError(`Expected \`${name}\` to be a whole number of at least ${least}, got ${String(value)}.`)
}

/**
 * A log in Redis Streams, for as many instances of a server as there are: what one appends, every other one delivers and
 * resumes. Needs Redis 6.2 or newer. See docs/scaling.md for how Redis must be configured and what its outages mean.
 *
 * Nothing is acknowledged that Redis has not stored. What cannot be stored within `deadlineMs` rejects with
 * `LogUnavailable`, and may come again under the same key. Keys in Redis that hold something else reject with
 * `LogCorrupt`, which is one.
 *
 * @throws RangeError or TypeError for an option that cannot be.
 */
export function redisLog(options: RedisLogOptions): Log {
  const { redis, prefix: given = 'holdfast', trustRestarts = false, onProblem = () => {} } = options
  if (typeof redis?.duplicate !== 'function') {
    throw new TypeError('Expected `redis` to be a client of `ioredis`: `new Redis(url)` or `new Redis.Cluster(nodes)`.')
  }
  if (typeof given !== 'string' || /[{}]/.test(given)) {
    throw new TypeError('Expected `prefix` to be text without braces: they choose the node of a cluster.')
  }
  const maxEvents = number('maxEvents', options.maxEvents, 1, 10_000)
  const maxAgeMs = number('maxAgeMs', options.maxAgeMs, 1_000, DAY_MS)
  const forgetAfterMs = number('forgetAfterMs', options.forgetAfterMs, maxAgeMs, Math.max(maxAgeMs, 7 * DAY_MS))
  const deadlineMs = number('deadlineMs', options.deadlineMs, 100, 5_000)
  const witnessMs = trustRestarts ? 0 : number('witnessMs', options.witnessMs, 1, 2_000)
  const prefix = `${redis.options.keyPrefix ?? ''}${given}`

  const knowledge = new Map<string, Known>()
  const link = redisLink(redis, prefix, deadlineMs)
  const feeds = redisFeeds({ redis, deadlineMs, channelOf: streamOf, read, problem })
  link.onReady(() => feeds.refresh())
  link.onAvailable(available => available || feeds.outage())

  function problem(error: unknown): void {
    try {
      onProblem(error)
    } catch {
      // Whoever is told of problems cannot make another one.
    }
  }

  // The braces put all keys of a topic on one node of a cluster [Redis cluster specification, hash tags].
  function tagged(topic: string): string {
    return `${prefix}:{${topic.replaceAll(/[%{}]/g, each => encodeURIComponent(each))}}`
  }

  function streamOf(topic: string): string {
    return `${tagged(topic)}:events`
  }

  function keysOf(topic: string): readonly string[] {
    return [`${tagged(topic)}:topic`, streamOf(topic)]
  }

  /** The first arguments of the scripts of a topic. */
  function settling(topic: string): readonly (string | number)[] {
    const followed = feeds.standing(topic, link.lostAt)
    const { epoch, run, seq } = knowledge.get(topic) ?? followed?.at ?? NOTHING
    const same = followed?.at.epoch === epoch && followed.at.run === run
    const fresh = randomBytes(9).toString('base64url')
    return [
      fresh,
      epoch,
      run,
      same ? Math.max(seq, followed.at.seq) : seq,
      same && followed.whole ? 1 : 0,
      forgetAfterMs,
      witnessMs,
    ]
  }

  function learn(topic: string, { epoch, run, seq }: Known): void {
    const before = knowledge.get(topic)
    const newer = before?.epoch === epoch && before.run === run ? Math.max(before.seq, seq) : seq
    knowledge.delete(topic)
    knowledge.set(topic, { epoch, run, seq: newer })
    if (knowledge.size > MOST_KNOWN) for (const oldest of knowledge.keys()) return void knowledge.delete(oldest)
  }

  async function read(
    topic: string,
    after: { readonly epoch: string; readonly seq: number } | null,
    limit: number,
  ): Promise<Reading> {
    const asked = [after?.epoch ?? '', after?.seq ?? 0, limit]
    const answer = await link.run({
      script: READ,
      keys: keysOf(topic),
      args: () => [...settling(topic), ...asked],
      repeatable: true,
    })
    const found = reading(answer, after?.seq ?? 0)
    learn(topic, found.at)
    return found
  }

  async function appendAll(topic: string, additions: readonly Addition[]): Promise<readonly Appended[]> {
    const records = additions.flatMap(({ dedupe }) => (dedupe ? [`${tagged(topic)}:id:${dedupe.key}`] : []))
    const events = additions.flatMap(argumentsOf)
    const answer = await link.run({
      script: APPEND,
      keys: [...keysOf(topic), ...records],
      args: () => [...settling(topic), maxEvents, maxAgeMs, ...events],
      repeatable: additions.every(({ dedupe }) => dedupe),
    })
    const { at, all } = appended(answer)
    learn(topic, at)
    return all
  }

  return {
    async append(topic, body, dedupe): Promise<Appended> {
      const [first] = await appendAll(topic, [{ body, ...(dedupe && { dedupe }) }])
      if (first) return first
      throw new LogCorrupt('an append came to nothing')
    },

    appendAll,

    async head(topic): Promise<Head> {
      const { epoch, seq, oldest } = (await read(topic, null, 0)).at
      return { epoch, seq, oldest }
    },

    async read(topic, after, limit) {
      return (await read(topic, after, limit)).events
    },

    async follow(topic, follower) {
      await link.usable()
      return feeds.follow(topic, follower)
    },

    async keepReply(key, reply, dedupeMs) {
      const { rest } = await link.run({
        script: REPLY,
        keys: [`${prefix}:reply:${key}`],
        args: () => [reply, Math.max(1, Math.ceil(dedupeMs))],
        repeatable: true,
      })
      return text(rest[0])
    },

    async replyTo(key) {
      const { rest } = await link.run({
        script: REPLY_TO,
        keys: [`${prefix}:reply:${key}`],
        args: () => [],
        repeatable: true,
      })
      return rest[0] === null || rest[0] === undefined ? null : text(rest[0])
    },

    onAvailable: listener => link.onAvailable(listener),

    async close() {
      await Promise.all([feeds.close(), link.close()])
    },
  }
}

function argumentsOf({ body, dedupe }: Addition): readonly (string | Uint8Array | number)[] {
  return [typeof body === 'string' ? 't' : 'b', body, dedupe?.key ?? '', Math.max(1, Math.ceil(dedupe?.dedupeMs ?? 1))]
}
