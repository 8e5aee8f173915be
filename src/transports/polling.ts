import { ResilientError, unexpected } from '../core/resilient-error.ts'
import { PROTOCOL } from '../session/frames.ts'
import { HttpCarrier } from './http-carrier.ts'
import { addressOf, checkHttpOptions, type HttpOptions, httpOf } from './http-request.ts'
import { ladder } from './ladder.ts'
import { Memory } from './memory.ts'
import type { SendFunction } from './plain-outlet.ts'
import { PlainPolling, type PollFunction } from './polling-plain.ts'
import { SessionPolling } from './polling-session.ts'
import { inSession, probeSession } from './probing.ts'
import type { Transport } from './transport.ts'

/** Soon enough for what a person looks at, and seldom enough for a server that was not made for it. */
const POLL_EVERY_MS = 5_000
/** A mistake must not become a flood. */
const POLL_LEAST_MS = 1_000
/** More than servers hold a long poll. */
const POLL_TIMEOUT_MS = 60_000

/** Options of {@link polling}. Those beside the options of all requests are for servers without the session protocol. */
export interface PollingOptions extends HttpOptions {
  /**
   * Asks your server for what is new: how is up to you. It throws the `Response` of an answer that is none, and its
   * status says what happens next; whatever else it throws is reported, and the connection has failed.
   *
   * @defaultValue none: without a session there is nothing to ask
   */
  readonly poll?: PollFunction
  /** From one poll to the next, in ms, from 1000; one that takes longer is followed at once. @defaultValue 5000 */
  readonly everyMs?: number
  /** How long `poll` may take, in ms. @defaultValue 60000 */
  readonly timeoutMs?: number
  /** Sends a message by a request of yours: in order, one at a time. One that rejects fails the connection. @defaultValue none: messages wait for a transport that can send */
  readonly send?: SendFunction
}

/**
 * Long polling, for the option `transports`: gets through where nothing else does. In a session the server holds a
 * question until it has news. Without one it asks by a function of yours, `poll`, every few seconds.
 *
 * @throws ResilientError `ERR_OPTION` for a wrong option.
 */
export function polling(options: PollingOptions = {}): Transport {
  checkHttpOptions('polling', options, { poll: 'function', everyMs: 'number', timeoutMs: 'number', send: 'function' })
  const { poll, everyMs = POLL_EVERY_MS, timeoutMs = POLL_TIMEOUT_MS, send } = options
  for (const [name, value] of Object.entries({ everyMs, timeoutMs })) {
    if (!(value >= POLL_LEAST_MS && value < Infinity)) {
      throw unexpected('ERR_OPTION', `polling.${name}`, `a number from ${POLL_LEAST_MS}`, value)
    }
  }
  const memories = new Memory<{ since: unknown }>(() => ({ since: undefined }))
  return {
    name: 'polling',
    ladder,
    dial(request) {
      if (inSession(request)) {
        const http = httpOf(options, request, 'include')
        return new HttpCarrier(request, http.url.href, near => {
          request.clock.schedule(request.clock.now(), () => near.opened(PROTOCOL))
          return new SessionPolling(near, http, request)
        })
      }
      if (!poll)
        throw new ResilientError('ERR_OPTION', 'Without a session `polling` needs `poll`: how your server is asked.')
      const dialled = addressOf(request.url)
      const { href } = addressOf(typeof options.url === 'function' ? options.url(dialled) : (options.url ?? dialled))
      return new HttpCarrier(request, href, near => {
        const memory = memories.of(request.socket, href)
        return new PlainPolling(near, href, request, { poll, everyMs, timeoutMs, send, memory })
      })
    },
    // What a poll of the app's does nobody knows: it is dialled, and that says it.
    probe: async (request, signal) =>
      !inSession(request) || probeSession(httpOf(options, request, 'include'), request, signal),
  }
}
