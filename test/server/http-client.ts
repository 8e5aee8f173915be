/** A client that speaks the session protocol over HTTP by hand, with fetch. */
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ServerRecord, SessionServerOptions } from '../../src/server/index.ts'
import { type Frame, hello, type Served, served } from './raw-client.ts'

/** What was answered. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** The lines of the body, where they are JSON. */
  readonly frames: readonly Frame[]
  readonly text: string
}

export interface RawStream {
  readonly status: number
  readonly headers: Headers
  readonly frames: readonly Frame[]
  /** Comments and frames, as they came. */
  readonly order: readonly string[]
  next(fields: Frame): Promise<Frame>
  /** The end of the body, with the last frame of it. */
  readonly ended: Promise<Frame | undefined>
  /** The page goes away. */
  abort(): void
}

export interface HttpServed extends Served {
  readonly base: string
  readonly records: readonly ServerRecord[]
  post(path: string, body: string, more?: RequestInit): Promise<Answered>
  poll(fields?: object, more?: RequestInit): Promise<Answered>
  send(fields: object, ...lines: readonly (object | string)[]): Promise<Answered>
  stream(fields?: object, more?: RequestInit): Promise<RawStream>
  /** Waits until a line of the metrics is there. */
  counts(line: string): Promise<void>
  /** A request by hand, on a socket that is never read unless somebody resumes it. */
  bare(head: readonly string[], body?: string): Promise<Socket>
}

function has(frame: Frame, fields: Frame): boolean {
  return Object.entries(fields).every(([name, value]) => JSON.stringify(frame[name]) === JSON.stringify(value))
}

function parsed(text: string): readonly Frame[] {
  try {
    return text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
  } catch {
    return []
  }
}

async function streamed(response: Response, abort: () => void): Promise<RawStream> {
  const frames: Frame[] = []
  const order: string[] = []
  const taken = new Set<Frame>()
  let wake = (): void => {}
  let over = false
  const take = (block: string): void => {
    order.push(block)
    if (!block.startsWith('data: ')) return
    if (block.includes('\n')) throw new Error(`Expected one line of data, got ${block}`)
    frames.push(JSON.parse(block.slice('data: '.length)))
    wake()
  }
  const ended = (async () => {
    let text = ''
    const decoder = new TextDecoder()
    try {
      const reader = response.body?.getReader()
      for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
        text += decoder.decode(read.value, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) take(block)
      }
    } catch {
      // Aborted, or cut.
    }
    over = true
    wake()
    return frames.at(-1)
  })()
  return {
    status: response.status,
    headers: response.headers,
    frames,
    order,
    ended,
    abort,
    async next(fields) {
      for (;;) {
        const found = frames.find(frame => !taken.has(frame) && has(frame, fields))
        if (found) {
          taken.add(found)
          return found
        }
        if (over) throw new Error(`Ended before ${JSON.stringify(fields)}: ${JSON.stringify(frames)}`)
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    },
  }
}

/** A server at `/live` on a free port of the loopback, until the test is over. */
export async function httpServed(options: SessionServerOptions = {}): Promise<HttpServed> {
  const records: ServerRecord[] = []
  const server = await served({ path: '/live', onLog: record => records.push(record), ...options })
  const { port, live } = server
  const base = `http://127.0.0.1:${port}/live`
  const aborts: AbortController[] = []
  onTestFinished(async () => {
    for (const controller of aborts) controller.abort()
    await server[Symbol.asyncDispose]()
    server.http.closeAllConnections()
  })
  const request = async (path: string, body: string, more: RequestInit = {}): Promise<[Response, () => void]> => {
    const controller = new AbortController()
    aborts.push(controller)
    const response = await fetch(`${base}${path}`, { method: 'POST', body, signal: controller.signal, ...more })
    return [response, () => controller.abort()]
  }
  const post: HttpServed['post'] = async (path, body, more) => {
    const [response] = await request(path, body, more)
    const text = await response.text()
    return { status: response.status, headers: response.headers, frames: parsed(text), text }
  }
  return {
    ...server,
    base,
    records,
    post,
    poll: (fields, more) => post('/poll', JSON.stringify({ waitMs: 0, ...hello(fields) }), more),
    send: (fields, ...lines) =>
      post(
        '/send',
        [hello(fields), ...lines].map(line => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
      ),
    async stream(fields, more) {
      return streamed(...(await request('/stream', JSON.stringify(hello(fields)), more)))
    },
    async counts(line) {
      for (let n = 0; n < 500; n++) {
        if (live.metrics().split('\n').includes(line)) return
        await new Promise(resolve => setTimeout(resolve, 5))
      }
      throw new Error(`Expected ${line} in:\n${live.metrics().replace(/^#.*\n/gm, '')}`)
    },
    async bare(head, body = '') {
      const socket = connect(port, '127.0.0.1')
      onTestFinished(() => {
        socket.destroy()
      })
      socket.on('error', () => {})
      socket.pause()
      socket.write(`${[...head, 'Host: x'].join('\r\n')}\r\n\r\n${body}`)
      return socket
    },
  }
}

/** Everything that a bare socket is told until it is closed. */
export function allOf(socket: Socket): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    socket.on('data', chunk => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.resume()
  })
}

export const typesOf = (frames: readonly Frame[]): readonly unknown[] => frames.map(({ t }) => t)
