import { isSynthetic } from './synthetic.ts'

/** The next event of that type. The promise resolves inside the dispatch, so state can be read as listeners see it. */
export function next<K extends keyof WebSocketEventMap>(socket: WebSocket, type: K): Promise<WebSocketEventMap[K]> {
  return new Promise(resolve => socket.addEventListener(type, resolve as (event: Event) => void, { once: true }))
}

/** The next `count` messages' data, in order. */
export function messages(socket: WebSocket, count: number): Promise<unknown[]> {
  return new Promise(resolve => {
    const seen: unknown[] = []
    socket.addEventListener('message', event => {
      seen.push(event.data)
      if (seen.length === count) resolve(seen)
    })
  })
}

/** Resolves when open; rejects when the connection fails first, so that a test says so instead of timing out. */
export function opening(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(socket), { once: true })
    socket.addEventListener('close', event => reject(new Error(`closed with ${event.code} before it opened`)), {
      once: true,
    })
  })
}

/** Resolves when the handshake is over, whether it opened the connection or failed. */
export function decided(socket: WebSocket): Promise<void> {
  return new Promise(resolve => {
    const listener = (event: Event) => {
      if (!isSynthetic(event)) resolve()
    }
    socket.addEventListener('open', listener)
    socket.addEventListener('close', listener)
  })
}

const TYPES = ['open', 'message', 'error', 'close'] as const

/** The types of all events from now on, in order; grows while the test runs. */
export function journal(socket: WebSocket): string[] {
  const types: string[] = []
  for (const type of TYPES) socket.addEventListener(type, () => types.push(type))
  return types
}

/** What calling `act` came to: `'returns'`, or the name of what it threw. */
export function outcome(act: () => unknown): string {
  try {
    act()
    return 'returns'
  } catch (thrown) {
    return thrown instanceof Error || thrown instanceof DOMException ? thrown.name : String(thrown)
  }
}

/** What `act` throws. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (thrown) {
    return thrown
  }
  throw new Error('nothing was thrown')
}

/** The next task: everything queued as a microtask has run. */
export function nextTask(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve))
}
