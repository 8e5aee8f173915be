/** Events carry what Holdfast adds to them, and what the platform has. */
import {
  type Discard,
  type Disconnect,
  type LifecycleEvents,
  type ResilientCloseEvent,
  type ResilientError,
  type ResilientOpenEvent,
  ResilientWebSocket,
  type Status,
  type TransitionRecord,
} from '../../src/index.ts'

const socket = new ResilientWebSocket('wss://feed.example')

socket.addEventListener('open', ({ reconnected, attempt }) => [reconnected satisfies boolean, attempt satisfies number])
socket.addEventListener('close', event => {
  event.willReconnect satisfies boolean
  event.retryInMs satisfies number | null
  event.disconnect satisfies Disconnect
  event.code satisfies number
  event satisfies CloseEvent
})
socket.addEventListener('message', ({ data, origin }) => [data, origin])
socket.addEventListener('error', event => event.type)
socket.addEventListener('close', ({ code }: CloseEvent) => code, { once: true })
socket.addEventListener('anything', event => event satisfies Event)
socket.addEventListener('close', { handleEvent: event => event satisfies Event })
socket.removeEventListener('open', ({ attempt }: ResilientOpenEvent) => attempt)

const off: () => void = socket.on('status', status => status satisfies Status)
socket.on('transition', record => record satisfies TransitionRecord)
socket.on('discard', ({ messages, bytes, why }) => [messages + bytes, reasonOf(why)])
socket.on('problem', problem => problem satisfies ResilientError)
socket.on('handover', ({ connection }) => connection satisfies number)

const names: readonly (keyof LifecycleEvents)[] = ['status', 'transition', 'handover', 'discard', 'problem']

function reasonOf(why: Discard['why']): string {
  switch (why) {
    case 'closed':
    case 'overflow':
    case 'expired':
    case 'identity':
    case 'volatile':
      return why
    default:
      return why satisfies never
  }
}

function describe(event: ResilientCloseEvent): string {
  const { next } = event.disconnect
  if (next.type === 'stop') return next.by satisfies 'app' | 'policy' | 'attempts' | 'unauthorized' | 'signed-out'
  return next.type === 'retry' ? `${next.inMs} ${next.by}` : next.type
}

export { describe, names, off }
