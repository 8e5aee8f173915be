// The server of the tests: mock-socket's, with the few words of ours.
import { type Client, Server } from 'mock-socket'

export interface PriceServer {
  /** The first message of every connection, in order: what it authenticated with. */
  readonly greetings: readonly string[]
  publish(text: string): void
  /** Closes every connection with this code, and goes on listening. */
  closeAll(code: number, reason: string): void
  /** Closes every connection with this code, and listens no more: dials are refused until somebody listens again. */
  stop(code: number, reason: string): void
}

export function priceServer(url: string): PriceServer {
  // `mock: false`: the test puts the class in place of the global one, and vitest takes it away again.
  const server = new Server(url, { mock: false })
  const clients = new Set<Client>()
  const greetings: string[] = []
  server.on('connection', client => {
    let greeted = false
    clients.add(client)
    client.on('close', () => clients.delete(client))
    client.on('message', message => {
      if (!greeted) greetings.push(String(message))
      greeted = true
    })
  })
  return {
    greetings,
    publish: text => server.emit('message', text),
    closeAll(code, reason) {
      for (const client of clients) client.close({ code, reason, wasClean: true })
    },
    stop: (code, reason) => server.close({ code, reason, wasClean: true }),
  }
}
