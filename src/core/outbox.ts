/** A message that waits to be sent. */
export interface Queued<T> {
  readonly message: T
  readonly bytes: number
}

/** Messages in order, bounded in number and bytes. Pure bookkeeping: it copies nothing and sends nothing. */
export interface Outbox<T> {
  readonly messages: number
  readonly bytes: number
  /** Takes the message, or says which bound it would break. */
  add(message: T, bytes: number): 'maxMessages' | 'maxBytes' | null
  /** The oldest message, taken out; `undefined` when there is none. */
  take(): Queued<T> | undefined
  clear(): void
}

/** An empty outbox. */
export function outbox<T>(maxMessages: number, maxBytes: number): Outbox<T> {
  let queue: Queued<T>[] = []
  let bytes = 0
  return {
    get messages() {
      return queue.length
    },
    get bytes() {
      return bytes
    },
    add(message, size) {
      if (queue.length >= maxMessages) return 'maxMessages'
      if (bytes + size > maxBytes) return 'maxBytes'
      queue.push({ message, bytes: size })
      bytes += size
      return null
    },
    take() {
      const first = queue.shift()
      bytes -= first?.bytes ?? 0
      return first
    },
    clear() {
      queue = []
      bytes = 0
    },
  }
}
