import { HttpCarrier } from './http-carrier.ts'
import { checkHttpOptions, type HttpOptions, httpOf } from './http-request.ts'
import { SessionPolling } from './polling-session.ts'
import { probeSession } from './probing.ts'
import type { Transport } from './transport.ts'

/** Options of {@link polling}. */
export interface PollingOptions extends HttpOptions {}

/**
 * Long polling, for the option `transports`: gets through where nothing else does. In a session the server holds a
 * question until it has news.
 *
 * @throws ResilientError `ERR_OPTION` for a wrong option.
 */
export function polling(options: PollingOptions = {}): Transport {
  checkHttpOptions('polling', options, {})
  return {
    name: 'polling',
    dial(request) {
      const http = httpOf(options, request, 'include')
      return new HttpCarrier(request, http.url.href, near => {
        const { clock } = request
        clock.schedule(clock.now(), () => near.opened('holdfast.v1'))
        return new SessionPolling(near, http, request)
      })
    },
    probe: async (request, signal) => probeSession(httpOf(options, request, 'include'), request, signal),
  }
}
