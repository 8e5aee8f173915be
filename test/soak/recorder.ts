// The last frames of a connection, to tell of one that is stuck: what its server sent, and which credit it was given.
import { WebSocket } from 'ws'
import type { WebSocketConstructor } from '../../src/transports/websocket.ts'

const MOST_FRAMES = 40
const MOST_LETTERS = 110

export interface Recorder {
  /** Dial with it. */
  readonly WebSocket: WebSocketConstructor
  /** Of the newest connections, oldest first. */
  frames(): readonly string[]
}

export function recorder(): Recorder {
  const kept: string[] = []
  let count = 0

  function note(number: number, way: string, what: unknown): void {
    const { length } = `${what}`
    const at = new Date().toISOString().slice(11, 23)
    kept.push(`${at} socket ${number} ${way} ${`${what}`.slice(0, MOST_LETTERS)}${length > MOST_LETTERS ? '…' : ''}`)
    if (kept.length > MOST_FRAMES) kept.shift()
  }

  class Recorded extends WebSocket {
    readonly #number = ++count

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.on('message', message => note(this.#number, '<', message))
      this.on('close', code => note(this.#number, 'closed', code))
    }

    override send(frame: Parameters<WebSocket['send']>[0]): void {
      note(this.#number, '>', frame)
      super.send(frame)
    }
  }

  return { WebSocket: Recorded, frames: () => kept }
}
