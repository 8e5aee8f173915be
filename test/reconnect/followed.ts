import { afterEach } from 'vitest'
import type { ResilientCloseEvent } from '../../src/client/events.ts'
import { type Options, ResilientWebSocket } from '../../src/index.ts'
import { forgetHeld, type Place } from '../contract/server.ts'

/** A socket, and what an app hears of it: `open`, `message a`, `error`, `close 1006, retries`, `close 1006, ends`. */
export interface Followed {
  readonly socket: ResilientWebSocket
  readonly lines: readonly string[]
  readonly closes: readonly ResilientCloseEvent[]
  /** Resolves when the line has been heard so many times. */
  heard(line: string, times?: number): Promise<void>
}

const SOON = () => 20

const sockets = new Set<ResilientWebSocket>()

/** After each test: nothing goes on dialling, and nothing is held. */
export function cleanUp(): void {
  afterEach(async () => {
    for (const socket of sockets) socket.close()
    sockets.clear()
    await forgetHeld()
  })
}

/** Dials a place with a backoff of 20 ms, unless told otherwise. */
export function follow({ url }: Pick<Place, 'url'>, options: Options = {}): Followed {
  const socket = new ResilientWebSocket(url, [], { backoff: SOON, ...options })
  sockets.add(socket)
  const lines: string[] = []
  const closes: ResilientCloseEvent[] = []
  const waiting = new Set<() => void>()
  const hear = (line: string) => {
    lines.push(line)
    for (const look of waiting) look()
  }
  socket.addEventListener('open', () => hear('open'))
  socket.addEventListener('message', ({ data }) => hear(`message ${data}`))
  socket.addEventListener('error', () => hear('error'))
  socket.addEventListener('close', event => {
    closes.push(event)
    hear(`close ${event.code}, ${event.willReconnect ? 'retries' : 'ends'}`)
  })
  return {
    socket,
    lines,
    closes,
    heard: (wanted, times = 1) =>
      new Promise(resolve => {
        const look = () => {
          if (lines.filter(line => line === wanted).length < times) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

/** Long enough for a dial with the backoff above to reach the server, if there was one. */
export function aWhile(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 400))
}
