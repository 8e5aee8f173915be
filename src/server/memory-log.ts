import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from './clock.ts'
import { Expiring } from './expiring.ts'
import { type Follower, type Log, LogUnavailable } from './log.ts'
import { bytesOf, Retained } from './retained.ts'

/** How much a {@link memoryLog} keeps. */
export interface MemoryLogOptions {
  /** Events of one topic. @defaultValue 1000 */
  readonly maxEvents?: number
  /** Bytes of all topics together, answers to requests included; the topic that was quiet longest gives way. Half of it is for answers at most, each kept for `dedupeMs`; when that is full, requests are refused for now. @defaultValue 67108864 (64 MiB: 930 answers of 100 bytes a second with 120 s) */
  readonly maxBytes?: number
  /** Age of an event in ms: the longest absence that a client can come back from. @defaultValue 600000 (10 min: a laptop that was carried home) */
  readonly maxAgeMs?: number
  /** Topics. The one that was quiet longest gives way, unless somebody follows it. @defaultValue 10000 */
  readonly maxTopics?: number
  /** Ids and answers that are remembered, each for `dedupeMs`. When they are full nothing more is acknowledged until some expire, so that no promise is broken in silence. @defaultValue 1000000 (8,333 messages a second with 120 s) */
  readonly maxKeys?: number
  /** Time, for tests. */
  readonly clock?: Pick<Clock, 'now'>
}

interface Topic {
  readonly retained: Retained
  readonly followers: Set<Follower>
}

/** What an id or an answer costs beyond its text. */
const KEY_BYTES = 200

function checked(options: MemoryLogOptions): MemoryLogOptions {
  for (const [name, least] of [
    ['maxEvents', 1],
    ['maxBytes', 1_024],
    ['maxAgeMs', 1],
    ['maxTopics', 1],
    ['maxKeys', 1],
  ] as const) {
    const value = options[name]
    if (value !== undefined && !(value >= least)) {
      throw new RangeError(`Expected \`memoryLog.${name}\` to be a number from ${least} up, got ${value}.`)
    }
  }
  return options
}

/**
 * A log in the memory of one server: the embedded default. It is gone with the program that holds it, and its epoch
 * too, so a client that comes back after a restart is told of a gap rather than of nothing. Bounded in every direction.
 *
 * @throws RangeError when a bound is no number or too small.
 */
export function memoryLog(options: MemoryLogOptions = {}): Log {
  const {
    maxEvents = 1_000,
    maxBytes = 64 * 1_048_576,
    maxAgeMs = 600_000,
    maxTopics = 10_000,
    maxKeys = 1_000_000,
    clock = systemClock,
  } = checked(options)
  const base = randomBytes(9).toString('base64url')
  // The numbers of a topic that was given up begin again: in another epoch, as do those of topics that are not known.
  let generation = 0
  let bytes = 0
  let replyBytes = 0
  /** In the order of their last event, the quietest first. */
  const topics = new Map<string, Topic>()
  const keys = new Expiring<{ readonly epoch: string; readonly seq: number }>()
  const replies = new Expiring<string>(reply => {
    replyBytes -= bytesOf(reply) + KEY_BYTES
  })

  const epoch = (): string => `${base}.${generation}`

  function forget(retained: Retained): void {
    const before = retained.bytes
    retained.forget()
    bytes -= before - retained.bytes
  }

  function tooOld({ retained }: Topic): void {
    const since = clock.now() - maxAgeMs
    while (retained.oldestAt < since) forget(retained)
  }

  function giveWay(): void {
    for (const [name, topic] of topics) {
      if (topics.size <= maxTopics) return
      if (topic.followers.size) continue
      bytes -= topic.retained.bytes
      topics.delete(name)
      generation++
    }
  }

  function made(name: string): Topic {
    const known = topics.get(name)
    if (known) return known
    const topic: Topic = { retained: new Retained(epoch()), followers: new Set() }
    topics.set(name, topic)
    giveWay()
    return topic
  }

  function bound(appended: Topic): void {
    while (appended.retained.size > maxEvents) forget(appended.retained)
    tooOld(appended)
    for (const [, quietest] of topics) {
      tooOld(quietest)
      while (bytes + replyBytes > maxBytes && quietest.retained.size) forget(quietest.retained)
      if (bytes + replyBytes <= maxBytes) return
    }
  }

  function remembered(): void {
    const now = clock.now()
    keys.expire(now)
    replies.expire(now)
    if (keys.size + replies.size < maxKeys) return
    throw new LogUnavailable(
      `\`memoryLog\` remembers ${maxKeys} ids already; raise \`maxKeys\` or lower \`limits.dedupeMs\`.`,
    )
  }

  return {
    async append(name, body, dedupe) {
      const key = dedupe && `${name}\n${dedupe.key}`
      if (key !== undefined) {
        const known = keys.get(key, clock.now())
        if (known) return { ...known, dup: true }
        remembered()
      }
      const topic = made(name)
      const before = topic.retained.bytes
      const stored = topic.retained.append(body, dedupe?.key, clock.now())
      bytes += topic.retained.bytes - before
      topics.delete(name)
      topics.set(name, topic)
      const at = { epoch: stored.epoch, seq: stored.seq }
      if (dedupe && key !== undefined) keys.set(key, at, clock.now() + dedupe.dedupeMs)
      for (const follower of topic.followers) follower.events([stored])
      bound(topic)
      return { ...at, dup: false }
    },
    async head(name) {
      const topic = topics.get(name)
      if (!topic) return { epoch: epoch(), seq: 0, oldest: 1 }
      tooOld(topic)
      return topic.retained.head()
    },
    async read(name, after, limit) {
      const topic = topics.get(name)
      if (!topic) return after.epoch === epoch() && after.seq === 0 ? [] : null
      tooOld(topic)
      return topic.retained.epoch === after.epoch ? topic.retained.after(after.seq, limit) : null
    },
    async follow(name, follower) {
      const topic = made(name)
      // A new object each time: whoever follows twice is told twice, and stops once for each.
      const one: Follower = {
        events: events => follower.events(events),
        lost: head => follower.lost(head),
      }
      topic.followers.add(one)
      return { head: topic.retained.head(), stop: () => topic.followers.delete(one) }
    },
    async keepReply(key, reply, dedupeMs) {
      const known = replies.get(key, clock.now())
      if (known !== undefined) return known
      remembered()
      const cost = bytesOf(reply) + KEY_BYTES
      // Half of the memory at most: answers must not drive out all events.
      if (replyBytes + cost > maxBytes / 2) {
        throw new LogUnavailable(`\`memoryLog\` holds ${replyBytes} bytes of answers already; raise \`maxBytes\`.`)
      }
      replies.set(key, reply, clock.now() + dedupeMs)
      replyBytes += cost
      return reply
    },
    async replyTo(key) {
      return replies.get(key, clock.now()) ?? null
    },
    onAvailable: () => () => {},
    async close() {
      topics.clear()
      keys.clear()
      replies.clear()
      bytes = 0
      replyBytes = 0
    },
  }
}
