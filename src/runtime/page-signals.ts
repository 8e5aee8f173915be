import type { Signal } from '../core/event.ts'

/** Tells what the page says; the result stops it. Called while the socket is alive, and not after `close()`. */
export type PageSignals = (tell: (signal: Signal) => void) => () => void

/** As much as there may be of `navigator.connection`: Cordova's has a type and no events, Firefox and WebKit have none. */
interface Network extends Partial<EventTarget> {
  readonly type?: string
}

interface Surroundings {
  readonly navigator?: { readonly onLine: boolean; readonly connection?: Network }
}

// All heard at the window: those of the document pass it on their way down, and freeze and resume do not bubble.
const TYPES = ['online', 'offline', 'visibilitychange', 'freeze', 'resume', 'pagehide', 'pageshow']

/**
 * The page's own signals, or none where there is no page (server-side rendering, Node). The browser's word is a hint:
 * it makes Holdfast dial sooner, later or not now, and never closes anything.
 */
export const pageSignals: PageSignals = tell => {
  const { addEventListener, removeEventListener, document } = globalThis
  const { navigator }: Surroundings = globalThis
  const network = navigator?.connection
  let over = network?.type
  const hear = ({ type, persisted = true }: { readonly type: string; readonly persisted?: boolean }): void => {
    if (type === 'online' || type === 'offline') tell(type)
    else if (type === 'visibilitychange') tell(document.hidden ? 'hidden' : 'visible')
    else if (type === 'change') {
      // Estimates change by themselves while the network stays (`rtt`, `downlink`, and `effectiveType`, which is made of
      // them): only `type` names it. Desktop Chromium has no `type`, so it says nothing. No network at all is `offline`.
      const now = network?.type
      if (now === over || now === 'none' || now === 'unknown') return
      over = now
      tell('network-changed')
    }
    // A page that is shown for the first time was not away, and one that is left for good ends by itself. Where there is
    // no `freeze` (Firefox, WebKit), `pagehide` is what comes before the back/forward cache.
    else if (persisted) tell(type === 'freeze' || type === 'pagehide' ? 'frozen' : 'resumed')
  }
  if (navigator?.onLine === false) hear({ type: 'offline' })
  if (document?.hidden) tell('hidden')
  for (const type of TYPES) addEventListener?.(type, hear, true)
  network?.addEventListener?.('change', hear)
  return () => {
    for (const type of TYPES) removeEventListener?.(type, hear, true)
    network?.removeEventListener?.('change', hear)
  }
}
