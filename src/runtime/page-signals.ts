import type { Signal } from '../core/event.ts'

/** Tells what the page says; the result stops it. Called while the socket is alive, and not after `close()`. */
export type PageSignals = (tell: (signal: Signal) => void) => () => void

// All heard at the window: those of the document pass it on their way down, and freeze and resume do not bubble.
const TYPES = ['online', 'offline', 'visibilitychange', 'freeze', 'resume', 'pageshow']

/**
 * The page's own signals, or none where there is no page (server-side rendering, Node). The browser's word is a hint:
 * it makes Holdfast dial sooner, later or not now, and never closes anything.
 */
export const pageSignals: PageSignals = tell => {
  const { addEventListener, removeEventListener, document, navigator } = globalThis
  const hear = ({ type, persisted = true }: { readonly type: string; readonly persisted?: boolean }): void => {
    if (type === 'online' || type === 'offline') tell(type)
    else if (type === 'visibilitychange') tell(document.hidden ? 'hidden' : 'visible')
    else if (type === 'freeze') tell('frozen')
    // A page that is shown for the first time was not away.
    else if (persisted) tell('resumed')
  }
  if (navigator?.onLine === false) hear({ type: 'offline' })
  if (document?.hidden) tell('hidden')
  for (const type of TYPES) addEventListener?.(type, hear, true)
  return () => {
    for (const type of TYPES) removeEventListener?.(type, hear, true)
  }
}
