import { setMaxListeners } from 'node:events'

/** As much of a page as clients listen to: its events, whether it is visible, and what the browser says of the network. */
export interface Page {
  readonly window: EventTarget
  readonly document: EventTarget & { hidden: boolean; visibilityState: DocumentVisibilityState }
  readonly navigator: { onLine: boolean }
  /** The browser says offline, or online. */
  online(onLine: boolean): void
  /** Another tab comes to the front, or this one. */
  visible(visible: boolean): void
  /** The browser freezes the page, or lets it run again. */
  frozen(frozen: boolean): void
  /** Asks whether the page may be left. The user stays. */
  askToLeave(): void
}

export function fakePage(): Page {
  const window = new EventTarget()
  const visibility: { hidden: boolean; visibilityState: DocumentVisibilityState } = {
    hidden: false,
    visibilityState: 'visible',
  }
  const document = Object.assign(new EventTarget(), visibility)
  const navigator = { onLine: true }
  // A crowd may listen.
  setMaxListeners(0, window, document)
  /** The document's own, which pass the window on their way. */
  const ofDocument = (type: string): void => {
    window.dispatchEvent(new Event(type))
    document.dispatchEvent(new Event(type))
  }
  return {
    window,
    document,
    navigator,
    online(onLine) {
      navigator.onLine = onLine
      window.dispatchEvent(new Event(onLine ? 'online' : 'offline'))
    },
    visible(visible) {
      document.hidden = !visible
      document.visibilityState = visible ? 'visible' : 'hidden'
      ofDocument('visibilitychange')
    },
    frozen(frozen) {
      ofDocument(frozen ? 'freeze' : 'resume')
    },
    askToLeave() {
      window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
    },
  }
}
