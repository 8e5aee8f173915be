// A log in memory that can be lost on purpose, as a broker loses it that restarts without its disk.
import type { Follower, Log } from 'holdfast/server'

export interface LosableLog extends Log {
  /** Every event and every id is gone; whoever follows is told, and what follows stands in another epoch. */
  lose(): Promise<void>
}

interface Following {
  readonly topic: string
  readonly follower: Follower
  stop(): void
}

/** `make` gives a fresh log, with an epoch of its own. */
export function losableLog(make: () => Log): LosableLog {
  let log = make()
  const followings = new Set<Following>()

  const again = async (one: Following): Promise<void> => {
    one.stop()
    let spoke = false
    const { head, stop } = await log.follow(one.topic, {
      events(events) {
        spoke = true
        one.follower.events(events)
      },
      lost: at => one.follower.lost(at),
    })
    if (!followings.has(one)) return stop()
    one.stop = stop
    // An event that was faster has shown the new epoch already; to be told of an older position would put it back.
    if (!spoke) one.follower.lost(head)
  }

  return {
    append: (topic, body, dedupe) => log.append(topic, body, dedupe),
    head: topic => log.head(topic),
    read: (topic, after, limit) => log.read(topic, after, limit),
    async follow(topic, follower) {
      const { head, stop } = await log.follow(topic, follower)
      const one: Following = { topic, follower, stop }
      followings.add(one)
      return {
        head,
        stop() {
          followings.delete(one)
          one.stop()
        },
      }
    },
    keepReply: (key, reply, dedupeMs) => log.keepReply(key, reply, dedupeMs),
    replyTo: key => log.replyTo(key),
    onAvailable: listener => log.onAvailable(listener),
    close: () => log.close(),
    async lose() {
      const lost = log
      log = make()
      await Promise.all([...followings].map(again))
      await lost.close()
    },
  }
}
