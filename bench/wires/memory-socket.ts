import { WebSocket as Client } from 'ws'
import { MemoryConnection } from './memory-connection.ts'

/** The `ws` class, whole, on a connection in memory. */
export class MemorySocket extends Client {
  static latest: MemoryConnection | undefined

  constructor(url: string | URL, protocols?: string | string[]) {
    const connection = new MemoryConnection()
    super(url, protocols, { perMessageDeflate: false, createConnection: () => connection })
    MemorySocket.latest = connection
  }
}
