/**
 * Event streams, as they come: bytes in, events out [WHATWG HTML §9.2.6]. Nothing is kept but the line and the event
 * that are not complete yet, and both are bounded: a server that never ends one must not fill the memory.
 */

/** One event, dispatched by a blank line. */
export interface StreamEvent {
  /** `message` where the stream names none. */
  readonly type: string
  readonly data: string
  /** The last `id` so far, of this event or of one before. */
  readonly lastEventId: string
}

/** What is heard on a stream. */
export interface EventStreamListener {
  event(event: StreamEvent): void
  /** `retry`: how long to wait before the stream is asked for again, in ms. */
  retry?(ms: number): void
}

/** The most that is kept, in UTF-16 units. */
export interface EventStreamLimits {
  /** Of one line. @defaultValue 8388608 */
  readonly line?: number
  /** Of the data of one event. @defaultValue 8388608 */
  readonly event?: number
}

/** Eight times the greatest message that a server of ours takes by default. */
const EVENT_LETTERS = 8 * 1024 * 1024
/** An id, or the name of an event, is no document. */
const FIELD_LETTERS = 64 * 1024

const END = /\r\n|\n|\r/g

/** An event stream that is fed in pieces of any size. */
export class EventStreamParser {
  /** Ignores one BOM at the beginning, and puts U+FFFD for what is no UTF-8, as the standard wants. */
  readonly #decoder = new TextDecoder()
  readonly #listener: EventStreamListener
  readonly #line: number
  readonly #event: number
  /** The pieces of a line that is not complete. */
  #pieces: string[] = []
  #kept = 0
  /** The last piece ended with CR: an LF that follows belongs to it. */
  #afterCr = false
  #data: string[] = []
  #size = 0
  #type = ''
  #id: string
  #dispatchedId: string

  constructor(
    listener: EventStreamListener,
    { line = EVENT_LETTERS, event = EVENT_LETTERS }: EventStreamLimits = {},
    lastEventId = '',
  ) {
    this.#listener = listener
    this.#line = line
    this.#event = event
    this.#id = this.#dispatchedId = lastEventId
  }

  /** What to ask for again with: the id of the last event that was complete, or of one that has no data. */
  get lastEventId(): string {
    return this.#dispatchedId
  }

  /**
   * Takes the next bytes. What is incomplete when the stream ends is dropped with the parser.
   *
   * @throws RangeError when a line, a field or an event is greater than allowed: the stream is of no use any more.
   */
  feed(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes, { stream: true })
    if (!text) return
    if (this.#afterCr && text.startsWith('\n')) text = text.slice(1)
    this.#afterCr = text.endsWith('\r')
    let from = 0
    for (const { 0: end, index } of text.matchAll(END)) {
      this.#keep(text.slice(from, index))
      from = index + end.length
      const line = this.#pieces.length === 1 ? (this.#pieces[0] ?? '') : this.#pieces.join('')
      this.#pieces = []
      this.#kept = 0
      this.#take(line)
    }
    if (from < text.length) this.#keep(text.slice(from))
  }

  #keep(piece: string): void {
    this.#kept += piece.length
    if (this.#kept > this.#line)
      throw new RangeError(`A line of the event stream has more than ${this.#line} characters.`)
    this.#pieces.push(piece)
  }

  #take(line: string): void {
    if (!line) {
      this.#dispatch()
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') this.#add(value)
    else if (name === 'event') this.#type = this.#short(name, value)
    else if (name === 'id' && !value.includes('\0')) this.#id = this.#short(name, value)
    else if (name === 'retry' && /^\d+$/.test(value)) this.#listener.retry?.(Number(value))
  }

  #add(value: string): void {
    this.#size += value.length + 1
    if (this.#size > this.#event + 1) {
      throw new RangeError(`An event of the stream has more than ${this.#event} characters of data.`)
    }
    this.#data.push(value)
  }

  #short(name: string, value: string): string {
    if (value.length <= FIELD_LETTERS) return value
    throw new RangeError(`A field \`${name}\` of the event stream has more than ${FIELD_LETTERS} characters.`)
  }

  #dispatch(): void {
    const type = this.#type || 'message'
    const data = this.#data
    this.#type = ''
    this.#data = []
    this.#size = 0
    this.#dispatchedId = this.#id
    if (data.length) this.#listener.event({ type, data: data.join('\n'), lastEventId: this.#id })
  }
}
