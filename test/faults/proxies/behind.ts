// The two ends of a line with a real proxy between them: a server that echoes, and a client that remembers.
import { once } from 'node:events'
import type { TestContext } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  type Options,
  type ResilientCloseEvent,
  type ResilientError,
  ResilientWebSocket,
  type TransitionRecord,
} from '../../../src/index.ts'
import { explain } from '../../../src/observe/index.ts'

/** For what a test starts: it ends with the test, the newest first. Tests that run side by side each need their own. */
export function endsWith({ onTestFinished }: TestContext) {
  return async <T extends { close(): unknown }>(starting: T | Promise<T>): Promise<T> => {
    const started = await starting
    onTestFinished(async () => {
      await started.close()
    })
    return started
  }
}

export interface Behind {
  readonly port: number
  /** Connections accepted so far. */
  connections(): number
  close(): void
}

/** A server that says what it is told. */
export async function behind(): Promise<Behind> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address.')
  let connections = 0
  server.on('connection', socket => {
    connections += 1
    socket.on('error', () => {})
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }))
  })
  return {
    port: address.port,
    connections: () => connections,
    close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}

export interface Client {
  readonly socket: ResilientWebSocket
  readonly closes: readonly ResilientCloseEvent[]
  readonly heard: readonly unknown[]
  readonly problems: readonly ResilientError[]
  /** What a person on call reads. */
  readonly lines: readonly string[]
  /** When each dial began, in monotonic milliseconds. */
  readonly dials: readonly number[]
  /** When each end was decided about. */
  readonly ends: readonly number[]
  opens(): number
  close(): void
}

/** A Holdfast as it runs in Node. */
export function client(port: number, options: Options = {}): Client {
  const closes: ResilientCloseEvent[] = []
  const heard: unknown[] = []
  const problems: ResilientError[] = []
  const lines: string[] = []
  const dials: number[] = []
  const ends: number[] = []
  let opens = 0
  const watch = (record: TransitionRecord): void => {
    const line = explain(record)
    if (line !== null) lines.push(line)
    if (record.effects.some(({ type }) => type === 'dial')) dials.push(record.now)
    if (record.effects.some(({ type }) => type === 'disconnected')) ends.push(record.now)
  }
  const socket = new ResilientWebSocket(`ws://127.0.0.1:${port}/`, [], { WebSocket, watch, ...options })
  socket.addEventListener('open', () => {
    opens += 1
  })
  socket.addEventListener('close', event => closes.push(event))
  socket.addEventListener('message', ({ data }) => heard.push(data))
  socket.on('problem', problem => problems.push(problem))
  return { socket, closes, heard, problems, lines, dials, ends, opens: () => opens, close: () => socket.close() }
}
