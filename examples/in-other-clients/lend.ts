// Holdfast under a client that makes a new WebSocket for every connection: the client asks for one, Holdfast says when.
import { type DialContext, type Options, ResilientWebSocket } from 'holdfast'
import { LentSocket } from './lent-socket.ts'

/** The options of Holdfast, but for those that lending decides. */
export type LendOptions = Omit<Options, 'reconnect' | 'outbox' | 'startClosed'>

export interface Lender {
  /** What to give to the client as its WebSocket class: each instance is one connection. */
  readonly WebSocket: typeof WebSocket
  /** The socket behind the connection that was asked for last: its `status`, its `reconnect()`, its `close()`. */
  readonly socket: ResilientWebSocket
}

/** A socket of Holdfast, and who holds its connection. */
class Line {
  readonly socket: ResilientWebSocket
  #holder: LentSocket | undefined
  readonly #asked = new Set<(holder: LentSocket) => void>()

  constructor(options: LendOptions) {
    const socket = new ResilientWebSocket(
      async dial => (await this.#wanted(dial)).url,
      async dial => (await this.#wanted(dial)).protocols,
      // What a client said on one connection means nothing on the next: it says everything anew.
      { ...options, outbox: false, startClosed: true },
    )
    socket.onopen = () => this.#holder?.opened()
    socket.onmessage = event => this.#holder?.heard(event)
    socket.onclose = ({ code, reason, wasClean, willReconnect, disconnect }) => {
      const holder = this.#holder
      // Before the client hears of it, because it may ask for the next connection at once.
      this.#holder = undefined
      holder?.ended({ code, reason, wasClean, willReconnect, failed: disconnect.origin === 'browser-failed' })
    }
    this.socket = socket
  }

  /** Nobody holds its connection, or not for long any more. */
  get free(): boolean {
    return !this.#holder || this.#holder.left
  }

  /** Nothing is under way. */
  get still(): boolean {
    return this.socket.status.state === 'closed'
  }

  lend(holder: LentSocket): void {
    // A connection that is being closed is not waited for. Its holder hears of the close in here.
    if (this.#holder && this.socket.readyState !== LentSocket.CLOSED) this.socket.reconnect()
    this.#holder = holder
    this.socket.binaryType = holder.binaryType
    for (const tell of this.#asked) tell(holder)
    this.#asked.clear()
    // Not after a terminal close: then nothing is dialled until the app says `reconnect()`.
    const { cause } = this.socket.status
    if (this.still && (!cause || cause.origin === 'client')) this.socket.reconnect()
  }

  /** Who holds the connection that is about to be dialled. */
  async #wanted({ signal }: DialContext): Promise<LentSocket> {
    if (this.#holder) return this.#holder
    return new Promise(resolve => {
      this.#asked.add(resolve)
      // Nobody asked for it within the connect timeout: the client wants no other one.
      signal.addEventListener('abort', () => this.#asked.delete(resolve) && this.socket.close())
    })
  }
}

/**
 * A WebSocket class for clients that reconnect by making a new one. Let the client do that at once and for ever: each
 * stays CONNECTING until Holdfast has dialled, with its backoff, dial guard, close policy, heartbeat and credentials.
 *
 * A second one that is made while the first is open has a socket of its own, so that a client may move over without a gap.
 */
export function lend(options: LendOptions = {}): Lender {
  let line = new Line(options)
  let lines = [line]

  function take(holder: LentSocket): ResilientWebSocket {
    const free = lines.filter(each => each.free)
    line = free.find(each => !each.still) ?? free[0] ?? new Line(options)
    lines = [line, ...lines.filter(each => each !== line && !(each.free && each.still))]
    line.lend(holder)
    return line.socket
  }

  return {
    WebSocket: class extends LentSocket {
      constructor(url: string | URL, protocols: string | string[] = []) {
        super(url, protocols, take)
      }
    },
    get socket() {
      return line.socket
    },
  }
}
