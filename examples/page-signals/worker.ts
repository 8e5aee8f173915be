import { type PageSignals, pageSignals, type Signal } from 'holdfast'

/** On the page: passes on to the worker what the page says, from now on. The result stops it. */
export function forwardSignals(worker: Pick<Worker, 'postMessage'>): () => void {
  return pageSignals(signal => worker.postMessage({ type: 'page-signal', signal }))
}

/** Signals that undo each other: of each pair the last one is what is so. */
const PAIRS: readonly (readonly [Signal, Signal])[] = [
  ['online', 'offline'],
  ['visible', 'hidden'],
  ['resumed', 'frozen'],
]

/**
 * In the worker, once and before its first `await`: what the page says. Sockets that are made later begin with what is so
 * by then.
 */
export function signalsOfPage(scope: Pick<EventTarget, 'addEventListener'> = globalThis): PageSignals {
  const now = new Map<Signal, Signal>()
  const listeners = new Set<(signal: Signal) => void>()
  scope.addEventListener('message', event => {
    if (!(event instanceof MessageEvent) || event.data?.type !== 'page-signal') return
    const { signal } = event.data
    const pair = PAIRS.find(pair => pair.includes(signal))
    if (pair) now.set(pair[0], signal)
    for (const tell of [...listeners]) tell(signal)
  })
  return tell => {
    for (const signal of now.values()) tell(signal)
    listeners.add(tell)
    return () => {
      listeners.delete(tell)
    }
  }
}
