import { type Answer, closeLine, headersOf, lineOf, shared, statusOf } from './http-answer.ts'
import type { Outgoing } from './outgoing.ts'

/** An answer that is not taken by then is given up. */
const ANSWER_MS = 30_000

const NDJSON = {
  'Content-Type': 'application/x-ndjson; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const

const END = Buffer.from('\n')
const bytesOf = shared(frame => Buffer.concat([lineOf(frame), END]))

/** An answer of lines. They are held, because how it ends is its status; beyond `most` bytes they go, and it is 200. */
export class HeldLines {
  readonly #answer: Answer
  readonly #most: number
  #lines: Buffer[] = []
  #bytes = 0

  constructor(answer: Answer, most: number) {
    this.#answer = answer
    this.#most = most
  }

  get buffered(): number {
    return this.#bytes + this.#answer.buffered
  }

  /** How many bytes that was. */
  add(frame: Outgoing, written: () => void): number {
    const line = bytesOf(frame)
    this.#lines.push(line)
    this.#bytes += line.length
    if (this.#bytes > this.#most && !this.#answer.begun) this.#answer.begin(200, NDJSON)
    if (this.#answer.begun) this.#answer.write(this.#taken(), written)
    return line.length
  }

  /** Ends with a close, which the status says too. */
  close(code: number, reason: string): void {
    this.#lines.push(Buffer.from(`${closeLine(code, reason)}\n`))
    const status = statusOf(code)
    this.#end(status, headersOf(status, reason))
  }

  finish(): void {
    this.#end(200, {})
  }

  /** Ends without a word. */
  finishEmpty(): void {
    this.#answer.begin(204, { 'Cache-Control': 'no-store' })
    this.#answer.end(ANSWER_MS)
  }

  #end(status: number, headers: Readonly<Record<string, string>>): void {
    const last = this.#taken()
    if (!this.#answer.begun) this.#answer.begin(status, { ...NDJSON, ...headers, 'Content-Length': `${last.length}` })
    this.#answer.end(ANSWER_MS, last)
  }

  #taken(): Buffer {
    const taken = Buffer.concat(this.#lines)
    this.#lines = []
    this.#bytes = 0
    return taken
  }
}
