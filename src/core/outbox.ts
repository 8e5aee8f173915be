/** A message that waits to be sent. */
export interface Queued<T> {
  readonly message: T
  readonly bytes: number
  /** When it is discarded, epoch ms; `Infinity` for never. */
  readonly expiresAt: number
}

/** Messages in order, bounded in number and bytes. Pure bookkeeping: it copies nothing and sends nothing. */
export interface Outbox<Q extends Queued<unknown>> {
  readonly messages: number
  readonly bytes: number
  /** When the next one expires, epoch ms; `Infinity` for never. */
  readonly expiresAt: number
  /** Takes the message, or says which bound it would break. */
  add(queued: Q): 'maxMessages' | 'maxBytes' | null
  /** The oldest message, taken out; `undefined` when there is none. */
  take(): Q | undefined
  /** Takes out what the test says yes to. */
  drop(test: (queued: Q) => boolean): readonly Q[]
}

/** An empty outbox. */
export function outbox<Q extends Queued<unknown>>(maxMessages: number, maxBytes: number): Outbox<Q> {
  let queue: Q[] = []
  let bytes = 0
  /** `undefined` until it is looked for again: a flush must not look for it once per message. */
  let soonest: number | undefined = Infinity
  return {
    get messages() {
      return queue.length
    },
    get bytes() {
      return bytes
    },
    get expiresAt() {
      soonest ??= queue.reduce((least, { expiresAt }) => Math.min(least, expiresAt), Infinity)
      return soonest
    },
    add(queued) {
      if (queue.length >= maxMessages) return 'maxMessages'
      if (bytes + queued.bytes > maxBytes) return 'maxBytes'
      queue.push(queued)
      bytes += queued.bytes
      if (soonest !== undefined) soonest = Math.min(soonest, queued.expiresAt)
      return null
    },
    take() {
      const first = queue.shift()
      bytes -= first?.bytes ?? 0
      if (first?.expiresAt === soonest && soonest !== Infinity) soonest = undefined
      return first
    },
    drop(test) {
      const kept: Q[] = []
      const dropped: Q[] = []
      for (const queued of queue) (test(queued) ? dropped : kept).push(queued)
      queue = kept
      bytes -= dropped.reduce((sum, queued) => sum + queued.bytes, 0)
      if (dropped.length && soonest !== Infinity) soonest = undefined
      return dropped
    },
  }
}
