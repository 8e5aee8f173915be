import { isServerFrame, type ServerFrame } from '../session/frames.ts'
import { AnswerDeadline } from './answer-deadline.ts'
import { broken, closeOf, type End, endOf, LAST_SENDS_MS, notOffered } from './http-end.ts'
import { linesOf } from './ndjson.ts'
import { type Frame, frameOf } from './session-frames.ts'
import type { DialRequest } from './transport.ts'

/** It answers every message when its handler is done, and a handler may take long. */
const SEND_ANSWER_MS = 30_000

/** What an upstream needs of its carrier. */
interface UpstreamHost {
  readonly clock: DialRequest['clock']
  /** What the server allows. */
  readonly limits: { readonly inFlight: number; readonly messageBytes: number }
  /** The first line of every request: who speaks. */
  hello(): string
  post(body: string, signal: AbortSignal): Promise<Response>
  /** The server answered. */
  answered(frame: ServerFrame, fields: Frame, text: string): void
  ended(end: End): void
}

interface Line {
  readonly text: string
  /** Of a message: it wants an answer. */
  readonly id: string | null
}

const encoder = new TextEncoder()

/** What a client says where the server only speaks: in order, one request at a time, and what comes up meanwhile goes with the next. */
export class Upstream {
  #waiting: Line[] = []
  /** UTF-8 bytes of what nobody has answered. */
  #bytes = 0
  #sending: Promise<void> | null = null
  /** Ends the request that is out. */
  #request: AbortController | null = null
  #over = false
  readonly #host: UpstreamHost

  constructor(host: UpstreamHost) {
    this.#host = host
  }

  get bytes(): number {
    return this.#bytes
  }

  push(text: string, id: string | null): void {
    if (this.#over) return
    this.#waiting.push({ text, id })
    this.#bytes += encoder.encode(text).length
    // What is sent in one go is one request.
    this.#sending ??= Promise.resolve().then(() => this.#run())
  }

  /** The app has closed: what it sent may still go out, for a moment. `undefined` when there is nothing. */
  end(): Promise<void> | undefined {
    const { clock } = this.#host
    const sending = this.#sending
    if (!sending) return undefined
    return new Promise(resolve => {
      const cancel = clock.schedule(clock.now() + LAST_SENDS_MS, () => {
        this.abort()
        resolve()
      })
      void sending.then(() => {
        cancel()
        resolve()
      })
    })
  }

  abort(): void {
    this.#over = true
    this.#waiting = []
    this.#request?.abort()
  }

  /** A message has to come again, and those behind it after it: the session sends them all anew. The server remembers nothing from one request to the next that would keep the order. */
  #takeBack(): void {
    for (const { id, text } of this.#waiting) if (id !== null) this.#bytes -= encoder.encode(text).length
    this.#waiting = this.#waiting.filter(({ id }) => id === null)
  }

  async #run(): Promise<void> {
    let end: End | null = null
    while (this.#waiting.length && !end) {
      const batch = this.#batch()
      end = await this.#exchange(batch)
      this.#bytes -= batch.reduce((sum, { text }) => sum + encoder.encode(text).length, 0)
    }
    this.#sending = null
    if (!end || this.#over) return
    this.abort()
    this.#host.ended(end)
  }

  /** As many as the server takes at once, and at least one. */
  #batch(): readonly Line[] {
    const { inFlight, messageBytes } = this.#host.limits
    let bytes = 0
    const over = this.#waiting.findIndex(({ text }, index) => {
      bytes += encoder.encode(text).length
      return index > 0 && (index >= inFlight || bytes > messageBytes)
    })
    return this.#waiting.splice(0, over < 0 ? this.#waiting.length : over)
  }

  async #exchange(batch: readonly Line[]): Promise<End | null> {
    const { clock } = this.#host
    const request = new AbortController()
    this.#request = request
    const deadline = new AnswerDeadline(clock, SEND_ANSWER_MS, () => request.abort())
    try {
      const body = [this.#host.hello(), ...batch.map(({ text }) => text), ''].join('\n')
      const response = await this.#host.post(body, request.signal)
      return await this.#answer(response, batch, () => deadline.heard())
    } catch (cause) {
      if (deadline.late) return broken(`no answer to a request within ${SEND_ANSWER_MS / 1_000} s`)
      return broken(cause instanceof RangeError ? 'an answer that is too big' : 'a request failed')
    } finally {
      deadline.end()
      request.abort()
    }
  }

  async #answer(response: Response, batch: readonly Line[], heard: () => void): Promise<End | null> {
    const open = new Set(batch.flatMap(({ id }) => (id === null ? [] : [id])))
    let frames = 0
    for await (const text of linesOf(response, heard)) {
      const fields = frameOf(text)
      const close = closeOf(fields)
      if (close) return close
      const frame: unknown = fields
      if (!fields || !isServerFrame(frame)) continue
      frames++
      if ('id' in frame && frame.id !== undefined) open.delete(frame.id)
      if (frame.t === 'err' && frame.id !== undefined && frame.retry !== 'never') this.#takeBack()
      this.#host.answered(frame, fields, text)
    }
    if (!response.ok) return endOf(response)
    if (!open.size) return null
    return frames ? broken('an answer without some of the messages') : notOffered('an answer without a frame')
  }
}
