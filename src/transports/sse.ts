import { HttpCarrier } from './http-carrier.ts'
import { checkHttpOptions, type HttpOptions, httpOf } from './http-request.ts'
import { probeSession } from './probing.ts'
import { SessionStream } from './sse-session.ts'
import type { Transport } from './transport.ts'

/** Options of {@link sse}. */
export interface SseOptions extends HttpOptions {}

/**
 * Server-sent events, for the option `transports`. In a session the server says everything over one event stream, and is
 * told everything by POST.
 *
 * @throws ResilientError `ERR_OPTION` for a wrong option.
 */
export function sse(options: SseOptions = {}): Transport {
  checkHttpOptions('sse', options, {})
  return {
    name: 'sse',
    dial(request) {
      const http = httpOf(options, request, 'include')
      return new HttpCarrier(request, http.url.href, near => {
        const { clock } = request
        clock.schedule(clock.now(), () => near.opened('holdfast.v1'))
        return new SessionStream(near, http, request)
      })
    },
    probe: async (request, signal) => probeSession(httpOf(options, request, 'include'), request, signal),
  }
}
