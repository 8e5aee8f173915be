import type { MachineEvent } from '../core/event.ts'
import { pageSignals } from '../runtime/page-signals.ts'
import type { Options } from './options.ts'

/** Listens to the page and to the app's signal while there is something to do; the result stops it. `undefined` where there is nothing to listen to. */
export function attend(
  { signal, reconnect = true, pageSignals: chosen }: Options,
  dispatch: (event: MachineEvent) => void,
): (() => void) | undefined {
  const listen = reconnect ? (chosen ?? ('addEventListener' in globalThis ? pageSignals : undefined)) : undefined
  if (!signal && !listen) return undefined
  const close = (): void => dispatch({ type: 'close' })
  signal?.addEventListener('abort', close)
  const deaf = listen?.(said => dispatch({ type: 'signal', signal: said }))
  return () => {
    signal?.removeEventListener('abort', close)
    deaf?.()
  }
}
