import type { Signal } from '../core/event.ts'

/** Tells what the page says; the result stops it. Called while the socket is alive, and not after `close()`. */
export type PageSignals = (tell: (signal: Signal) => void) => () => void

// Those of the document bubble to the window [HTML §6.2 page visibility; WICG Page Lifecycle].
const TYPES = ['online', 'offline', 'visibilitychange', 'freeze', 'resume', 'pageshow']

/**
 * The page's own signals, or none where there is no page (server-side rendering, Node). The browser's word is a hint:
 * it makes Holdfast dial sooner, later or not now, and never closes anything.
 */
export const pageSignals: PageSignals = tell => {
  const { addEventListener, removeEventListener, document, navigator } = globalThis
  const hear = ({ type }: { readonly type: string }): void => {
    if (type === 'online' || type === 'offline') tell(type)
    else if (type === 'visibilitychange') tell(document.hidden ? 'hidden' : 'visible')
    else tell(type === 'freeze' ? 'frozen' : 'resumed')
  }
  if (navigator?.onLine === false) hear({ type: 'offline' })
  if (document?.hidden) tell('hidden')
  for (const type of TYPES) addEventListener?.(type, hear)
  return () => {
    for (const type of TYPES) removeEventListener?.(type, hear)
  }
}
