import type { Signal } from '../core/event.ts'

/** Tells what the page says; the result stops it. Called while the socket is alive, and not after `close()`. */
export type PageSignals = (tell: (signal: Signal) => void) => () => void

/**
 * The page's own signals, or none where there is no page (server-side rendering, Node). The browser's word is a hint:
 * it makes Holdfast dial sooner, later or not now, and never closes anything.
 */
export const pageSignals: PageSignals = tell => {
  const { document: page, addEventListener: canListen, navigator } = globalThis
  if (!canListen) return () => {}
  const attention = new AbortController()
  const { signal } = attention
  const hear = (target: EventTarget, type: string, say: (event: Event) => Signal | false): void =>
    target.addEventListener(
      type,
      event => {
        const said = say(event)
        if (said) tell(said)
      },
      { signal },
    )
  hear(globalThis, 'online', () => 'online')
  hear(globalThis, 'offline', () => 'offline')
  hear(globalThis, 'pageshow', event => 'persisted' in event && event.persisted === true && 'resumed')
  if (navigator?.onLine === false) tell('offline')
  if (page) {
    hear(page, 'visibilitychange', () => (page.hidden ? 'hidden' : 'visible'))
    hear(page, 'freeze', () => 'frozen')
    hear(page, 'resume', () => 'resumed')
    if (page.hidden) tell('hidden')
  }
  return () => attention.abort()
}
