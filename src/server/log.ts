/** What a log keeps of one event: JSON text as it is sent, or bytes. */
export type Body = string | Uint8Array

/** Where a topic stands. */
export interface Head {
  /** Changes when the log was lost or rewritten. */
  readonly epoch: string
  /** Of the last event; 0 before the first. */
  readonly seq: number
  /** Of the oldest event that is still there; `seq + 1` when none is. */
  readonly oldest: number
}

/** One event of a topic. */
export interface Stored {
  readonly epoch: string
  readonly seq: number
  /** The key of the message that it came from; absent for what the server published itself. */
  readonly key?: string
  readonly body: Body
}

/** What an append came to. */
export interface Appended {
  readonly epoch: string
  readonly seq: number
  /** The key was recorded before: nothing was appended, and this is where it stands. */
  readonly dup: boolean
}

/** One event to append. */
export interface Addition {
  readonly body: Body
  /** As of {@link Log.append}. */
  readonly dedupe?: { readonly key: string; readonly dedupeMs: number }
}

/** Whoever follows a topic. */
export interface Follower {
  /** Events, in order, without a hole, each once, after the position from which it follows. */
  events(events: readonly Stored[]): void
  /** History was lost: what follows begins after `head`, in another epoch perhaps. */
  lost(head: Head): void
}

/**
 * The truth: per topic a log with an epoch and a dense sequence. Every instance of a server that shares a log can
 * resume every client. What cannot be stored rejects with {@link LogUnavailable}, and nothing is acknowledged.
 */
export interface Log {
  /**
   * Appends one event. With a `key`, appending and recording the key are one atomic step: within `dedupeMs` the same
   * key on the same topic appends nothing. Rejects with `LogUnavailable` when it is not known to be stored.
   */
  append(topic: string, body: Body, dedupe?: { readonly key: string; readonly dedupeMs: number }): Promise<Appended>
  /**
   * Appends several events as `append` would one after the other, in one step, and stops at the first that it cannot store:
   * resolves with what the others came to, which may be fewer. Rejects when there is none. A log that takes its time for a
   * step should have it: messages of a client are appended one step after the other, so that they stay in order.
   */
  appendAll?(topic: string, additions: readonly Addition[]): Promise<readonly Appended[]>
  head(topic: string): Promise<Head>
  /** Events after `seq` in that epoch, oldest first, at most `limit`; `null` when the epoch is another, or the first of them is gone. */
  read(
    topic: string,
    after: { readonly epoch: string; readonly seq: number },
    limit: number,
  ): Promise<readonly Stored[] | null>
  /** Events that are stored from now on, by any instance. Resolves when it follows: with the position after which events come. */
  follow(topic: string, follower: Follower): Promise<{ readonly head: Head; stop(): void }>
  /** The answer to a request, kept for `dedupeMs`: a resend is answered by it. The first one stays. */
  keepReply(key: string, reply: string, dedupeMs: number): Promise<string>
  /** The answer that was kept; `null` for none. */
  replyTo(key: string): Promise<string | null>
  /** Told `false` when nothing can be stored any more, `true` when it can again. The result stops it. */
  onAvailable(listener: (available: boolean) => void): () => void
  close(): Promise<void>
}

/** The log cannot be reached: nothing was acknowledged, and it may work later. */
export class LogUnavailable extends Error {
  override readonly name: string = 'LogUnavailable'
}
