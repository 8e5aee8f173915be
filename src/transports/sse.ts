import { read, unexpected } from '../core/resilient-error.ts'
import { PROTOCOL } from '../session/frames.ts'
import type { StreamEvent } from './event-stream-parser.ts'
import { HttpCarrier } from './http-carrier.ts'
import { checkHttpOptions, type HttpOptions, httpOf } from './http-request.ts'
import { ladder } from './ladder.ts'
import { Memory } from './memory.ts'
import type { SendFunction } from './plain-outlet.ts'
import { inSession, probePlain, probeSession } from './probing.ts'
import { PlainStream } from './sse-plain.ts'
import { SessionStream } from './sse-session.ts'
import type { Transport } from './transport.ts'

/** Options of {@link sse}. Those beside the options of all requests are for servers without the session protocol. */
export interface SseOptions extends HttpOptions {
  /** Types of events that become messages. @defaultValue `['message']`: those that the stream gives no type */
  readonly events?: readonly string[]
  /** What `event.data` of a message is. One that throws fails the connection. @defaultValue the data of the event */
  readonly dataOf?: (event: StreamEvent) => unknown
  /** How long the server is silent at most, in ms, from 1000; its comments count. Beyond that the connection is dead. @defaultValue Infinity */
  readonly silentMs?: number
  /** Sends a message by a request of yours: in order, one at a time. One that rejects fails the connection. @defaultValue none: messages wait for a transport that can send */
  readonly send?: SendFunction
}

/**
 * Server-sent events, for the option `transports`. In a session the server says everything over one event stream, and is
 * told everything by POST. Without one it reads any event stream: it opens when the answer has begun, goes on behind the
 * last id when it is dialled again, and cannot send but by `send`.
 *
 * @throws ResilientError `ERR_OPTION` for a wrong option.
 */
export function sse(options: SseOptions = {}): Transport {
  checkHttpOptions('sse', options, { events: 'object', dataOf: 'function', silentMs: 'number', send: 'function' })
  const { events = ['message'], dataOf = ({ data }) => data, silentMs = Infinity, send } = options
  if (!Array.isArray(events) || !events.every(type => typeof type === 'string')) {
    throw unexpected('ERR_OPTION', 'sse.events', 'a list of names', read(options, 'events', 'sse.events'))
  }
  if (!(silentMs >= 1_000)) throw unexpected('ERR_OPTION', 'sse.silentMs', 'a number from 1000', silentMs)
  const memories = new Memory(() => ({ lastEventId: '' }))
  return {
    name: 'sse',
    ladder,
    dial(request) {
      const session = inSession(request)
      const http = httpOf(options, request, session ? 'include' : 'same-origin')
      const { href } = http.url
      return new HttpCarrier(request, href, near => {
        if (!session) {
          const memory = memories.of(request.socket, href)
          return new PlainStream(near, http, request, { events, dataOf, silentMs, send, memory })
        }
        request.clock.schedule(request.clock.now(), () => near.opened(PROTOCOL))
        return new SessionStream(near, http, request)
      })
    },
    async probe(request, signal) {
      const session = inSession(request)
      const http = httpOf(options, request, session ? 'include' : 'same-origin')
      return session ? probeSession(http, request, signal) : probePlain(http, request, signal)
    },
  }
}
