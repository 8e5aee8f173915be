// Plain TCP ends for the tests of the proxy: a server that keeps its connections, and a client that keeps what it heard.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Line {
  readonly socket: Socket
  /** Everything heard so far. */
  heard(): Buffer
  /** Resolves when so many bytes were heard. */
  hears(bytes: number): Promise<Buffer>
  /** Resolves with how it ended: a FIN, or the error code of the socket. */
  readonly ending: Promise<'fin' | string>
}

export function line(socket: Socket): Line {
  const chunks: Buffer[] = []
  let bytes = 0
  const waiting = new Set<() => void>()
  socket.on('data', chunk => {
    chunks.push(chunk)
    bytes += chunk.length
    for (const wake of waiting) wake()
  })
  const ending = new Promise<string>(resolve => {
    socket.once('end', () => resolve('fin'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once('close', () => resolve('close'))
  })
  const heard = (): Buffer => Buffer.concat(chunks)
  return {
    socket,
    heard,
    hears: wanted =>
      new Promise(resolve => {
        const wake = (): void => {
          if (bytes < wanted) return
          waiting.delete(wake)
          resolve(heard())
        }
        waiting.add(wake)
        wake()
      }),
    ending,
  }
}

export async function dial(port: number): Promise<Line> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const made = line(socket)
  await once(socket, 'connect')
  return made
}

export interface TcpServer {
  readonly port: number
  readonly lines: readonly Line[]
  /** Resolves with the next connection, or the oldest that nobody asked for yet. */
  next(): Promise<Line>
  connections(): Promise<number>
  close(): Promise<void>
}

export async function tcpServer(): Promise<TcpServer> {
  const lines: Line[] = []
  let taken = 0
  const waiting: (() => void)[] = []
  const server = createServer({ noDelay: true }, socket => {
    lines.push(line(socket))
    waiting.shift()?.()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.')
  return {
    port: address.port,
    lines,
    async next() {
      if (lines.length <= taken) await new Promise<void>(resolve => waiting.push(resolve))
      const one = lines[taken]
      taken += 1
      if (one === undefined) throw new Error('Expected a connection.')
      return one
    },
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    async close() {
      if (!server.listening) return
      for (const one of lines) one.socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Lets every loopback byte that is under way arrive: a few round trips past the proxy. */
export async function settle(server: TcpServer): Promise<void> {
  const near = await dial(server.port)
  const far = await server.next()
  for (let trip = 1; trip <= 10; trip += 1) {
    near.socket.write('.')
    await far.hears(trip)
    far.socket.write('.')
    await near.hears(trip)
  }
  near.socket.destroy()
  far.socket.destroy()
}
