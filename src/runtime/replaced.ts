import { ResilientError } from '../core/resilient-error.ts'
import type { Clock } from './clock.ts'
import type { Link } from './link.ts'

/** How long a connection that was replaced is still listened to, in ms: what was sent on it before the new one was there may have to be sent again by TCP, and a subscription takes its round trips. Closed at once it would hear nothing more [WHATWG WebSockets §4, a message has been received]. */
const OVERLAP_MS = 5_000

interface Host {
  readonly clock: Clock
  report(error: ResilientError): void
}

/** Connections that another one has taken over from. To the machine they are gone; their messages still count. */
export class Replaced {
  readonly #host: Host
  #links: readonly { readonly link: Link; readonly until: number }[] = []

  constructor(host: Host) {
    this.#host = host
  }

  /** When the oldest has had its time, monotonic ms. */
  get dueAt(): number {
    return this.#links[0]?.until ?? Infinity
  }

  get links(): readonly Link[] {
    return this.#links.map(({ link }) => link)
  }

  has(number: number): boolean {
    return this.#links.some(({ link }) => link.number === number)
  }

  add(link: Link): void {
    this.#links = [...this.#links, { link, until: this.#host.clock.now() + OVERLAP_MS }]
  }

  /** Ends those that have had their time by then. */
  end(now: number = Infinity): void {
    const over = this.#links.filter(({ until }) => until <= now)
    if (!over.length) return
    this.#links = this.#links.filter(each => !over.includes(each))
    for (const { link } of over) {
      link.end()
      try {
        link.carrier.close()
      } catch (cause) {
        this.#host.report(
          new ResilientError('ERR_SEND', 'The WebSocket class threw: that connection is given up.', cause),
        )
      }
    }
  }
}

/** One more, if there was one. */
export function replace(replaced: Replaced | undefined, link: Link | null, host: Host): Replaced | undefined {
  if (!link) return replaced
  const all = replaced ?? new Replaced(host)
  all.add(link)
  return all
}
