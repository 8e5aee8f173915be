import { type PageSignals, pageSignals } from 'holdfast'

const CHANNEL = 'system-resumed'

/** In the main process: tells a window that the machine woke up. The result stops it. */
export function forwardPower(
  powerMonitor: Pick<NodeJS.EventEmitter, 'on' | 'off'>,
  webContents: { send(channel: string): void },
): () => void {
  const resumed = (): void => webContents.send(CHANNEL)
  powerMonitor.on('resume', resumed)
  return () => {
    powerMonitor.off('resume', resumed)
  }
}

/** What the page gets to see of it. */
export interface Power {
  /** The result stops it. */
  onResume(handler: () => void): () => void
}

/** In the preload script: `contextBridge.exposeInMainWorld('power', powerBridge(ipcRenderer))`. */
export function powerBridge(ipcRenderer: Pick<NodeJS.EventEmitter, 'on' | 'off'>): Power {
  return {
    onResume(handler) {
      // The event stays here: it would give the page the whole of ipcRenderer.
      const resumed = (): void => handler()
      ipcRenderer.on(CHANNEL, resumed)
      return () => {
        ipcRenderer.off(CHANNEL, resumed)
      }
    },
  }
}

/** In the page: what any page says, and that the machine woke up, the moment the system knows it. */
export function electronSignals(power: Power): PageSignals {
  return tell => {
    const stopPage = pageSignals(tell)
    const stopPower = power.onResume(() => tell('woke'))
    return () => {
      stopPage()
      stopPower()
    }
  }
}
