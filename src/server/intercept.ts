import { IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'

/**
 * Shows every request of an http server to `take` first, and to its listeners only when `take` answers `false`. A listener
 * could not do that: all of them are called, and an app answers what it does not know with 404. The result undoes it.
 */
export function intercept(
  server: Server | SecureServer,
  take: (request: IncomingMessage, response: ServerResponse) => boolean,
): () => void {
  const { emit } = server
  const owned = Object.hasOwn(server, 'emit')
  let over = false
  const intercepted = (event: string | symbol, ...args: readonly unknown[]): boolean => {
    const [request, response] = args
    if (!over && event === 'request' && request instanceof IncomingMessage && response instanceof ServerResponse) {
      if (take(request, response)) return true
    }
    return Reflect.apply(emit, server, [event, ...args]) === true
  }
  server.emit = intercepted
  return () => {
    over = true
    // Somebody else may have put himself before it meanwhile.
    if (server.emit !== intercepted) return
    if (owned) server.emit = emit
    else Reflect.deleteProperty(server, 'emit')
  }
}
