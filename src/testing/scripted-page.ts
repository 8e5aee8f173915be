import type { Signal } from '../core/event.ts'
import type { PageSignals } from '../runtime/page-signals.ts'

/** A page whose word is a script: what `online`, `hidden` or `frozen` does, without a browser. */
export interface ScriptedPage {
  /** Give it as `options.pageSignals`. */
  readonly signals: PageSignals
  /** How many sockets listen now: 0 once all are closed. */
  readonly listening: number
  /** Tells every socket that listens. */
  say(signal: Signal): void
}

/** A page that says nothing until a test lets it. */
export function scriptedPage(): ScriptedPage {
  const listeners = new Set<(signal: Signal) => void>()
  return {
    signals(tell) {
      listeners.add(tell)
      return () => {
        listeners.delete(tell)
      }
    },
    get listening() {
      return listeners.size
    },
    say(signal) {
      for (const tell of [...listeners]) tell(signal)
    },
  }
}
