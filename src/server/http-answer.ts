import type { ServerResponse } from 'node:http'
import { decodeBinary } from '../session/frames.ts'
import type { Clock } from './clock.ts'
import type { Outgoing } from './outgoing.ts'

/** When nobody knows better. */
const RETRY_AFTER_S = 5

/** What a close says as a status, for requests that have no status yet. */
export function statusOf(code: number): number {
  if (code >= 4_200 && code < 4_300) return 401
  if (code >= 4_300 && code < 4_400) return 429
  if (code >= 4_400 && code < 4_500) return 403
  return [1011, 1012, 1013].includes(code) ? 503 : 200
}

/** What a status needs beside it. */
export function headersOf(status: number, reason = ''): Readonly<Record<string, string>> {
  if (status === 401) return { 'WWW-Authenticate': 'Holdfast' }
  if (status === 405) return { Allow: 'POST, OPTIONS' }
  if (status !== 429 && status !== 503) return {}
  return { 'Retry-After': /after=(\d{1,6})\b/.exec(reason)?.[1] ?? `${RETRY_AFTER_S}` }
}

/** What a close frame is to a WebSocket. */
export function closeLine(code: number, reason: string): string {
  return JSON.stringify({ t: 'close', code, reason })
}

/** A frame on one line, bytes as base64. */
export function lineOf({ bytes, binary }: Outgoing): Buffer {
  let line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (binary) {
    const [header, data] = decodeBinary(new Uint8Array(bytes).buffer)
    line = Buffer.from(JSON.stringify({ ...Object(header), b64: Buffer.from(data).toString('base64') }))
  }
  // A log may hold JSON of others, with line breaks between its tokens, where they mean nothing.
  return line.includes(10) || line.includes(13) ? Buffer.from(line.toString().replace(/[\r\n]/g, ' ')) : line
}

/** Makes it once for each event, however many it is sent to. */
export function shared(made: (frame: Outgoing) => Buffer): (frame: Outgoing) => Buffer {
  const known = new WeakMap<Outgoing, Buffer>()
  return frame => {
    if (frame.t !== 'event') return made(frame)
    const bytes = known.get(frame) ?? made(frame)
    known.set(frame, bytes)
    return bytes
  }
}

/** What is said to one request, and when it is over. */
export class Answer {
  readonly #response: ServerResponse
  readonly #clock: Clock
  #over = false
  #undo: (() => void) | undefined
  /** Told once, when nothing is left of the request. */
  onOver: () => void = () => {}

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response
    this.#clock = clock
    // Whoever goes away in the middle is told of by `close`.
    response.on('error', () => {})
    response.on('close', () => {
      this.#over = true
      this.#undo?.()
      this.onOver()
    })
  }

  get begun(): boolean {
    return this.#response.headersSent
  }

  get buffered(): number {
    return this.#response.writableLength
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.begun) return
    const { complete, headers: asked } = this.#response.req
    // What was not read is not waited for.
    if (!complete && (asked['content-length'] ?? asked['transfer-encoding'] ?? '0') !== '0') {
      this.#response.setHeader('Connection', 'close')
    }
    this.#response.writeHead(status, headers)
  }

  /** Sends what was written, and the headers if nothing was. */
  flush(): void {
    this.#response.flushHeaders()
  }

  write(bytes: Uint8Array, written: () => void): void {
    if (this.#over || this.#response.writableEnded) return
    this.#response.write(bytes, () => written())
    // Node corks the socket until the next tick, and promises come before that: what a reader takes at once would count as waiting.
    this.#response.socket?.uncork()
  }

  /** The last of it; whoever does not take it within `ms` is cut off. */
  end(ms: number, last?: string | Uint8Array): void {
    if (this.#over || this.#response.writableEnded) return
    this.#response.end(last)
    this.#undo = this.#clock.schedule(this.#clock.now() + ms, () => this.#response.destroy())
  }
}
