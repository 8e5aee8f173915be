import { afterEach } from 'vitest'
import type { Expectations } from './expected.ts'
import type { Implementation, Realms, WebSocketClass } from './implementation.ts'
import type { Place } from './server.ts'
import { decided, journal, opening } from './waiting.ts'

type Destination = Pick<Place, 'url'> & Partial<Pick<Place, 'held'>>

/** Ways to get a socket; each is closed after the test. */
export interface Dialling {
  /** `new Class(...args)`, or the same with a subclass. */
  construct(args: readonly unknown[], Subclass?: WebSocketClass): WebSocket
  /** A socket on its way to a place. */
  dial(place: Destination, protocols?: string | string[]): WebSocket
  /** A socket that has opened there. */
  opened(place: Destination, protocols?: string | string[]): Promise<WebSocket>
}

/** What a chapter gets to test: an implementation without its name. */
export interface Subject extends Dialling, Realms, Pick<Implementation, 'Class'>, Omit<Expectations, 'unused'> {
  /** The platform's own class, for the few things that engines do in different ways. */
  readonly platform: Dialling
  /** The events of the socket's first connection, up to and including its `close`. */
  firstLife(socket: WebSocket): () => readonly string[]
}

function diallingWith(make: Implementation['construct'], patienceMs?: number): Dialling {
  const sockets = new Set<WebSocket>()
  const decisions = new Set<Promise<void>>()

  afterEach(async () => {
    const [pending, closing] = [[...decisions], [...sockets]]
    decisions.clear()
    sockets.clear()
    // Chromium slows a page down whose dials keep failing, and counts a dial that is given up as a failure.
    await Promise.all(pending)
    for (const socket of closing) socket.close()
  }, patienceMs)

  function construct(args: readonly unknown[], Subclass?: WebSocketClass): WebSocket {
    const socket = make(args, Subclass)
    sockets.add(socket)
    return socket
  }

  function dial({ url, held }: Destination, protocols?: string | string[]): WebSocket {
    const socket = construct(protocols === undefined ? [url] : [url, protocols])
    if (!held) decisions.add(decided(socket))
    return socket
  }

  return { construct, dial, opened: (place, protocols) => opening(dial(place, protocols)) }
}

export function subjectOf(
  implementation: Implementation,
  realms: Realms,
  { expected, inThisEngine }: Omit<Expectations, 'unused'>,
): Subject {
  return {
    ...realms,
    ...diallingWith(implementation.construct, implementation.patienceMs),
    platform: diallingWith(args => Reflect.construct(WebSocket, args)),
    Class: implementation.Class,
    expected,
    inThisEngine,
    firstLife(socket) {
      const types = journal(socket)
      return () => {
        const end = types.indexOf('close')
        const mayGoOn = expected('events after a connection is lost', 'none') === 'may follow'
        return mayGoOn && end >= 0 ? types.slice(0, end + 1) : types
      }
    },
  }
}
