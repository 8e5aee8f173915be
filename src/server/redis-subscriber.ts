/** The connection on which Redis sends the events of all topics that are followed. */
import { LogUnavailable } from './log.ts'
import { text } from './redis-answer.ts'
import { ended, isCluster, ownConnection, type RedisClient } from './redis-client.ts'
import { type Gate, gate } from './redis-gate.ts'

export interface SubscriberOptions {
  readonly redis: RedisClient
  readonly deadlineMs: number
  /** What is to be sent on a new connection. */
  channels(): readonly string[]
  /** There is a connection, and these are sent on it from now on. */
  connected(channels: readonly string[]): void
  lost(): void
  message(channel: string, message: unknown): void
}

export interface Subscriber {
  readonly ready: Gate
  /** Rejects with `LogUnavailable`. */
  subscribe(channel: string): Promise<void>
  unsubscribe(channel: string): void
  /** Asks for life: a connection that swallows everything is given up at the deadline. */
  ping(): void
  close(): Promise<void>
}

/** Channels named in one command. */
const CHANNELS = 500
/** Before a client that has given up is asked to go on. */
const AGAIN_MS = 1_000

export function subscriber({ redis, deadlineMs, channels, connected, lost, message }: SubscriberOptions): Subscriber {
  const connection = ownConnection(redis, deadlineMs)
  const ready = gate(unavailable)
  let again: ReturnType<typeof setTimeout> | undefined
  let closed = false

  function unavailable(): LogUnavailable {
    return new LogUnavailable(
      closed ? 'The log is closed.' : 'Expected Redis to be there to follow a topic, but the connection was lost.',
    )
  }

  function anew(): void {
    if (!closed) connection.disconnect(true)
  }

  async function begin(): Promise<void> {
    const all = channels()
    try {
      for (let from = 0; from < all.length; from += CHANNELS) {
        await connection.callBuffer('subscribe', all.slice(from, from + CHANNELS))
      }
    } catch {
      return anew()
    }
    if (closed) return
    ready.open()
    connected(all)
  }

  connection.on('ready', () => void begin())
  connection.on('close', () => {
    ready.shut()
    lost()
  })
  connection.on('end', () => {
    if (!closed) again = setTimeout(() => connection.connect().catch(() => {}), AGAIN_MS)
  })
  connection.on('messageBuffer', (channel, body) => message(text(channel), body))

  return {
    ready,
    async subscribe(channel) {
      try {
        await connection.callBuffer('subscribe', [channel])
      } catch {
        throw unavailable()
      }
    },
    unsubscribe(channel) {
      if (ready.isOpen) connection.callBuffer('unsubscribe', [channel]).catch(() => {})
    },
    ping() {
      // A cluster sends it to any node.
      if (ready.isOpen && !isCluster(redis)) connection.callBuffer('ping', []).catch(anew)
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(again)
      ready.close()
      await ended(connection)
    },
  }
}
