import mitt, { type Emitter } from 'mitt'
import { ResilientError } from '../core/resilient-error.ts'
import type { LifecycleEvents } from './events.ts'

/** Lifecycle events of one socket. The emitter is made when the first handler comes. */
export interface Lifecycle {
  on<K extends keyof LifecycleEvents>(type: K, handler: (event: LifecycleEvents[K]) => void): () => void
  emit<K extends keyof LifecycleEvents>(type: K, event: LifecycleEvents[K]): void
  heard(type: keyof LifecycleEvents): boolean
  /** Tells the app of an error that was survived: as a `problem`, else to the platform. */
  report(error: unknown): void
}

/** No handlers yet. */
export function lifecycle(): Lifecycle {
  let emitter: Emitter<LifecycleEvents> | undefined

  const heard = (type: keyof LifecycleEvents): boolean => (emitter?.all.get(type)?.length ?? 0) > 0

  const platform = (error: unknown): void => {
    // Node 20 has no reportError.
    if ('reportError' in globalThis) reportError(error)
    else console.error(error)
  }

  return {
    heard,
    emit(type, event) {
      emitter?.emit(type, event)
    },
    on(type, handler) {
      emitter ??= mitt()
      const { on, off } = emitter
      // mitt lets one throwing handler stop the others, and returns no undo.
      const guarded: typeof handler = event => {
        try {
          handler(event)
        } catch (error) {
          platform(error)
        }
      }
      on(type, guarded)
      return () => off(type, guarded)
    },
    report(error) {
      if (error instanceof ResilientError && heard('problem')) emitter?.emit('problem', error)
      else platform(error)
    },
  }
}
