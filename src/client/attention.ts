import type { MachineEvent } from '../core/event.ts'
import { ResilientError } from '../core/resilient-error.ts'
import type { TransitionRecord } from '../core/trace.ts'
import { pageSignals } from '../runtime/page-signals.ts'
import { Lifecycle } from './lifecycle.ts'
import type { Options } from './options.ts'

const NOTHING = (): void => {}

/** Listens to the page and to the app's signal while there is something to do. A base and not a part: a page may hold thousands of sockets. */
export abstract class Attention extends Lifecycle {
  abstract readonly options: Options
  #deaf: (() => void) | undefined

  abstract dispatch(event: MachineEvent): void

  /** Shows a step to whoever watches. */
  tell(record: TransitionRecord): void {
    try {
      this.options.watch?.(record)
    } catch (cause) {
      this.report(new ResilientError('ERR_HANDLER', '`watch` threw.', cause))
    }
    this.emit('transition', record)
  }

  defect(): void {
    this.report(new ResilientError('ERR_DEFECT', 'A due tick changed nothing.'))
  }

  /** Listens while that holds, and stops when it does not. */
  attend(alive: boolean): void {
    if (alive && !this.#deaf) {
      // Set first: the page may speak at once, and may end it.
      this.#deaf = NOTHING
      this.#deaf = this.#listen() ?? NOTHING
    } else if (!alive) {
      this.#deaf?.()
      this.#deaf = undefined
    }
  }

  /** The result stops it. `undefined` where there is nothing to listen to. */
  #listen(): (() => void) | undefined {
    const { signal, reconnect = true, pageSignals: chosen } = this.options
    const listen = reconnect ? (chosen ?? ('addEventListener' in globalThis ? pageSignals : undefined)) : undefined
    if (!signal && !listen) return undefined
    const close = (): void => this.dispatch({ type: 'close' })
    const guarded = (call: () => void): void => {
      try {
        call()
      } catch (cause) {
        this.report(new ResilientError('ERR_HANDLER', '`pageSignals` or `signal` threw.', cause))
      }
    }
    let deaf: (() => void) | undefined
    guarded(() => {
      signal?.addEventListener('abort', close)
      deaf = listen?.(said => this.dispatch({ type: 'signal', signal: said }))
    })
    return () =>
      guarded(() => {
        signal?.removeEventListener('abort', close)
        deaf?.()
      })
  }
}
