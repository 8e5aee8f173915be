import type { LogUnavailable } from './log.ts'

/** What must wait for a connection waits here: for so long, and not more of it than so many. */
export interface Gate {
  open(): void
  shut(): void
  readonly isOpen: boolean
  /** Whoever waits is sent away. */
  clear(): void
  /** So is whoever comes from now on. */
  close(): void
  /** Resolves at once, or as soon as it is open; rejects after `ms`, and then calls `late`. */
  pass(ms: number, late?: () => void): Promise<void>
}

/** More are refused at once: they are the messages of clients, which hold them themselves. */
const MOST_WAITING = 10_000

export function gate(refusal: () => LogUnavailable): Gate {
  const waiting = new Set<(error?: LogUnavailable) => void>()
  let isOpen = false
  let closed = false

  function release(error?: LogUnavailable): void {
    for (const settle of [...waiting]) settle(error)
  }

  return {
    get isOpen() {
      return isOpen
    },
    open() {
      if (closed) return
      isOpen = true
      release()
    },
    shut() {
      isOpen = false
    },
    clear: () => release(refusal()),
    close() {
      closed = true
      isOpen = false
      release(refusal())
    },
    pass(ms, late = () => {}) {
      if (isOpen) return Promise.resolve()
      if (closed || waiting.size >= MOST_WAITING) return Promise.reject(refusal())
      return new Promise((resolve, reject) => {
        const settle = (error?: LogUnavailable): void => {
          clearTimeout(timer)
          waiting.delete(settle)
          if (error) reject(error)
          else resolve()
        }
        const timer = setTimeout(() => {
          settle(refusal())
          late()
        }, ms)
        waiting.add(settle)
      })
    },
  }
}
