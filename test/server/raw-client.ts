/** A client that speaks `holdfast.v1` by hand, frame by frame: it believes nothing and waits for what it names. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import type { SessionServer, SessionServerOptions } from '../../src/server/index.ts'
import { sessionServer } from '../../src/server/index.ts'
import { decodeBinary } from '../../src/session/frames.ts'

export type Frame = Readonly<Record<string, unknown>>

export interface RawClient {
  readonly socket: WebSocket
  /** All frames so far, those of binary messages with their bytes as `bytes`. */
  readonly frames: readonly Frame[]
  send(frame: object): void
  /** The next frame that has these fields, among those that nobody took yet; the ones before it are left. */
  next(fields: Frame): Promise<Frame>
  /** How it ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

function has(frame: Frame, fields: Frame): boolean {
  return Object.entries(fields).every(([name, value]) => JSON.stringify(frame[name]) === JSON.stringify(value))
}

function parsed(message: Buffer, binary: boolean): Frame {
  if (!binary) return JSON.parse(message.toString())
  const [header, bytes] = decodeBinary(new Uint8Array(message).buffer)
  return { ...Object(header), bytes }
}

/** Dials; resolves when the WebSocket is open. */
export async function rawClient(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawClient> {
  const socket = new WebSocket(url, ['holdfast.v1'], { headers })
  const frames: Frame[] = []
  const taken = new Set<Frame>()
  let wake = (): void => {}
  socket.on('message', (message, binary) => {
    if (!Buffer.isBuffer(message)) throw new Error('Expected a Buffer.')
    frames.push(parsed(message, binary))
    wake()
  })
  const closed = new Promise<{ code: number; reason: string }>(resolve => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() })
      wake()
    })
  })
  await once(socket, 'open')
  return {
    socket,
    frames,
    closed,
    send: frame => socket.send(JSON.stringify(frame)),
    async next(fields) {
      for (;;) {
        const found = frames.find(frame => !taken.has(frame) && has(frame, fields))
        if (found) {
          taken.add(found)
          return found
        }
        if (socket.readyState === WebSocket.CLOSED) {
          const { code, reason } = await closed
          throw new Error(`Closed with ${code} "${reason}" before ${JSON.stringify(fields)}: ${JSON.stringify(frames)}`)
        }
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    },
  }
}

export const hello = (more: object = {}): object => ({
  t: 'hello',
  v: 1,
  client: 'c1',
  conn: 'conn-1',
  topics: [],
  ...more,
})

export interface Served {
  readonly live: SessionServer
  readonly http: Server
  readonly port: number
  readonly url: string
  /** Dials, says hello, and waits for the welcome. */
  greeted(more?: object, headers?: Readonly<Record<string, string>>): Promise<RawClient>
  dial(headers?: Readonly<Record<string, string>>): Promise<RawClient>
  [Symbol.asyncDispose](): Promise<void>
}

/** A server on a free port of the loopback. */
export async function served(options: SessionServerOptions = {}): Promise<Served> {
  const http = createServer()
  const live = sessionServer({ server: http, onLog: () => {}, ...options })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  const { port } = address as AddressInfo
  const url = `ws://127.0.0.1:${port}${options.path ?? '/'}`
  const clients: RawClient[] = []
  const dial = async (headers?: Readonly<Record<string, string>>): Promise<RawClient> => {
    const client = await rawClient(url, headers)
    clients.push(client)
    return client
  }
  return {
    live,
    http,
    port,
    url,
    dial,
    async greeted(more, headers) {
      const client = await dial(headers)
      client.send(hello(more))
      await client.next({ t: 'welcome' })
      return client
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of clients) socket.terminate()
      await live.close()
      http.close()
    },
  }
}
