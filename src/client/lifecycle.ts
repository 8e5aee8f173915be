import mitt, { type Emitter } from 'mitt'
import { ResilientError } from '../core/resilient-error.ts'
import type { LifecycleEvents } from './events.ts'

/** Node 20 has no reportError. */
function reportToPlatform(error: unknown): void {
  if ('reportError' in globalThis) reportError(error)
  else console.error(error)
}

/** Lifecycle events of one socket. The emitter is made when the first handler comes. */
export class Lifecycle {
  #emitter: Emitter<LifecycleEvents> | undefined

  /** The result stops it. */
  on<K extends keyof LifecycleEvents>(type: K, handler: (event: LifecycleEvents[K]) => void): () => void {
    this.#emitter ??= mitt()
    const { on, off } = this.#emitter
    // mitt lets one throwing handler stop the others, and returns no undo.
    const guarded: typeof handler = event => {
      try {
        handler(event)
      } catch (error) {
        reportToPlatform(error)
      }
    }
    on(type, guarded)
    return () => off(type, guarded)
  }

  emit<K extends keyof LifecycleEvents>(type: K, event: LifecycleEvents[K]): void {
    this.#emitter?.emit(type, event)
  }

  heard(type: keyof LifecycleEvents): boolean {
    return !!this.#emitter?.all.get(type)?.length
  }

  /** Tells the app of an error that was survived: as a `problem`, else to the platform. */
  report(error: unknown): void {
    if (error instanceof ResilientError && this.heard('problem')) this.emit('problem', error)
    else reportToPlatform(error)
  }
}
