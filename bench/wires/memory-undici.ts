import { Client, WebSocket } from 'undici'
import { MemoryConnection } from './memory-connection.ts'

/** The WebSocket of undici, which is also the global one of Node 22, on a connection in memory. */
export class MemoryUndici extends WebSocket {
  static latest: MemoryConnection | undefined

  constructor(url: string | URL, protocols: string | string[] = []) {
    const connection = new MemoryConnection()
    const dispatcher = new Client(new URL(url).origin.replace(/^ws/, 'http'), {
      // In a later task, as every connection comes.
      connect: (_, connected) => setImmediate(() => Reflect.apply(connected, undefined, [null, connection])),
    })
    super(url, { protocols: [protocols].flat(), dispatcher })
    MemoryUndici.latest = connection
  }
}
