import type { TransitionRecord } from '../core/trace.ts'
import { explain } from './explain.ts'
import { quoted } from './words.ts'

/** Options of {@link log}. */
export interface LogOptions {
  /** Put in front of every line, to tell whose socket it is: a user or session id. A function is asked for every line. Never give it a token. */
  readonly context?: string | (() => string)
  /** Takes one line. @defaultValue console.info */
  readonly write?: (line: string) => void
}

/**
 * A watcher that writes one line per lifecycle event, see {@link explain}.
 *
 * ```ts
 * new ResilientWebSocket(url, [], { watch: log({ context: 'user 42' }) })
 * ```
 */
export function log({
  context,
  write = line => console.info(line),
}: LogOptions = {}): (record: TransitionRecord) => void {
  return record => {
    const line = explain(record)
    if (line === null) return
    const whose = typeof context === 'function' ? context() : context
    write(whose ? `[${quoted(whose).slice(1, -1)}] ${line}` : line)
  }
}
