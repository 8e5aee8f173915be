import type { Vite } from 'vitest/node'

/** What Vite and Vitest themselves open: the channel to the page under test, and the one that reloads it. */
const OWN_PATH = '/__vitest_browser_api__'
const OWN_PROTOCOL = /^vite-/

/**
 * Refuses every other WebSocket at the server of the page, where relative URLs lead. Vite leaves them hanging, and
 * Firefox takes no more than six such handshakes, given up or not: then the page cannot even talk to Vitest.
 */
export function deadEnd(): Vite.Plugin {
  return {
    name: 'dead-end',
    configureServer({ httpServer }) {
      httpServer?.on('upgrade', ({ url = '', headers }, socket) => {
        if (url.startsWith(OWN_PATH) || OWN_PROTOCOL.test(headers['sec-websocket-protocol'] ?? '')) return
        socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', () => socket.destroy())
      })
    },
  }
}
