import type { ResilientWebSocket } from '../../src/index.ts'

/** A leak as a library may have it, planted into every tenth life, so that whoever looks for leaks must see it. */
export type Planted = 'none' | 'a listener at the page' | 'a listener at a signal' | 'a list' | 'a timer'

/** One life in so many leaks. */
const RARITY = 10
const FAR_AWAY_MS = 1_000_000

/** What leaks each time it is called, or as good as that. */
export function leak(planted: Planted, signal: AbortSignal): (socket: ResilientWebSocket) => void {
  const list: ResilientWebSocket[] = []
  let lives = 0
  const leaks: Readonly<Record<Planted, (socket: ResilientWebSocket) => void>> = {
    none: () => {},
    'a listener at the page': socket => addEventListener('online', () => socket.retryNow()),
    'a listener at a signal': socket => signal.addEventListener('abort', () => socket.close()),
    'a list': socket => list.push(socket),
    'a timer': socket => setTimeout(() => socket.close(), FAR_AWAY_MS),
  }
  return socket => {
    if (lives++ % RARITY === 0) leaks[planted](socket)
  }
}
