/** The status fits what subscribes to stores, and its states can be told apart to the last. */
import { ResilientWebSocket, type State, type Status } from '../../src/index.ts'

// The shape of React's useSyncExternalStore.
type Store = <T>(subscribe: (changed: () => void) => () => void, snapshot: () => T) => T
declare const store: Store

const socket = new ResilientWebSocket('wss://feed.example')
const status: Status = store(
  changed => socket.on('status', changed),
  () => socket.status,
)

function words(state: State): string {
  switch (state) {
    case 'connecting':
    case 'open':
    case 'reconnecting':
    case 'auth-refresh':
    case 'degraded':
    case 'closed':
      return state
    default:
      return state satisfies never
  }
}

const { nextRetryAt, cause, queued, lastMessageAt } = status
export const line: string = `${words(status.state)} ${nextRetryAt} ${cause?.code} ${queued.bytes} ${lastMessageAt}`
export const ready: Promise<void> = socket.ready()
