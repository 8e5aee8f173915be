/**
 * Following: one connection per instance for all topics. Redis publishes each event as it appends it, in the same atomic
 * step; the event is in the message, and the stream is read only where the messages have a hole. A message that is lost
 * therefore costs a moment and never an event: the next one, a new connection, or a look at each topic every few seconds
 * finds the hole. Reading many streams with a blocking XREAD would name every topic again for every event, would have to
 * be broken off for each new topic, and cannot cross the slots of a cluster.
 */
import { type Follower, type Head, LogUnavailable, type Stored } from './log.ts'
import { LogCorrupt, published, type Reading, type Standing } from './redis-answer.ts'
import { isCluster, type RedisClient } from './redis-client.ts'
import { subscriber } from './redis-subscriber.ts'

interface Feed {
  readonly topic: string
  readonly followers: Set<Follower>
  /** Up to where followers have been given everything; `null` before it is known. */
  at: Standing | null
  /** Nothing was missed until then, in monotonic ms: Infinity while messages continue where it stands, -Infinity for nobody knows. */
  wholeUntil: number
  /** Redis has been told to send its messages, or is being told. */
  opening: Promise<void> | null
  opened: boolean
  catching: Promise<void> | null
  /** Something happened while it was being caught up. */
  again: boolean
  /** Nobody follows it since, in monotonic ms; `null` while somebody does, or is about to. */
  idleSince: number | null
  /** What is wrong with it has been told. */
  told: boolean
}

export interface FeedsOptions {
  readonly redis: RedisClient
  readonly deadlineMs: number
  /** The name under which Redis publishes the events of a topic. */
  channelOf(topic: string): string
  /** `after: null` asks where the topic stands. */
  read(topic: string, after: Standing | null, limit: number): Promise<Reading>
  problem(error: unknown): void
}

export interface Feeds {
  follow(topic: string, follower: Follower): Promise<{ readonly head: Head; stop(): void }>
  /**
   * Where a topic that is followed has come to, and whether nothing of it was missed until the other connection to that life
   * of Redis was lost, in monotonic ms.
   */
  standing(topic: string, lostAt: (run: string) => number): { readonly at: Standing; readonly whole: boolean } | null
  /** Looks at every topic: something may have been missed. */
  refresh(): void
  /** Nothing can be had for now: whoever waits to follow a topic is told so. */
  outage(): void
  close(): Promise<void>
}

/** Events of one read: a topic that is far behind does not fill the memory. */
const READ_EVENTS = 64
/** Topics that are read at the same time. */
const READERS = 16
/** Every second some topics are looked at, the ones that wait for it longest first: up to 1,280 of them once in 5 s each. */
const LOOK_MS = 1_000
const LOOKS = 256
/** The connection is asked for life every so many looks: one that swallows everything is found within that and the deadline. */
const PING_EVERY = 5
/** A topic is followed for so long after its last follower left: its clients come back, and it can bear witness after a restart. */
const LINGER_MS = 60_000
const MOST_LINGERING = 1_000
/** Both connections of a Redis that dies are lost within this. */
const TOGETHER_MS = 1_000

export function redisFeeds({ redis, deadlineMs, channelOf, read, problem }: FeedsOptions): Feeds {
  const feeds = new Map<string, Feed>()
  const connection = subscriber({
    redis,
    deadlineMs,
    channels: () => [...feeds.keys()],
    connected(channels) {
      for (const channel of channels) {
        const feed = feeds.get(channel)
        if (feed) feed.opened = true
      }
      refresh()
    },
    lost() {
      for (const feed of feeds.values()) feed.wholeUntil = Math.min(feed.wholeUntil, performance.now())
    },
    message(channel, message) {
      const feed = feeds.get(channel)
      if (feed?.at) hear(feed, feed.at, message)
    },
  })
  const { ready } = connection
  let looks = 0
  let lingering = 0

  function hear(feed: Feed, at: Standing, message: unknown): void {
    const heard = published(message)
    const same = heard?.event.epoch === at.epoch && heard.run === at.run
    if (heard && same && heard.event.seq <= at.seq) return
    if (heard && same && heard.event.seq === at.seq + 1) give(feed, at, [heard.event])
    else catchUp(feed).catch(() => {})
  }

  /** Hands on what follows upon `at` without a hole. */
  function give(feed: Feed, at: Standing, events: readonly Stored[]): void {
    const last = events.at(-1)
    if (!last) return
    feed.at = { ...at, seq: last.seq }
    for (const follower of [...feed.followers]) tell(() => follower.events(events))
  }

  function tell(fn: () => void): void {
    try {
      fn()
    } catch (error) {
      problem(error)
    }
  }

  /** Reads until nothing is missing. One at a time per topic; a call while one runs makes it look once more. */
  function catchUp(feed: Feed): Promise<void> {
    feed.again = true
    feed.catching ??= readOn(feed).finally(() => {
      feed.catching = null
    })
    return feed.catching
  }

  async function readOn(feed: Feed): Promise<void> {
    while (feed.again && feeds.get(channelOf(feed.topic)) === feed) {
      feed.again = false
      // What comes from now on is either read below or heard.
      const whole = ready.isOpen && feed.opened
      const before = feed.at
      const { at, events } = await read(feed.topic, before, READ_EVENTS)
      const now = feed.at
      if (now === null || before === null) feed.at = at
      else if (events) {
        feed.at = { ...at, epoch: now.epoch, seq: now.seq }
        give(
          feed,
          feed.at,
          events.filter(({ seq }) => seq > now.seq),
        )
        feed.again ||= events.length === READ_EVENTS
      } else if (now.seq === before.seq && now.epoch === before.epoch) {
        feed.at = at
        const { epoch, seq, oldest } = at
        for (const follower of [...feed.followers]) tell(() => follower.lost({ epoch, seq, oldest }))
      } else feed.again = true
      if (whole && ready.isOpen && !feed.again) feed.wholeUntil = Infinity
    }
  }

  /** Catches up with these, a few at a time. What fails comes again with the next look. */
  function catchUpAll(some: readonly Feed[]): void {
    const rest = some.values()
    const worker = async (): Promise<void> => {
      for (const feed of rest) {
        try {
          await catchUp(feed)
          feed.told = false
        } catch (error) {
          // An outage is told by the connection that writes.
          if (error instanceof LogCorrupt && !feed.told) problem(error)
          feed.told ||= error instanceof LogCorrupt
        }
      }
    }
    for (let each = 0; each < Math.min(READERS, some.length); each += 1) worker()
  }

  function refresh(): void {
    catchUpAll([...feeds.values()])
  }

  const timer = setInterval(() => {
    looks += 1
    const now = performance.now()
    for (const feed of feeds.values()) {
      if (feed.idleSince !== null && now - feed.idleSince > LINGER_MS) leave(feed)
    }
    if (!ready.isOpen) return
    if (looks % PING_EVERY === 0) connection.ping()
    const all = [...feeds.entries()].slice(0, LOOKS)
    for (const [channel, feed] of all) {
      feeds.delete(channel)
      feeds.set(channel, feed)
    }
    catchUpAll(all.map(([, feed]) => feed))
  }, LOOK_MS)

  function leave(feed: Feed): void {
    const channel = channelOf(feed.topic)
    if (feeds.get(channel) !== feed) return
    feeds.delete(channel)
    if (feed.idleSince !== null) lingering -= 1
    connection.unsubscribe(channel)
  }

  function enter(topic: string): Feed {
    const channel = channelOf(topic)
    const known = feeds.get(channel)
    if (known?.idleSince !== null && known !== undefined) {
      known.idleSince = null
      lingering -= 1
    }
    const feed: Feed = known ?? {
      topic,
      followers: new Set(),
      at: null,
      wholeUntil: -Infinity,
      opening: null,
      opened: false,
      catching: null,
      again: false,
      idleSince: null,
      told: false,
    }
    feeds.set(channel, feed)
    return feed
  }

  function idle(feed: Feed): void {
    if (feed.followers.size > 0 || feed.idleSince !== null) return
    feed.idleSince = performance.now()
    lingering += 1
    if (lingering > MOST_LINGERING || feed.at === null) leave(feed)
  }

  async function open(feed: Feed): Promise<void> {
    if (feed.opened) return
    await connection.subscribe(channelOf(feed.topic))
    feed.opened = true
  }

  async function follow(topic: string, follower: Follower): Promise<{ readonly head: Head; stop(): void }> {
    const feed = enter(topic)
    try {
      await ready.pass(deadlineMs)
      feed.opening ??= open(feed).finally(() => {
        feed.opening = null
      })
      await feed.opening
      if (feed.wholeUntil !== Infinity) await catchUp(feed)
      if (feed.at === null) throw new LogUnavailable('Expected Redis to be there to follow a topic, but it went away.')
    } catch (error) {
      idle(feed)
      throw error
    }
    const { epoch, seq, oldest } = feed.at
    feed.idleSince = null
    feed.followers.add(follower)
    return {
      head: { epoch, seq, oldest },
      stop() {
        if (feed.followers.delete(follower)) idle(feed)
      },
    }
  }

  return {
    follow,
    standing(topic, lostAt) {
      const { at = null, wholeUntil = 0 } = feeds.get(channelOf(topic)) ?? {}
      // A cluster connects its subscriber anew without a word.
      return at && { at, whole: !isCluster(redis) && wholeUntil >= lostAt(at.run) - TOGETHER_MS }
    },
    refresh,
    outage: () => ready.clear(),
    async close() {
      clearInterval(timer)
      feeds.clear()
      await connection.close()
    },
  }
}
