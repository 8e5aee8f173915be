// A server with a proxy before it, fresh for every test.
import { afterEach, beforeEach } from 'vitest'
import { type FaultProxy, type FaultProxyOptions, faultProxy } from './fault-proxy.ts'
import { dial, type Line, type TcpServer, tcpServer } from './tcp.ts'

interface Ends {
  readonly server: TcpServer
  readonly proxy: FaultProxy
}

export interface Proxied {
  /** A connection through the proxy: its client's end and its server's. */
  through(): Promise<{ readonly near: Line; readonly far: Line }>
  /** Puts another proxy in the place of this one. */
  restart(options: Partial<FaultProxyOptions>): Promise<void>
}

/** Registers the hooks; `use` is told the server and the proxy of each test. */
export function proxied(use: (ends: Ends) => void): Proxied {
  let ends: Ends

  beforeEach(async () => {
    const server = await tcpServer()
    ends = { server, proxy: await faultProxy({ targetPort: server.port }) }
    use(ends)
  })

  afterEach(async () => {
    await ends.proxy.close()
    await ends.server.close()
  })

  return {
    async through() {
      const near = await dial(ends.proxy.port)
      return { near, far: await ends.server.next() }
    },
    async restart(options) {
      await ends.proxy.close()
      ends = { ...ends, proxy: await faultProxy({ targetPort: ends.server.port, ...options }) }
      use(ends)
    },
  }
}
