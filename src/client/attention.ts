import type { MachineEvent } from '../core/event.ts'
import { ResilientError } from '../core/resilient-error.ts'
import { pageSignals } from '../runtime/page-signals.ts'
import type { Options } from './options.ts'

interface Attentive {
  dispatch(event: MachineEvent): void
  report(error: unknown): void
}

/** Listens to the page and to the app's signal while there is something to do; the result stops it. `undefined` where there is nothing to listen to. */
export function attend(
  { signal, reconnect = true, pageSignals: chosen }: Options,
  socket: Attentive,
): (() => void) | undefined {
  const listen = reconnect ? (chosen ?? ('addEventListener' in globalThis ? pageSignals : undefined)) : undefined
  if (!signal && !listen) return undefined
  const close = (): void => socket.dispatch({ type: 'close' })
  const guarded = (call: () => void): void => {
    try {
      call()
    } catch (cause) {
      socket.report(new ResilientError('ERR_HANDLER', '`pageSignals` or `signal` threw.', cause))
    }
  }
  let deaf: (() => void) | undefined
  guarded(() => {
    signal?.addEventListener('abort', close)
    deaf = listen?.(said => socket.dispatch({ type: 'signal', signal: said }))
  })
  return () =>
    guarded(() => {
      signal?.removeEventListener('abort', close)
      deaf?.()
    })
}
