import { unexpected } from '../core/resilient-error.ts'
import type { Delivery } from './delivery.ts'
import { type Cursor, TOPIC_BYTES } from './frames.ts'
import type { TopicEvent, TopicOptions } from './stream.ts'

/** How one message of a topic is sent. */
export interface TopicSendOptions {
  /** Worth sending only now: dropped where it would have to wait. @defaultValue false */
  readonly volatile?: boolean
  /** How long it may wait unsent, in ms. @defaultValue `outbox.ttlMs` */
  readonly ttlMs?: number
}

/** A topic of a session. The same object for the same name. */
export interface Topic<T = unknown> {
  readonly name: string
  /** What has been handled; `null` before the first subscription was answered. */
  readonly cursor: Cursor | null
  /**
   * Subscribes with the first handler, and unsubscribes when the last one has left. Events come in order, each once,
   * one after the other: a handler that gives a promise is awaited, and the cursor moves when it has settled.
   *
   * @throws ResilientError `ERR_OPTION` for a handler or an option of the wrong kind.
   */
  on(handler: (event: TopicEvent<T>) => unknown, options?: TopicOptions<T>): () => void
  /**
   * Sends a message to the topic: JSON, or bytes (buffers, views and Blobs). It has an id, is sent again after a
   * reconnect, and is stored at most once.
   *
   * @throws ResilientError `ERR_OPTION` for what is no JSON, `ERR_OUTBOX_FULL`, `ERR_MESSAGE_TOO_BIG`.
   */
  send(data: unknown, options?: TopicSendOptions): Delivery
}

/** Throws `ERR_OPTION` for a name that no topic can have. */
export function checkTopic(name: string): void {
  const bytes = typeof name === 'string' ? new TextEncoder().encode(name).length : 0
  if (!bytes || bytes > TOPIC_BYTES) {
    throw unexpected('ERR_OPTION', 'topic', `a string of 1 to ${TOPIC_BYTES} bytes`, bytes || name)
  }
}
