import type { PageSignals } from 'holdfast'

/** What is used of `AppState` of react-native. */
export interface AppStateLike {
  readonly currentState: string
  addEventListener(type: 'change', handler: (state: string) => void): { remove(): void }
}

/** What is used of `@react-native-community/netinfo`. Its listeners are told the present state at once. */
export interface NetInfoLike {
  addEventListener(
    handler: (state: { readonly type: string; readonly isConnected: boolean | null }) => void,
  ): () => void
}

/** The signals of a React Native app: in the background it is about to be suspended, so nothing is dialled there. */
export function reactNativeSignals(appState: AppStateLike, netInfo: NetInfoLike): PageSignals {
  return tell => {
    // `inactive` is an incoming call or the app switcher: the app runs on.
    const look = (state: string): void => {
      if (state === 'background') tell('frozen')
      else if (state === 'active') tell('resumed')
    }
    if (appState.currentState === 'background') tell('frozen')
    const watching = appState.addEventListener('change', look)

    let online = true
    let network: string | undefined
    const stop = netInfo.addEventListener(({ type, isConnected }) => {
      // `null`: not known yet.
      const now = isConnected ?? online
      if (now !== online) tell(now ? 'online' : 'offline')
      online = now
      if (type === 'none' || type === 'unknown') return
      if (network !== undefined && type !== network) tell('network-changed')
      network = type
    })
    return () => {
      watching.remove()
      stop()
    }
  }
}
